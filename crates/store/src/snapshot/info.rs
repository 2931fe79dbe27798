//! What a store holds, told without reading its data.

use restock_schema::{DatasetName, DatasetType};

use super::Snapshot;
use crate::error::Result;
use crate::manifest::{FORMAT, LastImport, RowCounts};

/// What a store holds.
#[derive(Clone, Debug)]
pub struct StoreInfo {
    /// The version it shows.
    pub version: u64,
    /// The format of its files.
    pub format: u32,
    /// How many imports of a dataset are kept for undo.
    pub undo_depth: u32,
    /// The datasets, hidden ones left out.
    pub datasets: Vec<DatasetInfo>,
}

/// What a dataset holds.
#[derive(Clone, Debug)]
pub struct DatasetInfo {
    /// The name.
    pub name: DatasetName,
    /// The dataset type.
    pub dataset_type: DatasetType,
    /// The record ID's column.
    pub record_id: Option<String>,
    /// Live rows by origin.
    pub rows: RowCounts,
    /// Live bulk rows that individual rows shadow.
    pub shadowed: u64,
    /// Rows that are dead and still take space.
    pub deleted: u64,
    /// Segments in use.
    pub segments: u64,
    /// Bytes of segments, in the share of their live rows.
    pub bytes_live: u64,
    /// Bytes that `vacuum` and `compact` would free: dead rows, and what is kept for undo.
    pub bytes_dead: u64,
    /// Imports that can be taken back.
    pub undo_kept: u64,
    /// The import that the bulk rows come from.
    pub last_import: Option<LastImport>,
}

impl Snapshot {
    /// What the store holds.
    ///
    /// # Errors
    /// Damage in what unflushed puts touch.
    pub fn info(&self) -> Result<StoreInfo> {
        let mut datasets = Vec::new();
        for (name, dataset) in self.all().into_iter().filter(|(name, _)| !name.is_hidden()) {
            let state = dataset.state();
            let rows = dataset.counts()?;
            let (mut bytes, mut bytes_live, mut deleted) = (0, 0, 0);
            for segment in state.segments() {
                bytes += segment.bytes();
            }
            for live in state.bulk.segments.iter().chain(&state.individual) {
                let share = live.live_rows() as f64 / live.segment.rows().max(1) as f64;
                bytes_live += (live.segment.bytes() as f64 * share) as u64;
                deleted += live.dead.len();
            }
            datasets.push(DatasetInfo {
                name,
                dataset_type: state.dataset_type,
                record_id: state.record_id.clone(),
                rows,
                shadowed: rows.bulk + rows.individual - rows.merged,
                deleted,
                segments: (state.bulk.segments.len() + state.individual.len()) as u64,
                bytes_live,
                bytes_dead: bytes - bytes_live,
                undo_kept: state.kept.len() as u64,
                last_import: state.bulk.last_import.clone(),
            });
        }
        let undo_depth = self.base().undo_depth;
        Ok(StoreInfo { version: self.version(), format: FORMAT, undo_depth, datasets })
    }
}
