//! Arrow IPC, the file format, uncompressed: what others can map.

use std::io::{self, BufWriter, Write};

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use ::arrow::ipc::writer::FileWriter;

use super::Sink;
use super::plain::{Plain, from_arrow};

pub(super) struct ArrowSink<W: Write> {
    plain: Plain,
    writer: FileWriter<BufWriter<W>>,
}

impl<W: Write + Send> ArrowSink<W> {
    pub(super) fn new(schema: &SchemaRef, out: W) -> io::Result<Self> {
        let plain = Plain::new(schema);
        let writer = FileWriter::try_new_buffered(out, &plain.schema()).map_err(from_arrow)?;
        Ok(Self { plain, writer })
    }
}

impl<W: Write + Send> Sink for ArrowSink<W> {
    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let writer = &mut self.writer;
        self.plain.push(batch, |batch| writer.write(batch).map_err(from_arrow))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let writer = &mut self.writer;
        self.plain.finish(|batch| writer.write(batch).map_err(from_arrow))?;
        self.writer.finish().map_err(from_arrow)?;
        self.writer.get_mut().flush()
    }
}
