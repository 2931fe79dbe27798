//! What can go wrong in a store, by what the caller can do about it.

use std::io;

use restock_schema::{NamesThere, SchemaError};

/// The result of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a store operation failed. The message is complete: it says what happened, where, and what to do.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused a file operation. The store is as it was.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was being done, with the file's name.
        action: String,
        /// The system's own error.
        source: io::Error,
    },
    /// There is not enough room on the disk. The store is as it was.
    #[error("the disk is full: {detail}; nothing was changed, free some space and try again")]
    DiskFull {
        /// What was being written.
        detail: String,
    },
    /// A file of the store does not hold what was written to it.
    #[error("{file} is damaged{}: {detail}; restore the store from a copy, or run `restock verify` to see everything that is damaged", at(*offset))]
    Damaged {
        /// The file's path inside the store.
        file: String,
        /// Byte offset in the file, where known.
        offset: Option<u64>,
        /// What does not fit.
        detail: String,
    },
    /// The store was written by a newer Restock.
    #[error("{file} has {found}, and this Restock reads {supported}; open the store with a newer Restock")]
    NewerFormat {
        /// The file's path inside the store.
        file: String,
        /// What was found: a format version or the name of a feature or encoding.
        found: String,
        /// What this version reads.
        supported: String,
    },
    /// The path holds no store.
    #[error("{path} is not a Restock store: {detail}")]
    NotAStore {
        /// The path that was opened.
        path: String,
        /// What is missing.
        detail: String,
    },
    /// A store was to be made where something is already.
    #[error("{path} {detail}; choose a folder that does not exist yet or is empty")]
    NotEmpty {
        /// The path that was given.
        path: String,
        /// What is there.
        detail: String,
    },
    /// Another writer has the store open.
    #[error(
        "{path} is open for writing by {holder}; a store has one writer at a time, while any number of processes may read it"
    )]
    Locked {
        /// The store's path.
        path: String,
        /// Who holds the lock, as its LOCK file says (`pid 4711`).
        holder: String,
    },
    /// The handle was opened for reading only.
    #[error("the store was opened read-only; open it for writing to {action}")]
    ReadOnly {
        /// What was asked for.
        action: &'static str,
    },
    /// A write or sync of the log, the manifest or a directory failed earlier: what is on disk is uncertain.
    #[error("the store refuses writes since an earlier one failed ({detail}); close it and open it again")]
    Poisoned {
        /// The failure.
        detail: String,
    },
    /// No dataset has that name.
    #[error("no dataset is called `{name}`; {}", what_there_is(there))]
    NoDataset {
        /// The name asked for.
        name: String,
        /// The names like it, or the first of those that there are.
        there: NamesThere,
    },
    /// The schema does not fit the dataset type, or the change to it is not allowed.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// INCREMENTAL before any successful FULL (S3).
    #[error(
        "`{dataset}` has no bulk data yet: its first import must be FULL; run it with mode FULL first (a FULL that failed does not count)"
    )]
    FullFirst {
        /// The dataset.
        dataset: String,
    },
    /// A FULL that read no row, without leave to empty the dataset (S1).
    #[error(
        "the FULL import of `{dataset}` read no row and would remove its {rows} bulk rows; allow an empty import explicitly (`--allow-empty`) if that is meant"
    )]
    EmptyFull {
        /// The dataset.
        dataset: String,
        /// The live bulk rows it has.
        rows: u64,
    },
    /// An import with this label was committed before.
    #[error("an import labelled `{label}` was already done: version {version}{}", undone_by(*undone))]
    LabelDone {
        /// The label.
        label: String,
        /// The version of that commit.
        version: u64,
        /// The version of the undo that took it back, if one did.
        undone: Option<u64>,
    },
    /// There is no import to take back, or it is no longer kept (S10).
    #[error("{0}")]
    NothingToUndo(String),
    /// The request itself is at fault; the message says what it should be.
    #[error("{0}")]
    Refused(String),
    /// The caller cancelled the operation. The store is as it was.
    #[error("cancelled; nothing was changed")]
    Cancelled,
}

fn undone_by(undone: Option<u64>) -> String {
    let text = |version| {
        format!(
            "; it was taken back since, by the undo of version {version}: use another label to import again"
        )
    };
    undone.map(text).unwrap_or_default()
}

fn at(offset: Option<u64>) -> String {
    offset.map(|o| format!(" at byte {o}")).unwrap_or_default()
}

fn what_there_is(there: &NamesThere) -> String {
    if there.listed().is_empty() {
        return "the store has no dataset yet (`restock create` makes one)".into();
    }
    format!("there is {there}")
}

impl Error {
    /// An I/O error with what was being done.
    pub(crate) fn io(action: impl Into<String>, source: io::Error) -> Error {
        let action = action.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Error::DiskFull { detail: format!("cannot {action} ({source})") }
            }
            _ => Error::Io { action, source },
        }
    }

    /// A damaged file.
    pub(crate) fn damaged(file: &str, offset: Option<u64>, detail: impl Into<String>) -> Error {
        Error::Damaged { file: file.to_owned(), offset, detail: detail.into() }
    }
}
