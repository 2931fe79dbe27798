//! What an import tells: while it runs, and at its end.

use std::collections::BTreeMap;

use restock_csv::RecordError;
use restock_schema::DatasetName;
use restock_store::ImportMode;
use serde::Serialize;

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read of the sources, as they lie on disk.
    pub bytes: u64,
    /// Bytes of all sources, where that is known.
    pub bytes_total: Option<u64>,
    /// Rows read.
    pub rows: u64,
    /// Errors met.
    pub errors: u64,
}

/// What an import did, or would do.
///
/// `rows_read` = `accepted` + `rejected`; `accepted` = `replaced` + `appended` + `superseded`. Individual rows count
/// in none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportReport {
    /// The dataset.
    pub dataset: DatasetName,
    /// FULL or INCREMENTAL.
    pub mode: ImportMode,
    /// The version it made; the current one if nothing was changed.
    pub version: u64,
    /// Rows the sources held.
    pub rows_read: u64,
    /// Rows that fit the schema.
    pub accepted: u64,
    /// Rows that did not (S12).
    pub rejected: u64,
    /// Rows whose record ID came again later in the import (S5).
    pub superseded: u64,
    /// INCREMENTAL: record IDs that had a live bulk row.
    pub replaced: u64,
    /// The other rows stored.
    pub appended: u64,
    /// FULL: live bulk rows that were there before.
    pub removed: u64,
    /// FULL, with record ID: IDs among these that did not come again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<u64>,
    /// Live bulk rows afterwards.
    pub bulk_rows: u64,
    /// Decompressed bytes read.
    pub bytes: u64,
    /// Files read.
    pub files: u64,
    /// Columns of the sources that the schema does not name.
    pub ignored_columns: Vec<String>,
    /// What is worth a look though it is no error.
    pub notes: Vec<String>,
    /// How long it took.
    pub seconds: f64,
    /// Where the time went, in seconds: `read`, which is waiting for the threads that read and parse, `write` into the
    /// segment, `commit` with the index of record IDs and the syncs.
    pub phases: BTreeMap<String, f64>,
    /// What those threads did meanwhile, in seconds of all of them together: `split` (read, decompress, cut into
    /// chunks), `tokenise`, `convert` (values to columns), `encode` (columns to the segment's).
    pub work: BTreeMap<String, f64>,
    /// Whether it did everything but the commit.
    pub dry_run: bool,
    /// The first errors, in the order of the sources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<RecordError>,
    /// All errors.
    pub error_count: u64,
}

impl ImportReport {
    pub(super) fn new(dataset: DatasetName, mode: ImportMode, version: u64, dry_run: bool) -> ImportReport {
        ImportReport {
            dataset,
            mode,
            version,
            rows_read: 0,
            accepted: 0,
            rejected: 0,
            superseded: 0,
            replaced: 0,
            appended: 0,
            removed: 0,
            gone: None,
            bulk_rows: 0,
            bytes: 0,
            files: 0,
            ignored_columns: Vec::new(),
            notes: Vec::new(),
            seconds: 0.0,
            phases: BTreeMap::new(),
            work: BTreeMap::new(),
            dry_run,
            errors: Vec::new(),
            error_count: 0,
        }
    }
}
