//! Whether a file is still what it was when it was opened.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;

use super::error::SourceError;

/// An open file, and its length and time of change from then. One that another replaces by a rename stays as it was.
#[derive(Debug)]
pub(super) struct Original {
    file: File,
    metadata: Metadata,
}

impl Original {
    /// None of what is no file: a pipe has no length.
    pub(super) fn of(file: &File) -> io::Result<Option<Self>> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        Ok(Some(Self { file: file.try_clone()?, metadata }))
    }

    /// Another handle of the same file, and of the same place in it.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { file: self.file()?, metadata: self.metadata.clone() })
    }

    /// To be asked after the last byte was read: half a file must not pass for a whole one.
    ///
    /// # Errors
    /// [`SourceError::Changed`].
    pub(super) fn check(&self, name: &str) -> Result<(), SourceError> {
        let now = self.file.metadata().map_err(|error| SourceError::io(name, error))?;
        let changed = |detail| Err(SourceError::Changed { file: name.to_owned(), detail });
        let (before, after) = (self.metadata.len(), now.len());
        if before != after {
            return changed(format!("it had {before} bytes and has {after}"));
        }
        let time = |of: &Metadata| (of.mtime(), of.mtime_nsec());
        if time(&self.metadata) != time(&now) {
            return changed("it was written to".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
