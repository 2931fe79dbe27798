//! The manifest: the whole committed state of a store, one small JSON file replaced by rename.

mod file;
mod history;

use restock_schema::{DatasetName, DatasetType, Domain, LimitSet, Schema};
use serde::{Deserialize, Serialize};

#[cfg(feature = "fuzzing")]
pub(crate) use file::fuzzing;
pub(crate) use file::{FORMAT, prepare, publish, read, read_version, write};
pub use history::{Commit, CommitKind, RowCounts};
pub(crate) use history::{HISTORY_KEPT, undone_by};

use crate::segment::SegmentMeta;
use crate::vectors::{VectorFileMeta, VectorRef};

/// How many imports of a dataset can be taken back unless the store says otherwise (S10).
pub(crate) const UNDO_DEPTH: u32 = 1;

/// The committed state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Features a reader must know; an unknown one is refused by name.
    #[serde(default)]
    pub features: Vec<String>,
    /// The number of this commit.
    pub version: u64,
    /// The number of the next segment.
    pub next_segment: u64,
    /// The number of the next dataset.
    pub next_dataset: u32,
    /// How many imports of a dataset are kept for undo.
    pub undo_depth: u32,
    /// The record log, if one was begun: frames before `start` are in segments.
    pub log: Option<LogMeta>,
    /// The files of deletion vectors that the datasets name.
    pub vectors: Vec<VectorFileMeta>,
    /// The datasets, by name.
    pub datasets: Vec<DatasetMeta>,
    /// The last commits, oldest first.
    pub history: Vec<Commit>,
}

/// The record log in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogMeta {
    /// Names the file.
    pub first_version: u64,
    /// Byte offset of the first frame that is not in segments.
    pub start: u64,
}

/// A dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DatasetMeta {
    /// Never given twice in a store; log frames and history name datasets by it.
    pub id: u32,
    pub name: DatasetName,
    #[serde(rename = "type")]
    pub dataset_type: DatasetType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    pub limits: LimitSet,
    pub schema: Schema,
    pub bulk: GenerationMeta,
    /// What undo goes back to, the latest last.
    pub kept: Vec<GenerationMeta>,
    pub individual: Vec<LiveMeta>,
}

/// The bulk rows after an import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct GenerationMeta {
    /// Whether a FULL has succeeded (S3).
    pub loaded: bool,
    /// The import that made it what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_import: Option<LastImport>,
    /// Its segments, in row order.
    pub segments: Vec<LiveMeta>,
}

/// A segment in use, with its vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LiveMeta {
    pub segment: SegmentMeta,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead: Option<VectorRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadowed: Option<VectorRef>,
}

/// The last import of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastImport {
    /// The version it was committed as.
    pub version: u64,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub time_ms: u64,
    /// How.
    pub mode: ImportMode,
    /// The caller's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// What a bulk import does to the bulk rows that are there (S1, S2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ImportMode {
    /// Replaces all of them.
    #[default]
    Full,
    /// Replaces those whose record ID comes again and keeps the others.
    Incremental,
}

impl std::fmt::Display for ImportMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ImportMode::Full => "FULL",
            ImportMode::Incremental => "INCREMENTAL",
        })
    }
}

impl Manifest {
    /// The state of a new store.
    pub fn new() -> Manifest {
        Manifest {
            features: Vec::new(),
            version: 1,
            next_segment: 1,
            next_dataset: 1,
            undo_depth: UNDO_DEPTH,
            log: None,
            vectors: Vec::new(),
            datasets: Vec::new(),
            history: Vec::new(),
        }
    }
}
