//! Files that are written beside an import: rejects and reports.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::source::{Input, display, resolve};

/// A file to be written beside an import. What it held stays until the first byte is written, or until it is flushed
/// without one.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    file: File,
    /// Whether this made it.
    made: bool,
    begun: bool,
}

impl OutputFile {
    /// Opens a file for writing, unless that would destroy what is to be imported.
    ///
    /// # Errors
    /// It is one of the sources, under this or another name; it lies in a folder given as a source, which a later
    /// import would read it from; or it cannot be written.
    pub fn open<S: AsRef<Path>>(path: impl AsRef<Path>, sources: &[S]) -> Result<OutputFile> {
        let path = path.as_ref().to_owned();
        keep_apart(&path, sources)?;
        let created = OpenOptions::new().write(true).create_new(true).open(&path);
        let made = created.is_ok();
        let opened = match created {
            // Not emptied yet: an import that fails before it reads leaves an older file alone.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                OpenOptions::new().write(true).create(true).truncate(false).open(&path)
            }
            opened => opened,
        };
        let file = opened.map_err(|error| Error::file(&path, error))?;
        Ok(OutputFile { path, file, made, begun: false })
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.begun {
            // Pipes and devices have no length to take away.
            if self.file.metadata()?.is_file() {
                self.file.set_len(0)?;
            }
            self.begun = true;
        }
        Ok(())
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begin()?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.begin()?;
        self.file.flush()
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if self.made && !self.begun {
            // An empty file that nobody asked for harms nobody if it stays.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Refuses an output that is a source, or lies in a folder of them.
fn keep_apart<S: AsRef<Path>>(path: &Path, sources: &[S]) -> Result<()> {
    let existing = fs::metadata(path).ok().filter(Metadata::is_file);
    for source in sources {
        let source = source.as_ref();
        if let Ok(folder) = source.canonicalize()
            && folder.is_dir()
            && folders(path).any(|of_output| of_output == folder)
        {
            return Err(Error::Refused(format!(
                "{}: lies in {}, a folder to import from: write it elsewhere",
                display(path),
                display(source)
            )));
        }
        let Some(existing) = &existing else { continue };
        // A source that cannot be resolved is an error of the import; here it is no file that could be lost.
        let inputs = resolve(&[source]).unwrap_or_default();
        if let Some(same) = inputs.iter().find(|input| is_same(input, existing)) {
            return Err(Error::Refused(format!(
                "{}: is a file to import from ({}): write elsewhere",
                display(path),
                same.name()
            )));
        }
    }
    Ok(())
}

/// The folder that a file lies in by its name, and that of what the name leads to.
fn folders(path: &Path) -> impl Iterator<Item = PathBuf> {
    let by_name = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.canonicalize().ok(),
        _ => Path::new(".").canonicalize().ok(),
    };
    let led_to = path.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
    by_name.into_iter().chain(led_to)
}

/// Whether an input is this file, by whatever name.
fn is_same(input: &Input, file: &Metadata) -> bool {
    let of_input = match input {
        Input::Stdin => {
            io::stdin().as_fd().try_clone_to_owned().and_then(|stdin| File::from(stdin).metadata())
        }
        Input::File(path) => fs::metadata(path),
    };
    of_input.is_ok_and(|of_input| (of_input.dev(), of_input.ino()) == (file.dev(), file.ino()))
}

#[cfg(test)]
mod tests;
