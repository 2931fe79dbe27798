//! Records for a put: read by the import's own readers, all or nothing.

mod lines;

use std::io::Read;

use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use restock_csv::{Block, RecordError};

use crate::error::{Error, Result};
use crate::snapshot::DatasetSnapshot;
use crate::source::{self, Format, Source, SourceOptions, Target, UnknownKeys, Watch};

pub use lines::{LinePut, PutLines};

/// The most text of one put: its records are held in memory, one batch of the log, until it is durable.
const PUT_BYTES: u64 = 64 << 20;

/// Reads records of a dataset, one JSON object a line, into one batch.
pub(crate) fn read_records(
    dataset: &DatasetSnapshot,
    reader: Box<dyn Read + Send>,
    name: &str,
) -> Result<RecordBatch> {
    read(dataset, Source::Reader { name: name.to_owned(), reader }, PUT_BYTES)
}

/// Converts a batch to the columns of a dataset, as an import of it would.
pub(crate) fn convert_batch(dataset: &DatasetSnapshot, batch: &RecordBatch) -> Result<RecordBatch> {
    let batches = Box::new(std::iter::once(Ok(batch.clone())));
    read(dataset, Source::Batches { name: "<batch>".to_owned(), schema: batch.schema(), batches }, u64::MAX)
}

fn read(dataset: &DatasetSnapshot, source: Source, bytes_max: u64) -> Result<RecordBatch> {
    let (target, options) = rules(dataset);
    let mut read = Rows::new(dataset);
    let (watch, mut bytes) = (Watch::default(), 0);
    let summary = source::run(
        [source],
        &target,
        &options,
        1,
        &watch,
        |batch| batch,
        |block| {
            bytes += block.bytes;
            if bytes > bytes_max {
                let message = format!(
                    "more than {bytes_max} bytes of records in one put (limit put_bytes): put fewer at a time, or import \
                 them; nothing was put"
                );
                return Err(Error::Refused(message));
            }
            read.take(block)
        },
    )?;
    if !summary.ignored_columns.is_empty() && read.rejected == 0 {
        let columns = summary.ignored_columns.join(", ");
        let message = format!("the dataset has no such columns: {columns}; nothing was put");
        return Err(Error::Refused(message));
    }
    read.finish("nothing was put")
}

/// What a put asks of records: the columns of the dataset and no other.
fn rules(dataset: &DatasetSnapshot) -> (Target, SourceOptions) {
    let target = Target::new(dataset.schema(), dataset.text_limits()).with_record_id(dataset.record_id());
    let options = SourceOptions {
        format: Some(Format::JsonLines),
        unknown_keys: UnknownKeys::Refuse,
        ..SourceOptions::default()
    };
    (target, options)
}

/// Rows read so far, and what was wrong with others.
struct Rows {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    errors: Vec<RecordError>,
    rejected: u64,
    error_count: u64,
}

impl Rows {
    fn new(dataset: &DatasetSnapshot) -> Self {
        let schema = dataset.arrow_schema();
        Self { schema, batches: Vec::new(), errors: Vec::new(), rejected: 0, error_count: 0 }
    }

    fn take(&mut self, block: Block<RecordBatch>) -> Result<()> {
        self.rejected += block.rejected;
        self.error_count += block.error_count;
        self.errors.extend(block.errors);
        for batch in block.batches {
            // A dictionary column may come as plain strings; one type makes them one batch.
            let columns = batch.columns().iter().zip(self.schema.fields()).map(|(column, field)| {
                arrow::compute::cast(column, field.data_type()).map_err(|e| Error::Refused(e.to_string()))
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            let batch = RecordBatch::try_new(self.schema.clone(), columns);
            self.batches.push(batch.map_err(|e| Error::Refused(e.to_string()))?);
        }
        Ok(())
    }

    /// One batch of all; `so` says what came of records that cannot be put.
    fn finish(self, so: &str) -> Result<RecordBatch> {
        if let Some(first) = self.errors.first() {
            let records = if self.rejected == 1 { "record" } else { "records" };
            let message = format!("{} {records} cannot be put; the first: {first}; {so}", self.rejected);
            return Err(Error::Rejected { message, errors: self.errors, error_count: self.error_count });
        }
        concat_batches(&self.schema, &self.batches).map_err(|e| Error::Refused(e.to_string()))
    }
}
