//! Parquet, compressed with zstd at its fastest level.

use std::io::{self, Write};

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;

use super::Sink;
use super::plain::{Plain, from_parquet};

pub(super) struct ParquetSink<W: Write + Send> {
    plain: Plain,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetSink<W> {
    pub(super) fn new(schema: &SchemaRef, out: W) -> io::Result<Self> {
        let plain = Plain::new(schema);
        let level = ZstdLevel::try_new(1).map_err(from_parquet)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let writer = ArrowWriter::try_new(out, plain.schema(), Some(properties)).map_err(from_parquet)?;
        Ok(Self { plain, writer })
    }
}

impl<W: Write + Send> Sink for ParquetSink<W> {
    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let writer = &mut self.writer;
        self.plain.push(batch, |batch| writer.write(batch).map_err(from_parquet))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let writer = &mut self.writer;
        self.plain.finish(|batch| writer.write(batch).map_err(from_parquet))?;
        // This flushes, too; taking the writer out instead would lose the kind of an I/O error.
        self.writer.finish().map_err(from_parquet)?;
        Ok(())
    }
}
