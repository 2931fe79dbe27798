//! What the user wrote as a source, turned into an ordered list of inputs (S11).

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::{Component, Path, PathBuf};

use restock_schema::near_names;

use super::error::{SourceError, display, missing};
use super::glob::Glob;

/// The most files one import reads.
pub(crate) const MAX_FILES: usize = 100_000;

/// One input: a file or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// `-`
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// The name that messages and reports use.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => display(path),
        }
    }

    /// Bytes on disk, if known: what a progress bar counts up to.
    pub(crate) fn len(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|m| m.len()),
        }
    }
}

/// The inputs that `sources` name, in the order given; within a folder or glob by path bytes.
///
/// A source is `-` (standard input), a file, a folder (its files, not those of folders in it), or a glob of `*`, `?`
/// and `[..]` if no file of that literal name exists. In folders and globs, names that begin with `.` or `_` are
/// skipped.
///
/// # Errors
/// A source that names no input, a folder that cannot be read, more than [`MAX_FILES`] inputs, `-` given twice.
pub(crate) fn resolve<S: AsRef<Path>>(sources: &[S]) -> Result<Vec<Input>, SourceError> {
    resolve_limited(sources, MAX_FILES)
}

fn resolve_limited<S: AsRef<Path>>(sources: &[S], limit: usize) -> Result<Vec<Input>, SourceError> {
    let mut inputs = Vec::new();
    for source in sources {
        let source = source.as_ref();
        let room = limit - inputs.len();
        if source == Path::new("-") {
            if inputs.contains(&Input::Stdin) {
                return Err(SourceError::NotFound("-: standard input can be read only once".to_owned()));
            }
            inputs.push(Input::Stdin);
        } else {
            inputs.extend(paths(source, limit, room)?.into_iter().map(Input::File));
        }
        if inputs.len() > limit {
            return Err(SourceError::TooManyFiles { pattern: display(source), limit });
        }
    }
    Ok(inputs)
}

fn paths(source: &Path, limit: usize, room: usize) -> Result<Vec<PathBuf>, SourceError> {
    match fs::metadata(source) {
        Ok(metadata) if metadata.is_dir() => folder(source, limit, room),
        Ok(metadata) if metadata.file_type().is_socket() => {
            Err(SourceError::format(&display(source), "this is a socket, which cannot be read"))
        }
        Ok(_) => Ok(vec![source.to_owned()]),
        Err(error) => match source.to_str() {
            Some(text) if text.starts_with("s3://") => Err(SourceError::NotFound(format!(
                "{text}: this build reads no s3:// sources: copy the files to a folder first"
            ))),
            Some(pattern) if pattern.contains(['*', '?', '[']) => expand(pattern, limit, room),
            _ if source.is_symlink() && error.kind() == ErrorKind::NotFound => Err(dangling(source)),
            _ if error.kind() == ErrorKind::NotFound => Err(missing(source, &near_files(source))),
            _ => Err(SourceError::io(&display(source), error)),
        },
    }
}

fn folder(path: &Path, limit: usize, room: usize) -> Result<Vec<PathBuf>, SourceError> {
    let fail = |error| SourceError::io(&display(path), error);
    let mut found = Collected::new(display(path), limit, room);
    for entry in fs::read_dir(path).map_err(fail)? {
        found.offer(entry.map_err(fail)?.path(), path)?;
    }
    found.finish(|| "the folder holds no file to import (folders in it are not read)".to_owned())
}

fn expand(pattern: &str, limit: usize, room: usize) -> Result<Vec<PathBuf>, SourceError> {
    let name = display(Path::new(pattern));
    let glob = Glob::new(pattern)
        .map_err(|error| SourceError::NotFound(format!("{name}: not a valid glob: {error}")))?;
    let mut found = Collected::new(name, limit, room);
    glob.walk(&mut |path| found.offer(path, glob.folder()))?;
    found.finish(|| "no file matches".to_owned())
}

/// A link whose target is not there: what it stood for would be missing without a word.
fn dangling(path: &Path) -> SourceError {
    SourceError::NotFound(format!("{}: a link that leads nowhere: mend it, or take it away", display(path)))
}

/// Files offered by a folder or a glob.
struct Collected {
    pattern: String,
    limit: usize,
    room: usize,
    files: Vec<PathBuf>,
    hidden: usize,
}

impl Collected {
    fn new(pattern: String, limit: usize, room: usize) -> Self {
        Self { pattern, limit, room, files: Vec::new(), hidden: 0 }
    }

    fn offer(&mut self, path: PathBuf, base: &Path) -> Result<(), SourceError> {
        // `metadata` follows links, as opening the file will.
        let metadata = fs::metadata(&path);
        if metadata.as_ref().is_ok_and(fs::Metadata::is_dir) {
            return Ok(());
        }
        if is_hidden(path.strip_prefix(base).unwrap_or(&path)) {
            self.hidden += 1;
            return Ok(());
        }
        match metadata {
            Ok(metadata) if metadata.is_file() => {}
            // Nobody may ever write to a pipe that was found by chance.
            Ok(_) => {
                let detail = "no file but a pipe, socket or device: of folders and globs only files are read; take it \
                              away, or name a pipe as a source of its own";
                return Err(SourceError::format(&display(&path), detail));
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(SourceError::io(&display(&path), error));
            }
            Err(_) if path.is_symlink() => return Err(dangling(&path)),
            // It was taken away meanwhile.
            Err(_) => return Ok(()),
        }
        self.files.push(path);
        if self.files.len() > self.room {
            return Err(SourceError::TooManyFiles { pattern: self.pattern.clone(), limit: self.limit });
        }
        Ok(())
    }

    fn finish(mut self, none: impl FnOnce() -> String) -> Result<Vec<PathBuf>, SourceError> {
        if self.files.is_empty() {
            let skipped = match self.hidden {
                0 => String::new(),
                n => format!("; {n} skipped because a name in the path begins with `.` or `_`"),
            };
            return Err(SourceError::NotFound(format!("{}: {}{skipped}", self.pattern, none())));
        }
        self.files.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
        // Two `**` in a glob find some files in more than one way.
        self.files.dedup();
        Ok(self.files)
    }
}

fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| match part {
        Component::Normal(name) => matches!(name.as_encoded_bytes().first(), Some(b'.' | b'_')),
        _ => false,
    })
}

/// Files of the same folder whose names are near the one that does not exist.
fn near_files(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let (Some(name), Ok(entries)) = (path.file_name().and_then(|name| name.to_str()), fs::read_dir(folder))
    else {
        return Vec::new();
    };
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).take(MAX_FILES).collect();
    names.sort_unstable();
    near_names(name, names.iter().map(String::as_str))
        .into_iter()
        .map(|near| path.with_file_name(near))
        .collect()
}

#[cfg(test)]
mod tests;
