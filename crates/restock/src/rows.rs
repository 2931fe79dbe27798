//! The rows of a scan, for those who print them.

use std::io::{self, Write};
use std::path::Path;

use arrow::datatypes::SchemaRef;
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
    let sink: Box<dyn Sink> = match format {
        Format::Csv => Box::new(CsvSink::new(&batches.schema(), out).map_err(unwritten)?.for_people()),
        other => sink::open(other, &batches.schema(), Box::new(out)).map_err(unwritten)?,
    };
    write_all(batches.map(|batch| Ok(batch?)), sink)
}

/// Writes batches of these columns, as an export of a dataset does, and counts the rows: for those who export what a scan
/// does not give, or to where no file is.
///
/// # Errors
/// The first of the batches' own errors; the writer fails; a value that the format cannot hold.
pub fn export_batches(
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch>>,
    out: impl Write + Send,
    format: Format,
) -> Result<u64> {
    write_all(batches.into_iter(), sink::open(format, schema, Box::new(out)).map_err(unwritten)?)
}

fn write_all(
    batches: impl Iterator<Item = Result<RecordBatch>>,
    mut sink: Box<dyn Sink + '_>,
) -> Result<u64> {
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        sink.write(&batch).map_err(unwritten)?;
    }
    sink.finish().map_err(unwritten)?;
    Ok(rows)
}

fn unwritten(source: io::Error) -> Error {
    Error::file(Path::new("the output of a scan"), source)
}
