//! Globs, walked folder by folder.
//!
//! `**` does not follow links to folders, which may lead in a circle. Names that are not UTF-8 match as they are shown:
//! a file must not be left out for its name.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use ::glob::{MatchOptions, Pattern, PatternError};

use super::error::{SourceError, display};

/// A path with wildcards.
#[derive(Debug)]
pub(super) struct Glob {
    /// The folders before the first wildcard: their names are the user's own and are never skipped.
    folder: PathBuf,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Literal(PathBuf),
    Wild(Pattern),
    /// `**`: this folder and all below it.
    Deep,
}

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

type Offer<'a> = dyn FnMut(PathBuf) -> Result<(), SourceError> + 'a;

impl Glob {
    pub(super) fn new(pattern: &str) -> Result<Self, PatternError> {
        let mut folder = PathBuf::new();
        let mut parts = Vec::new();
        for component in Path::new(pattern).components() {
            let text = component.as_os_str().to_string_lossy();
            let wild = matches!(component, Component::Normal(_)) && text.contains(['*', '?', '[']);
            match (wild, parts.last()) {
                (false, None) => folder.push(component),
                (false, _) => parts.push(Part::Literal(PathBuf::from(component.as_os_str()))),
                (true, Some(Part::Deep)) if text == "**" => {}
                (true, _) if text == "**" => parts.push(Part::Deep),
                (true, _) => parts.push(Part::Wild(Pattern::new(&text)?)),
            }
        }
        Ok(Self { folder, parts })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Offers every path that matches, in no order.
    pub(super) fn walk(&self, offer: &mut Offer<'_>) -> Result<(), SourceError> {
        walk(&self.folder, &self.parts, offer)
    }
}

fn walk(folder: &Path, parts: &[Part], offer: &mut Offer<'_>) -> Result<(), SourceError> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    let mut matched = |path: PathBuf| match rest {
        [] => offer(path),
        rest if path.is_dir() => walk(&path, rest, offer),
        _ => Ok(()),
    };
    match part {
        Part::Literal(name) => {
            let path = folder.join(name);
            if path.symlink_metadata().is_ok() { matched(path) } else { Ok(()) }
        }
        Part::Wild(pattern) => {
            each(
                folder,
                |path, name| {
                    if pattern.matches_with(name, OPTIONS) { matched(path) } else { Ok(()) }
                },
            )
        }
        Part::Deep => {
            walk(folder, rest, offer)?;
            each(folder, |path, _| {
                let is_folder = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
                if is_folder { walk(&path, parts, offer) } else { Ok(()) }
            })
        }
    }
}

/// What a folder holds: paths, and names as they are shown.
fn each(
    folder: &Path,
    mut visit: impl FnMut(PathBuf, &str) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let failed = |error| SourceError::io(&display(here), error);
    let entries = match fs::read_dir(here) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        visit(folder.join(&name), &name.to_string_lossy())?;
    }
    Ok(())
}
