//! Reading batches cell by cell: for records and for text formats.

use std::sync::Arc;

use arrow::array::{
    Array, AsArray, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow::error::ArrowError;

use restock_store::Cell;

use super::value::{Record, Value};

/// One column of a batch, of any type a dataset's column has.
#[derive(Debug)]
pub(crate) enum Cells<'a> {
    Text(&'a StringArray),
    Coded(&'a Int32Array, &'a StringArray),
    Int(&'a Int32Array),
    Long(&'a Int64Array),
    Float(&'a Float32Array),
    Double(&'a Float64Array),
    Bool(&'a BooleanArray),
}

impl<'a> Cells<'a> {
    /// # Errors
    /// A type that no dataset's column has.
    pub(crate) fn new(array: &'a dyn Array) -> Result<Self, ArrowError> {
        let unknown = || ArrowError::SchemaError(format!("no column of a dataset is {}", array.data_type()));
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::Dictionary(key, _) if **key == DataType::Int32 => {
                let coded = array.as_dictionary::<Int32Type>();
                Self::Coded(coded.keys(), coded.values().as_string_opt().ok_or_else(unknown)?)
            }
            DataType::Int32 => Self::Int(array.as_primitive::<Int32Type>()),
            DataType::Int64 => Self::Long(array.as_primitive::<Int64Type>()),
            DataType::Float32 => Self::Float(array.as_primitive::<Float32Type>()),
            DataType::Float64 => Self::Double(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Bool(array.as_boolean()),
            _ => return Err(unknown()),
        })
    }

    /// The columns of a batch.
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Vec<Self>, ArrowError> {
        batch.columns().iter().map(|array| Self::new(array)).collect()
    }

    /// The value of a row of the batch.
    pub(crate) fn at(&self, row: usize) -> Cell<'a> {
        match *self {
            Self::Text(array) if array.is_valid(row) => Cell::Text(array.value(row)),
            Self::Coded(keys, values) if keys.is_valid(row) => {
                let code = keys.value(row) as usize;
                if values.is_valid(code) { Cell::Text(values.value(code)) } else { Cell::Null }
            }
            Self::Int(array) if array.is_valid(row) => Cell::Long(i64::from(array.value(row))),
            Self::Long(array) if array.is_valid(row) => Cell::Long(array.value(row)),
            Self::Float(array) if array.is_valid(row) => Cell::Float(array.value(row)),
            Self::Double(array) if array.is_valid(row) => Cell::Double(array.value(row)),
            Self::Bool(array) if array.is_valid(row) => Cell::Bool(array.value(row)),
            _ => Cell::Null,
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Long(value) => Self::Int(value),
            Cell::Float(value) => Self::Float(as_its_text(value)),
            Cell::Double(value) => Self::Float(value),
            Cell::Text(text) => Self::String(text.to_owned()),
        }
    }
}

/// The powers of ten that few digits behind the point need.
const POWERS: [f64; 5] = [1.0, 1e1, 1e2, 1e3, 1e4];
/// Up to six digits make different numbers of single precision, whatever the digits.
const SIX_DIGITS: f64 = 999_999.0;

/// The number that a float's shortest text is, so that 9.9 in a float column is 9.9 and not 9.899999618530273.
fn as_its_text(value: f32) -> f64 {
    for power in POWERS {
        // Both are exact, so the quotient is rounded once: it is the number that the text is.
        let digits = (f64::from(value) * power).round();
        if digits.abs() > SIX_DIGITS {
            break;
        }
        if (digits / power) as f32 == value {
            return digits / power;
        }
    }
    value.to_string().parse().unwrap_or(f64::from(value))
}

impl Record {
    /// A row of a batch, every column in order.
    ///
    /// # Errors
    /// A column of a type that no dataset has.
    pub(crate) fn from_row(batch: &RecordBatch, row: usize) -> Result<Self, ArrowError> {
        let names = batch.schema();
        let cells = Cells::of(batch)?;
        let names = names.fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self::of(Arc::new(names), cells.iter().map(|cells| cells.at(row).into()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(value: f32) -> f64 {
        value.to_string().parse().unwrap()
    }

    proptest! {
        #[test]
        fn a_float_is_the_number_that_its_text_is(bits in any::<u32>(), cents in -2_000_000_i32..2_000_000, scale in 0_i32..6) {
            let any = f32::from_bits(bits);
            prop_assert!(any.is_nan() || as_its_text(any).to_bits() == text(any).to_bits());
            let usual = (f64::from(cents) / 10_f64.powi(scale)) as f32;
            for value in [usual, usual.next_up(), usual.next_down()] {
                prop_assert_eq!(as_its_text(value).to_bits(), text(value).to_bits());
            }
        }
    }
}
