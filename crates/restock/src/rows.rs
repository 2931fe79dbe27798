//! The rows of a scan, for those who print them.

use std::io::Write;
use std::path::Path;

use arrow::record_batch::RecordBatch;
use restock_store::Batches;

use crate::error::{Error, Result};
use crate::record::Record;
use crate::sink::{self, CsvSink, Sink};
use crate::source::Format;

/// The rows of a batch as records, every column in order.
///
/// # Errors
/// A column of a type that no dataset has.
pub fn records(batch: &RecordBatch) -> Result<Vec<Record>> {
    let rows = (0..batch.num_rows()).map(|row| Record::from_row(batch, row));
    rows.collect::<Result<_, _>>().map_err(|error| Error::Refused(error.to_string()))
}

/// Writes what a scan yields, as an export would, and counts the rows.
///
/// CSV here is for people and pipes: a null in the only column is an empty line, which an import would skip.
///
/// # Errors
/// The writer fails, or damage.
pub fn write_batches(batches: Batches, out: impl Write + Send + 'static, format: Format) -> Result<u64> {
    let failed = |source| Error::file(Path::new("the output of a scan"), source);
    let mut sink: Box<dyn Sink> = match format {
        Format::Csv => Box::new(CsvSink::new(&batches.schema(), out).map_err(failed)?.for_people()),
        other => sink::open(other, &batches.schema(), Box::new(out)).map_err(failed)?,
    };
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        sink.write(&batch).map_err(failed)?;
    }
    sink.finish().map_err(failed)?;
    Ok(rows)
}
