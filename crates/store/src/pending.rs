//! Small batches on their way into a segment.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Int32Type, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use crate::segment::text_bytes;

/// Rows of a batch, unless they come in larger ones.
const BATCH_ROWS: usize = 64 << 10;
/// Bytes of a batch, unless they come in larger ones.
const BATCH_BYTES: usize = 16 << 20;
/// Batches put together at once: each costs a kilobyte or more, however few rows it has.
const BATCHES: usize = 1024;

/// Puts small batches together, so that neither many small imports nor one of many small files leaves a segment of
/// many small batches.
#[derive(Debug)]
pub(crate) struct Pending {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    runs: Vec<(u64, u64)>,
    rows: usize,
    bytes: usize,
}

impl Pending {
    /// Nothing yet, of these columns.
    pub fn new(schema: SchemaRef) -> Pending {
        Pending { schema, batches: Vec::new(), runs: Vec::new(), rows: 0, bytes: 0 }
    }

    /// Whether `batch` would make it too large.
    pub fn is_full_for(&self, batch: &RecordBatch) -> bool {
        let count = self.batches.len();
        count == BATCHES
            || count > 0
                && (self.rows + batch.num_rows() > BATCH_ROWS || self.bytes + bytes_of(batch) > BATCH_BYTES)
    }

    /// Rows that wait.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds rows with the runs of their commits.
    pub fn push(&mut self, batch: RecordBatch, runs: impl Iterator<Item = (u64, u64)>) {
        self.rows += batch.num_rows();
        self.bytes += bytes_of(&batch);
        self.batches.push(batch);
        self.runs.extend(runs);
    }

    /// All rows as one batch, with their runs; empty afterwards.
    pub fn take(&mut self) -> Result<(RecordBatch, Vec<(u64, u64)>), ArrowError> {
        let taken = std::mem::replace(self, Pending::new(Arc::clone(&self.schema)));
        let batch = match taken.batches.as_slice() {
            [one] => one.clone(),
            several => concat_batches(&taken.schema, several)?,
        };
        Ok((batch, taken.runs))
    }
}

/// Bytes of a batch's rows. A dictionary counts by the text that its rows stand for: batches of a segment share
/// its values, and may have to be stored without one.
pub(crate) fn bytes_of(batch: &RecordBatch) -> usize {
    let bytes = |column: &Arc<dyn Array>| match column.data_type() {
        DataType::Dictionary(..) => {
            let coded = column.as_dictionary::<Int32Type>();
            let text = coded.values().as_string_opt::<i32>().map(|values| text_bytes(coded.keys(), values));
            coded.keys().len() * size_of::<i32>() + text.unwrap_or(0)
        }
        _ => column.to_data().get_slice_memory_size().unwrap_or(0),
    };
    batch.columns().iter().map(bytes).sum()
}
