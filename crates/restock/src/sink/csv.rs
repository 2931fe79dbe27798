//! CSV: a header in schema order, LF, quotes only where needed.

use std::io::{self, Write};

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::{DataType, SchemaRef};

use super::Sink;
use super::number::push_csv;
use crate::record::{Cell, Cells};

/// Null is an empty field, the empty string is `""`.
///
/// A null in a file's only column needs care, for an import skips empty lines. If the column is not a string, `""` is
/// written, which reads back as null; in a string column no CSV text reads back as such a row, so it is an error,
/// unless the reader is a person ([`CsvSink::for_people`]).
pub(crate) struct CsvSink<W> {
    out: W,
    lone_null: LoneNull,
    /// The text of one batch.
    buffer: Vec<u8>,
}

/// What stands for a null in the only column.
enum LoneNull {
    /// There are other columns, so the line is not empty.
    Empty,
    /// `""`
    Quotes,
    /// Nothing can.
    Refused,
}

/// Text above which the buffer is written out.
const FLUSH: usize = 1 << 18;

impl<W: Write + Send> CsvSink<W> {
    pub(crate) fn new(schema: &SchemaRef, mut out: W) -> io::Result<Self> {
        let lone_null = match schema.fields().as_ref() {
            [only] => match only.data_type() {
                DataType::Utf8 | DataType::Dictionary(..) => LoneNull::Refused,
                _ => LoneNull::Quotes,
            },
            _ => LoneNull::Empty,
        };
        let mut header = Vec::new();
        for (place, field) in schema.fields().iter().enumerate() {
            if place > 0 {
                header.push(b',');
            }
            push_text(&mut header, field.name());
        }
        header.push(b'\n');
        out.write_all(&header)?;
        Ok(Self { out, lone_null, buffer: Vec::new() })
    }

    /// Writes an empty line for a null in the only column: right for a screen, lost in an import.
    pub(crate) fn for_people(mut self) -> Self {
        self.lone_null = LoneNull::Empty;
        self
    }

    fn push(&mut self, cell: Cell<'_>) -> io::Result<()> {
        match cell {
            Cell::Text(text) => push_text(&mut self.buffer, text),
            Cell::Null => match self.lone_null {
                LoneNull::Empty => {}
                LoneNull::Quotes => self.buffer.extend_from_slice(b"\"\""),
                LoneNull::Refused => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidInput,
                        "CSV cannot hold null in a file's only column, a string: its line would be empty, and an \
                         import would skip it. Export as jsonl, parquet or arrow",
                    ));
                }
            },
            number => push_csv(&mut self.buffer, number)?,
        }
        Ok(())
    }
}

impl<W: Write + Send> Sink for CsvSink<W> {
    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let columns = Cells::of(batch).map_err(io::Error::other)?;
        for row in 0..batch.num_rows() {
            for (place, column) in columns.iter().enumerate() {
                if place > 0 {
                    self.buffer.push(b',');
                }
                self.push(column.at(row))?;
            }
            self.buffer.push(b'\n');
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

/// A text as a field: in quotes if it is empty or holds what ends a field.
fn push_text(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let plain = memchr::memchr3(b',', b'"', b'\n', bytes).is_none() && memchr::memchr(b'\r', bytes).is_none();
    if plain && !bytes.is_empty() {
        return out.extend_from_slice(bytes);
    }
    out.push(b'"');
    let mut parts = bytes.split(|&byte| byte == b'"');
    out.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(part);
    }
    out.push(b'"');
}
