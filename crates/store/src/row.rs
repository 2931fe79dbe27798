//! The compact form of a row in the record log.
//!
//! Fields in schema order: a bitmap of nulls (one bit a field, the lowest bit of the first byte first), then
//! for each field that is not null its value: a string as its length (LEB128) and bytes, `int` and `long` as
//! zigzag LEB128, `float` and `double` as little-endian bits, `boolean` as one byte. Every manifest commit
//! folds the log into segments, so a log's rows always have the schema of the manifest that names it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Float32Builder, Float64Builder, Int32Builder, Int64Builder,
    StringBuilder, StringDictionaryBuilder,
};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use restock_schema::{Field, Schema, ValueType};

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Of a `string`.
    Text(&'a str),
    /// Of an `int` or `long`.
    Long(i64),
    /// Of a `float`.
    Float(f32),
    /// Of a `double`.
    Double(f64),
    /// Of a `boolean`.
    Bool(bool),
}

impl Cell<'_> {
    /// The key bytes of a record ID.
    pub(crate) fn key(&self) -> Option<Vec<u8>> {
        match self {
            Cell::Text(text) => Some(text.as_bytes().to_vec()),
            Cell::Long(number) => Some(number.to_le_bytes().to_vec()),
            _ => None,
        }
    }
}

/// A column that rows can be read from.
pub(crate) struct Cells(ArrayRef);

impl Cells {
    /// Reads a column of a batch; strings may be plain or a dictionary.
    pub fn new(array: &ArrayRef) -> Option<Cells> {
        let plain = match array.data_type() {
            DataType::Dictionary(..) => arrow::compute::cast(array, &DataType::Utf8).ok()?,
            DataType::Utf8
            | DataType::Int32
            | DataType::Int64
            | DataType::Float32
            | DataType::Float64
            | DataType::Boolean => array.clone(),
            _ => return None,
        };
        Some(Cells(plain))
    }

    /// The value of a row that the column has.
    pub fn get(&self, row: usize) -> Cell<'_> {
        let array = &self.0;
        if array.is_null(row) {
            return Cell::Null;
        }
        match array.data_type() {
            DataType::Int32 => Cell::Long(array.as_primitive::<Int32Type>().value(row).into()),
            DataType::Int64 => Cell::Long(array.as_primitive::<Int64Type>().value(row)),
            DataType::Float32 => Cell::Float(array.as_primitive::<Float32Type>().value(row)),
            DataType::Float64 => Cell::Double(array.as_primitive::<Float64Type>().value(row)),
            DataType::Boolean => Cell::Bool(array.as_boolean().value(row)),
            _ => Cell::Text(array.as_string::<i32>().value(row)),
        }
    }
}

fn leb128(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_leb128(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Appends the form of a row to `out`.
pub(crate) fn encode<'a>(cells: impl ExactSizeIterator<Item = Cell<'a>>, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + cells.len().div_ceil(8), 0);
    for (at, cell) in cells.enumerate() {
        match cell {
            Cell::Null => {
                if let Some(byte) = out.get_mut(start + at / 8) {
                    *byte |= 1 << (at % 8);
                }
            }
            Cell::Text(text) => {
                leb128(text.len() as u64, out);
                out.extend_from_slice(text.as_bytes());
            }
            Cell::Long(number) => leb128(((number << 1) ^ (number >> 63)) as u64, out),
            Cell::Float(number) => out.extend_from_slice(&number.to_le_bytes()),
            Cell::Double(number) => out.extend_from_slice(&number.to_le_bytes()),
            Cell::Bool(value) => out.push(value.into()),
        }
    }
}

/// Reads a row's cells off the front of `bytes`; `None` if they are not a row of `fields`.
pub(crate) fn decode<'a>(fields: &[Field], bytes: &mut &'a [u8]) -> Option<Vec<Cell<'a>>> {
    let (nulls, rest) = bytes.split_at_checked(fields.len().div_ceil(8))?;
    *bytes = rest;
    let mut cells = Vec::with_capacity(fields.len());
    for (at, field) in fields.iter().enumerate() {
        if nulls.get(at / 8)? & (1 << (at % 8)) != 0 {
            cells.push(Cell::Null);
            continue;
        }
        cells.push(match field.value_type {
            ValueType::String => {
                let length = usize::try_from(read_leb128(bytes)?).ok()?;
                let (text, rest) = bytes.split_at_checked(length)?;
                *bytes = rest;
                Cell::Text(str::from_utf8(text).ok()?)
            }
            ValueType::Int | ValueType::Long => {
                let zigzag = read_leb128(bytes)?;
                Cell::Long(((zigzag >> 1) as i64) ^ -((zigzag & 1) as i64))
            }
            ValueType::Float => Cell::Float(f32::from_le_bytes(take(bytes)?)),
            ValueType::Double => Cell::Double(f64::from_le_bytes(take(bytes)?)),
            ValueType::Boolean => Cell::Bool(take::<1>(bytes)? != [0]),
        });
    }
    Some(cells)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

