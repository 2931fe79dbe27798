//! Records for a put: read by the import's own readers, all or nothing.

use std::io::Read;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::snapshot::DatasetSnapshot;
use crate::source::{self, Format, Source, SourceOptions, Target, UnknownKeys, Watch};

/// Reads records of a dataset, one JSON object a line, into one batch.
pub(crate) fn read_records(
    dataset: &DatasetSnapshot,
    reader: Box<dyn Read + Send>,
    name: &str,
) -> Result<RecordBatch> {
    read(dataset, Source::Reader { name: name.to_owned(), reader })
}

/// Converts a batch to the columns of a dataset, as an import of it would.
pub(crate) fn convert_batch(dataset: &DatasetSnapshot, batch: &RecordBatch) -> Result<RecordBatch> {
    let batches = Box::new(std::iter::once(Ok(batch.clone())));
    read(dataset, Source::Batches { name: "<batch>".to_owned(), schema: batch.schema(), batches })
}

fn read(dataset: &DatasetSnapshot, source: Source) -> Result<RecordBatch> {
    let target = Target::new(dataset.schema(), dataset.text_limits()).with_record_id(dataset.record_id());
    let options = SourceOptions {
        format: Some(Format::JsonLines),
        unknown_keys: UnknownKeys::Refuse,
        ..SourceOptions::default()
    };
    let schema = dataset.arrow_schema();
    let (mut batches, mut errors, mut rejected, mut error_count) = (Vec::new(), Vec::new(), 0, 0);
    let summary = source::run(
        [source],
        &target,
        &options,
        1,
        &Watch::default(),
        |batch| batch,
        |block| -> Result<()> {
            rejected += block.rejected;
            error_count += block.error_count;
            errors.extend(block.errors);
            for batch in block.batches {
                // A dictionary column may come as plain strings; one type makes them one batch.
                let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
                    arrow::compute::cast(column, field.data_type()).map_err(|e| Error::Refused(e.to_string()))
                });
                let columns = columns.collect::<Result<Vec<_>>>()?;
                let batch = RecordBatch::try_new(schema.clone(), columns);
                batches.push(batch.map_err(|e| Error::Refused(e.to_string()))?);
            }
            Ok(())
        },
    )?;
    if let Some(first) = errors.first() {
        let message = format!("{rejected} records cannot be put; the first: {first}; nothing was put");
        return Err(Error::Rejected { message, errors, error_count });
    }
    if !summary.ignored_columns.is_empty() {
        let columns = summary.ignored_columns.join(", ");
        let message = format!("the dataset has no such columns: {columns}; nothing was put");
        return Err(Error::Refused(message));
    }
    concat_batches(&schema, &batches).map_err(|e| Error::Refused(e.to_string()))
}
