//! Sinks: what an export writes, batch by batch, as a file format.

mod arrow;
mod compressed;
mod csv;
mod jsonl;
mod number;
mod parquet;
mod plain;

use std::io::{self, Write};

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;

pub(crate) use self::compressed::{Compressed, Compression};
pub(crate) use self::csv::CsvSink;

use crate::source::Format;

/// A file being written.
///
/// The bytes follow from the rows and their order alone, not from how they come in batches (S11).
pub(crate) trait Sink: Send {
    /// Adds the rows of a batch, whose columns are those the sink was opened with.
    ///
    /// # Errors
    /// Writing fails, or a value cannot be written in the format.
    fn write(&mut self, batch: &RecordBatch) -> io::Result<()>;

    /// Writes what is left and flushes; syncing is up to the owner of the file.
    ///
    /// # Errors
    /// As [`Sink::write`].
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A sink of `format` for batches of these columns, dictionaries being written as strings.
///
/// # Errors
/// The beginning of the file cannot be written.
pub(crate) fn open<'a>(
    format: Format,
    schema: &SchemaRef,
    out: Box<dyn Write + Send + 'a>,
) -> io::Result<Box<dyn Sink + 'a>> {
    Ok(match format {
        Format::Csv => Box::new(CsvSink::new(schema, out)?),
        Format::JsonLines => Box::new(jsonl::JsonLinesSink::new(schema, out)?),
        Format::Parquet => Box::new(parquet::ParquetSink::new(schema, out)?),
        Format::Arrow => Box::new(arrow::ArrowSink::new(schema, out)?),
    })
}

#[cfg(test)]
pub(crate) mod tests;
