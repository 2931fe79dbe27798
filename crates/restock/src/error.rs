//! What can go wrong, by what the caller can do about it.

use std::io;

use restock_csv::RecordError;
use restock_schema::SchemaError;

use crate::import::ImportReport;
use crate::record::InvalidRecord;
use crate::source::{SourceError, display};

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed. The message is complete: what happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store: its files, its lock, its rules (S1 to S10).
    #[error(transparent)]
    Store(#[from] restock_store::Error),
    /// A schema or a name.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A source that cannot be found or read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A record that cannot be put.
    #[error(transparent)]
    Record(#[from] InvalidRecord),
    /// Lines of a put that do not hold records of the dataset; nothing was put.
    #[error("{message}")]
    Rejected {
        /// How many, and the first.
        message: String,
        /// The first errors.
        errors: Vec<RecordError>,
        /// All of them.
        error_count: u64,
    },
    /// An import that failed after it began to read; nothing was changed (S6).
    #[error(transparent)]
    Import(Box<ImportFailure>),
    /// A file of the caller's that cannot be written or read.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The request itself is at fault; the message says what it should be.
    #[error("{0}")]
    Refused(String),
}

/// An import that failed.
#[derive(Debug)]
pub struct ImportFailure {
    /// Why: the whole message.
    pub message: String,
    /// What was read until then, with the first errors; nothing of it was stored.
    pub report: ImportReport,
    /// The error that ended it, if it was not the number of rejected rows.
    pub cause: Option<Error>,
}

impl std::fmt::Display for ImportFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ImportFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

impl Error {
    pub(crate) fn file(path: &std::path::Path, source: io::Error) -> Error {
        Error::File { file: display(path), source }
    }

    /// Whether the caller cancelled the operation.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Error::Store(restock_store::Error::Cancelled) | Error::Source(SourceError::Cancelled) => true,
            Error::Import(failure) => failure.cause.as_ref().is_some_and(Error::is_cancelled),
            _ => false,
        }
    }
}
