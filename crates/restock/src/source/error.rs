//! What can go wrong between a source and its rows.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use restock_csv::CsvError;
use restock_csv::values::shown;

/// A source could not be read to its end.
///
/// Errors of single values are not here: they are [`RecordError`](restock_csv::RecordError)s in the report. Every
/// message names the source and says what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A path, glob or folder that names no input.
    #[error("{0}")]
    NotFound(String),
    /// More inputs than one import takes.
    #[error("{pattern}: more than {limit} files (limit `files`): import them in several parts")]
    TooManyFiles {
        /// The source as it was given.
        pattern: String,
        /// The limit that was passed.
        limit: usize,
    },
    /// The operating system refused to open, list or read something.
    #[error("{file}: {error}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the operating system said.
        error: Arc<io::Error>,
    },
    /// A compressed stream that is cut or garbled: what follows is lost, so the job fails (S12).
    #[error(
        "{file}: the {codec} data is cut or damaged after {byte} decompressed bytes ({detail}): restore the file and \
         run the import again"
    )]
    Compression {
        /// The file.
        file: String,
        /// `gzip` or `zstd`.
        codec: &'static str,
        /// Decompressed bytes that were read before the damage.
        byte: u64,
        /// What the decoder said.
        detail: String,
    },
    /// Another program wrote to the file or cut it meanwhile: what was read is neither its old content nor its new one.
    #[error("{file}: it changed while it was read ({detail}): run the import again when nobody writes to it")]
    Changed {
        /// The file.
        file: String,
        /// What changed.
        detail: String,
    },
    /// The file is of a kind that is not read, or not of the kind its name says.
    #[error("{file}: {detail}")]
    Format {
        /// The file.
        file: String,
        /// What it is and what to do.
        detail: String,
    },
    /// The file's columns do not fit the schema.
    #[error("{file}: {detail}")]
    Columns {
        /// The file.
        file: String,
        /// Every column that does not fit, and why.
        detail: String,
    },
    /// A limit was passed or the boundary of records is lost at a place in the file (S12).
    #[error("{file}: line {line}, byte {byte}: {detail}")]
    Record {
        /// The file.
        file: String,
        /// Physical line, counted from 1.
        line: u64,
        /// Offset in the decompressed bytes.
        byte: u64,
        /// What is wrong and what to do.
        detail: String,
    },
    /// A Parquet or Arrow file that its reader refuses.
    #[error("{file}: {detail}")]
    Damaged {
        /// The file.
        file: String,
        /// What the reader said.
        detail: String,
    },
    /// The CSV reader lost the record boundary, or does not find the schema's columns.
    #[error("{0}")]
    Csv(Arc<CsvError>),
    /// The caller asked to stop.
    #[error("cancelled: nothing was changed")]
    Cancelled,
}

impl SourceError {
    /// An [`io::Error`] met while reading `file`, or the `SourceError` that a stream of ours wrapped in it.
    pub(crate) fn from_io(file: &str, error: io::Error) -> Self {
        match error.downcast::<SourceError>() {
            Ok(inner) => inner,
            Err(error) => Self::io(file, error),
        }
    }

    pub(crate) fn io(file: &str, error: io::Error) -> Self {
        Self::Io { file: file.to_owned(), error: Arc::new(error) }
    }

    pub(crate) fn format(file: &str, detail: impl Into<String>) -> Self {
        Self::Format { file: file.to_owned(), detail: detail.into() }
    }

    pub(crate) fn damaged(file: &str, detail: impl Into<String>) -> Self {
        Self::Damaged { file: file.to_owned(), detail: detail.into() }
    }
}

/// An error of the CSV reader, or the `SourceError` of the stream below it.
impl From<CsvError> for SourceError {
    fn from(error: CsvError) -> Self {
        let below = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<io::Error>());
        match below.and_then(|error| error.get_ref()?.downcast_ref::<Self>()) {
            Some(below) => below.clone(),
            None => Self::Csv(Arc::new(error)),
        }
    }
}

/// So that a stream can hand a whole `SourceError` through a reader that knows only [`io::Error`].
impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        io::Error::other(error)
    }
}

/// The most characters of a path that are shown.
const PATH_CHARS: usize = 1_024;

/// The name of a path in messages and reports: control characters and what is not UTF-8 are escaped, so that no name
/// can change what a terminal shows around it.
pub(crate) fn display(path: &std::path::Path) -> String {
    shown(path.as_os_str().as_encoded_bytes(), PATH_CHARS)
}

/// The error of a path that does not exist.
pub(crate) fn missing(path: &std::path::Path, near: &[PathBuf]) -> SourceError {
    let mut message = format!("{}: no such file or folder", display(path));
    if !near.is_empty() {
        let names: Vec<String> = near.iter().map(|path| display(path)).collect();
        message.push_str(&format!("; near names: {}", names.join(", ")));
    }
    SourceError::NotFound(message)
}
