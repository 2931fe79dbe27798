//! What happened to a store: the last commits.

use restock_schema::DatasetName;
use serde::{Deserialize, Serialize};

use super::ImportMode;

/// Commits kept in the history.
pub(crate) const HISTORY_KEPT: usize = 1000;

/// A commit as the history tells it. Flushes and compactions are not told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// The version it made.
    pub version: u64,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub time_ms: u64,
    /// What it did.
    pub what: CommitKind,
    /// The dataset; none if it touched several (delete-users).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<DatasetName>,
    /// The dataset's number: a dropped dataset's name may come again.
    #[serde(default)]
    pub dataset_id: u32,
    /// The group of a delete-users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The label of an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The dataset's rows after it; for delete-users the rows of all datasets it touched.
    pub rows: RowCounts,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CommitKind {
    /// A dataset was made.
    Create,
    /// A FULL import.
    ImportFull,
    /// An INCREMENTAL import.
    ImportIncremental,
    /// Users and what they did were deleted.
    DeleteUsers,
    /// An import was taken back.
    Undo,
    /// The schema was changed.
    Alter,
    /// A dataset was dropped.
    Drop,
}

impl From<ImportMode> for CommitKind {
    fn from(mode: ImportMode) -> CommitKind {
        match mode {
            ImportMode::Full => CommitKind::ImportFull,
            ImportMode::Incremental => CommitKind::ImportIncremental,
        }
    }
}

/// Live rows of a dataset by origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows that came by import.
    pub bulk: u64,
    /// Rows that were put.
    pub individual: u64,
    /// Rows of the merged view: a record ID once.
    pub merged: u64,
}

/// The version of the undo that took back the import of version `import`, if one did.
///
/// An undo takes back the last import that was not yet, so what is behind `import` tells, however much before it
/// is no longer in the history.
pub(crate) fn undone_by(history: &[Commit], dataset_id: u32, import: u64) -> Option<u64> {
    let mut standing = Vec::new();
    for commit in history.iter().filter(|commit| commit.dataset_id == dataset_id) {
        match commit.what {
            CommitKind::ImportFull | CommitKind::ImportIncremental => standing.push(commit.version),
            CommitKind::Undo if standing.pop() == Some(import) => return Some(commit.version),
            _ => {}
        }
    }
    None
}
