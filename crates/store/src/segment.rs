//! Segments: immutable columnar files of rows of one dataset and one origin.
//!
//! A segment is an uncompressed Arrow IPC file that any Arrow reader opens. What Restock adds stands in its
//! footer: an xxh3 of every message and every column of every batch, and the commit of every row.

mod affix;
mod cells;
mod columns;
mod contents;
mod dictionary;
mod encode;
#[cfg(feature = "fuzzing")]
#[expect(clippy::indexing_slicing, clippy::panic, reason = "a fuzz target fails by panicking")]
pub(crate) mod fuzzing;
mod ipc;
mod key_cells;
mod plan;
mod read;
mod runs;
mod sums;
#[cfg(test)]
mod tests;
mod write;

use serde::{Deserialize, Serialize};

pub(crate) use encode::{EncodedBatch, Encoder, fits, text_bytes};
pub(crate) use read::Segment;
pub(crate) use runs::Runs;
pub(crate) use write::{SegmentWriter, Written, remove_segment};

/// What the manifest says of a segment: enough to open it and to notice that it is another file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentMeta {
    /// Names the file; never given twice in a store.
    pub id: u64,
    /// The commit that added the segment: the commit of rows whose run names none.
    pub commit: u64,
    /// Rows in the file, dead ones included.
    pub rows: u64,
    /// Length of the Arrow file.
    pub bytes: u64,
    /// Where its footer region (end-of-stream mark, footer, closing magic) begins.
    pub footer_at: u64,
    /// xxh3 of the footer region.
    #[serde(with = "crate::hex")]
    pub footer_sum: u64,
    /// The key index, if the dataset has a record ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysMeta>,
}

/// What the manifest says of a key index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeysMeta {
    /// Length of the file.
    pub bytes: u64,
    /// xxh3 of its header and its table of block sums.
    #[serde(with = "crate::hex")]
    pub sum: u64,
}