/// Builds a batch of rows in their compact form, in the schema's types.
pub(crate) fn batch<'a>(schema: &Schema, rows: impl Iterator<Item = &'a [u8]>) -> Option<RecordBatch> {
    let mut batch = BatchBuilder::new(schema);
    for mut row in rows {
        decode(schema.fields(), &mut row)?.into_iter().try_for_each(|cell| batch.push(cell))?;
    }
    batch.finish()
}

/// Builds a batch of the schema's types, cell by cell and row by row.
pub(crate) struct BatchBuilder<'a> {
    schema: &'a Schema,
    columns: Vec<Builder>,
    next: usize,
}

impl<'a> BatchBuilder<'a> {
    pub fn new(schema: &'a Schema) -> Self {
        Self { schema, columns: schema.fields().iter().map(Builder::new).collect(), next: 0 }
    }

    /// Appends the next cell; `None` if its column has another type.
    pub fn push(&mut self, cell: Cell<'_>) -> Option<()> {
        let column = self.columns.get_mut(self.next)?;
        self.next = (self.next + 1) % self.schema.fields().len();
        column.push(cell)
    }

    /// The batch; `None` if its last row is cut.
    pub fn finish(self) -> Option<RecordBatch> {
        let columns = self.columns.into_iter().map(Builder::finish).collect();
        RecordBatch::try_new(self.schema.to_arrow(), columns).ok()
    }
}

enum Builder {
    Text(StringBuilder),
    Coded(StringDictionaryBuilder<Int32Type>),
    Int(Int32Builder),
    Long(Int64Builder),
    Float(Float32Builder),
    Double(Float64Builder),
    Bool(BooleanBuilder),
}

impl Builder {
    fn new(field: &Field) -> Builder {
        match field.arrow_type() {
            DataType::Dictionary(..) => Builder::Coded(StringDictionaryBuilder::new()),
            DataType::Int32 => Builder::Int(Int32Builder::new()),
            DataType::Int64 => Builder::Long(Int64Builder::new()),
            DataType::Float32 => Builder::Float(Float32Builder::new()),
            DataType::Float64 => Builder::Double(Float64Builder::new()),
            DataType::Boolean => Builder::Bool(BooleanBuilder::new()),
            _ => Builder::Text(StringBuilder::new()),
        }
    }

    fn push(&mut self, cell: Cell) -> Option<()> {
        match (self, cell) {
            (Builder::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Builder::Text(builder), Cell::Null) => builder.append_null(),
            (Builder::Coded(builder), Cell::Text(text)) => builder.append_value(text),
            (Builder::Coded(builder), Cell::Null) => builder.append_null(),
            (Builder::Int(builder), Cell::Long(number)) => builder.append_value(i32::try_from(number).ok()?),
            (Builder::Int(builder), Cell::Null) => builder.append_null(),
            (Builder::Long(builder), Cell::Long(number)) => builder.append_value(number),
            (Builder::Long(builder), Cell::Null) => builder.append_null(),
            (Builder::Float(builder), Cell::Float(number)) => builder.append_value(number),
            (Builder::Float(builder), Cell::Null) => builder.append_null(),
            (Builder::Double(builder), Cell::Double(number)) => builder.append_value(number),
            (Builder::Double(builder), Cell::Null) => builder.append_null(),
            (Builder::Bool(builder), Cell::Bool(value)) => builder.append_value(value),
            (Builder::Bool(builder), Cell::Null) => builder.append_null(),
            _ => return None,
        }
        Some(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Builder::Text(mut builder) => Arc::new(builder.finish()),
            Builder::Coded(mut builder) => Arc::new(builder.finish()),
            Builder::Int(mut builder) => Arc::new(builder.finish()),
            Builder::Long(mut builder) => Arc::new(builder.finish()),
            Builder::Float(mut builder) => Arc::new(builder.finish()),
            Builder::Double(mut builder) => Arc::new(builder.finish()),
            Builder::Bool(mut builder) => Arc::new(builder.finish()),
        }
    }
}
