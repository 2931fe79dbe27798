//! JSON Lines: one object a line, every column in schema order, null as null.

use std::io::{self, Write};

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;

use super::Sink;
use super::number::push_json;
use crate::record::Cells;

pub(super) struct JsonLinesSink<W> {
    out: W,
    /// What stands before each value: `{"FIRST":`, then `,"NEXT":`.
    keys: Vec<Vec<u8>>,
    buffer: Vec<u8>,
}

/// Text above which the buffer is written out.
const FLUSH: usize = 1 << 18;

impl<W: Write + Send> JsonLinesSink<W> {
    pub(super) fn new(schema: &SchemaRef, out: W) -> io::Result<Self> {
        let mut keys = Vec::with_capacity(schema.fields().len());
        for (place, field) in schema.fields().iter().enumerate() {
            let mut key = vec![if place == 0 { b'{' } else { b',' }];
            serde_json::to_writer(&mut key, field.name())?;
            key.push(b':');
            keys.push(key);
        }
        Ok(Self { out, keys, buffer: Vec::new() })
    }
}

impl<W: Write + Send> Sink for JsonLinesSink<W> {
    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let columns = Cells::of(batch).map_err(io::Error::other)?;
        for row in 0..batch.num_rows() {
            for (key, column) in self.keys.iter().zip(&columns) {
                self.buffer.extend_from_slice(key);
                push_json(&mut self.buffer, column.at(row))?;
            }
            self.buffer.extend_from_slice(b"}\n");
            if self.buffer.len() > FLUSH {
                self.out.write_all(&self.buffer)?;
                self.buffer.clear();
            }
        }
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
