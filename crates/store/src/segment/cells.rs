//! One row of a segment, value by value: no array is made for it.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Float32Type, Float64Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use restock_schema::{Field, ValueType};

use super::affix::Affix;
use super::contents::Contents;
use super::read::Segment;
use crate::error::Result;
use crate::prefetch::prefetch;
use crate::row::Cell;

/// Bytes that come together from memory.
const CACHE_LINE: usize = 64;
/// Of a long text so many are asked for: the processor itself asks for those that follow.
const LINES: usize = 4;

impl Segment {
    /// Calls `then` with each value of a row, in the order of `fields`, which are the dataset's.
    pub fn cells(&self, row: u64, fields: &[Field], mut then: impl FnMut(Cell<'_>)) -> Result<()> {
        let (batch, row) = self.locate(row)?;
        let contents = self.contents()?;
        for (number, field) in fields.iter().enumerate() {
            let Some(place) = contents.place_of(number, &field.name) else {
                // The segment is older than the column.
                then(Cell::Null);
                continue;
            };
            let stored = self.stored(contents, batch, place)?;
            if stored.is_null(row) {
                then(Cell::Null);
            } else if !self.cell_of(contents, place, stored, row, field, &mut then)? {
                return Err(self.is_stored_as(&field.name, stored.data_type(), &field.arrow_type()));
            }
        }
        Ok(())
    }

    /// Asks for the memory of a row's values, where it is known: those of strings with where they are.
    pub fn prefetch(&self, row: u32, fields: &[Field]) {
        self.each_known(row, fields, |array, row| match array.data_type() {
            DataType::Utf8 => prefetch(array.as_string::<i32>().value_offsets(), row),
            DataType::UInt8 => prefetch(array.as_primitive::<UInt8Type>().values(), row),
            DataType::UInt16 => prefetch(array.as_primitive::<UInt16Type>().values(), row),
            DataType::UInt32 => prefetch(array.as_primitive::<UInt32Type>().values(), row),
            DataType::UInt64 => prefetch(array.as_primitive::<UInt64Type>().values(), row),
            DataType::Int32 => prefetch(array.as_primitive::<Int32Type>().values(), row),
            DataType::Int64 => prefetch(array.as_primitive::<Int64Type>().values(), row),
            DataType::Float32 => prefetch(array.as_primitive::<Float32Type>().values(), row),
            DataType::Float64 => prefetch(array.as_primitive::<Float64Type>().values(), row),
            _ => (),
        });
    }

    /// Asks for the memory of a row's strings.
    pub fn prefetch_texts(&self, row: u32, fields: &[Field]) {
        self.each_known(row, fields, |array, row| {
            let Some(texts) = array.as_string_opt::<i32>() else { return };
            if let Some(&[start, end]) = texts.value_offsets().get(row..row + 2) {
                (start as usize..end as usize)
                    .step_by(CACHE_LINE)
                    .take(LINES)
                    .for_each(|at| prefetch(texts.value_data(), at));
            }
        });
    }

    /// Calls `then` with each column that has been read before, as it is stored, and the row in it.
    #[inline(always)]
    fn each_known(&self, row: u32, fields: &[Field], then: impl Fn(&ArrayRef, usize)) {
        let (Some(contents), Ok((batch, row))) = (self.contents.get(), self.locate(row.into())) else {
            return;
        };
        let columns = contents.schema.fields().len();
        let fields = fields.iter().enumerate();
        let places = fields.filter_map(|(number, field)| contents.place_of(number, &field.name));
        let cells = places.filter_map(|place| contents.cells.get(batch * columns + place)?.get());
        cells.for_each(|array| then(array, row));
    }

    /// The value of a row that has one; false if it is stored as what the schema's type is not.
    fn cell_of(
        &self,
        contents: &Contents,
        place: usize,
        stored: &ArrayRef,
        row: usize,
        field: &Field,
        then: &mut impl FnMut(Cell<'_>),
    ) -> Result<bool> {
        match (field.value_type, stored.data_type()) {
            (ValueType::Int, DataType::Int32) => then(Cell::Long(value::<Int32Type>(stored, row).into())),
            (ValueType::Long, DataType::Int64) => then(Cell::Long(value::<Int64Type>(stored, row))),
            (ValueType::Float, DataType::Float32) => then(Cell::Float(value::<Float32Type>(stored, row))),
            (ValueType::Double, DataType::Float64) => then(Cell::Double(value::<Float64Type>(stored, row))),
            (ValueType::Boolean, DataType::Boolean) => then(Cell::Bool(stored.as_boolean().value(row))),
            (ValueType::String, DataType::Utf8) => then(Cell::Text(stored.as_string::<i32>().value(row))),
            (ValueType::String, DataType::UInt8) => {
                return self.text_of_code(contents, place, value::<UInt8Type>(stored, row).into(), then);
            }
            (ValueType::String, DataType::UInt16) => {
                return self.text_of_code(contents, place, value::<UInt16Type>(stored, row).into(), then);
            }
            (ValueType::String, DataType::Int32) => {
                // A code that is negative is none.
                let code = usize::try_from(value::<Int32Type>(stored, row)).unwrap_or(usize::MAX);
                return self.text_of_code(contents, place, code, then);
            }
            (ValueType::String, DataType::UInt32 | DataType::UInt64) => {
                let affix = contents.affix_of.get(place).and_then(Option::as_ref);
                return Ok(affix.is_some_and(|affix| text_of_number(affix, stored, row, then)));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn text_of_code(
        &self,
        contents: &Contents,
        place: usize,
        code: usize,
        then: &mut impl FnMut(Cell<'_>),
    ) -> Result<bool> {
        let values = self.dictionary(contents, place)?;
        let is_there = code < values.len();
        if is_there {
            then(Cell::Text(values.value(code)));
        }
        Ok(is_there)
    }
}

fn value<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn text_of_number(affix: &Affix, stored: &ArrayRef, row: usize, then: &mut impl FnMut(Cell<'_>)) -> bool {
    let number = match stored.data_type() {
        DataType::UInt32 => value::<UInt32Type>(stored, row).into(),
        _ => value::<UInt64Type>(stored, row),
    };
    affix.with(number, |text| str::from_utf8(text).map(|text| then(Cell::Text(text))).is_ok())
}
