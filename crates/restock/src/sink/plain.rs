//! Batches as the columnar formats get them: plain strings, and of one size.

use std::io;
use std::sync::Arc;

use ::arrow::array::RecordBatch;
use ::arrow::compute::{BatchCoalescer, cast};
use ::arrow::datatypes::{DataType, Schema, SchemaRef};
use ::arrow::error::ArrowError;
use ::parquet::errors::ParquetError;

/// Rows of one batch of an Arrow file.
const ROWS: usize = 1 << 16;

/// Cuts a stream of batches anew, so that the file does not depend on how the store holds its rows.
pub(super) struct Plain {
    schema: SchemaRef,
    cutter: BatchCoalescer,
}

impl Plain {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let fields = schema.fields().iter().map(|field| match field.data_type() {
            DataType::Dictionary(..) => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8)),
            _ => Arc::clone(field),
        });
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Self { cutter: BatchCoalescer::new(Arc::clone(&schema), ROWS), schema }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Adds the rows of a batch, and hands on the batches that are full.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        write: impl FnMut(&RecordBatch) -> io::Result<()>,
    ) -> io::Result<()> {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(array, field)| match array.data_type() {
            same if same == field.data_type() => Ok(Arc::clone(array)),
            _ => cast(array, field.data_type()),
        });
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(from_arrow)?;
        let batch = RecordBatch::try_new(self.schema(), columns).map_err(from_arrow)?;
        self.cutter.push_batch(batch).map_err(from_arrow)?;
        self.drain(write)
    }

    /// Hands on what is left.
    pub(super) fn finish(&mut self, write: impl FnMut(&RecordBatch) -> io::Result<()>) -> io::Result<()> {
        self.cutter.finish_buffered_batch().map_err(from_arrow)?;
        self.drain(write)
    }

    fn drain(&mut self, mut write: impl FnMut(&RecordBatch) -> io::Result<()>) -> io::Result<()> {
        while let Some(batch) = self.cutter.next_completed_batch() {
            write(&batch)?;
        }
        Ok(())
    }
}

/// Keeps an I/O error what it is, so that a full disk stays recognisable.
pub(super) fn from_arrow(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}

/// The same for Parquet, which wraps an I/O error in its own and that in another.
pub(super) fn from_parquet(error: ParquetError) -> io::Error {
    let ParquetError::External(error) = error else { return io::Error::other(error) };
    match error.downcast::<io::Error>() {
        Ok(error) => error.downcast::<ParquetError>().map_or_else(|error| error, from_parquet),
        Err(error) => io::Error::other(error),
    }
}
