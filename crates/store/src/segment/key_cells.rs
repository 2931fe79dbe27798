//! Record IDs of a segment, kept in the form in which they are compared.

use std::sync::OnceLock;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, StringArray, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use restock_schema::Field;

use super::affix::Affix;
use super::read::Segment;
use crate::error::Result;
use crate::prefetch::prefetch;

impl Segment {
    /// Calls `then` with the key bytes of a row. `field` is the dataset's record ID.
    pub fn with_key<R>(&self, row: u32, field: &Field, then: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let (batch, row) = self.locate(u64::from(row))?;
        let batches = self.batches()?;
        let cells = self.key_cells.get_or_init(|| (0..batches).map(|_| OnceLock::new()).collect());
        let cell = cells.get(batch).ok_or_else(|| self.damaged(None, format!("it has no batch {batch}")))?;
        if let Some(keys) = cell.get() {
            return Ok(keys.with(row, then));
        }
        let (array, affix) = match self.numbers(batch, field)? {
            Some((affix, numbers)) => (numbers, Some(affix)),
            None => (self.column(batch, field)?, None),
        };
        let keys = KeyCells::new(&array, affix).ok_or_else(|| {
            self.damaged(None, format!("the record ID `{}` is stored as {}", field.name, array.data_type()))
        })?;
        Ok(cell.get_or_init(|| keys).with(row, then))
    }

    /// Asks for the memory that [`with_key`](Self::with_key) reads, if the row's batch was read before.
    pub fn prefetch_key(&self, row: u32) {
        let Ok((batch, row)) = self.locate(u64::from(row)) else { return };
        if let Some(keys) = self.key_cells.get().and_then(|cells| cells.get(batch)).and_then(OnceLock::get) {
            keys.prefetch(row);
        }
    }
}

/// Record IDs of a batch as key bytes: the text of a string, the little-endian `i64` of an integer.
#[derive(Debug)]
pub(super) enum KeyCells {
    Text(StringArray),
    Coded(Int32Array, StringArray),
    Int(Int32Array),
    Long(Int64Array),
    Affix32(Affix, UInt32Array),
    Affix64(Affix, UInt64Array),
}

impl KeyCells {
    /// The IDs in a column; `None` for a type that cannot be a record ID.
    fn new(array: &ArrayRef, affix: Option<&Affix>) -> Option<KeyCells> {
        Some(match array.data_type() {
            DataType::UInt32 => KeyCells::Affix32(affix?.clone(), array.as_primitive().clone()),
            DataType::UInt64 => KeyCells::Affix64(affix?.clone(), array.as_primitive().clone()),
            DataType::Utf8 => KeyCells::Text(array.as_string::<i32>().clone()),
            DataType::Dictionary(..) => {
                let coded = array.as_dictionary_opt::<Int32Type>()?;
                KeyCells::Coded(coded.keys().clone(), coded.values().as_string_opt::<i32>()?.clone())
            }
            DataType::Int32 => KeyCells::Int(array.as_primitive::<Int32Type>().clone()),
            DataType::Int64 => KeyCells::Long(array.as_primitive::<Int64Type>().clone()),
            _ => return None,
        })
    }

    fn prefetch(&self, row: usize) {
        match self {
            KeyCells::Text(texts) => prefetch(texts.value_offsets(), row),
            KeyCells::Coded(codes, _) => prefetch(codes.values(), row),
            KeyCells::Int(numbers) => prefetch(numbers.values(), row),
            KeyCells::Long(numbers) => prefetch(numbers.values(), row),
            KeyCells::Affix32(_, numbers) => prefetch(numbers.values(), row),
            KeyCells::Affix64(_, numbers) => prefetch(numbers.values(), row),
        }
    }

    /// Calls `then` with the key bytes of a row; a null is the empty string.
    fn with<R>(&self, row: usize, then: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            KeyCells::Text(texts) => then(texts.value(row).as_bytes()),
            KeyCells::Coded(codes, values) => then(values.value(codes.value(row) as usize).as_bytes()),
            KeyCells::Int(numbers) => then(&i64::from(numbers.value(row)).to_le_bytes()),
            KeyCells::Long(numbers) => then(&numbers.value(row).to_le_bytes()),
            KeyCells::Affix32(_, numbers) if numbers.is_null(row) => then(b""),
            KeyCells::Affix64(_, numbers) if numbers.is_null(row) => then(b""),
            KeyCells::Affix32(affix, numbers) => affix.with(numbers.value(row).into(), then),
            KeyCells::Affix64(affix, numbers) => affix.with(numbers.value(row), then),
        }
    }
}
