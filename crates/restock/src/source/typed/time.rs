//! Timestamps and dates as epoch seconds; without a zone they are UTC.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use restock_schema::Field;

use super::convert::{Converted, Fault};
use crate::record::expected;

const DAY: i64 = 86_400;

/// Times in units of which `per_second` make a second, or in days if that is 0.
pub(super) fn seconds(source: &ArrayRef, per_second: i64, field: &Field) -> Result<Converted, ArrowError> {
    let units = match source.data_type() {
        // Days are 32 bits wide, and only by way of their own width they become integers.
        DataType::Date32 => cast(&cast(source, &DataType::Int32)?, &DataType::Int64)?,
        _ => cast(source, &DataType::Int64)?,
    };
    let mut faults = Vec::new();
    let values = units.as_primitive::<Int64Type>().iter().enumerate().map(|(row, value)| {
        let value = value?;
        if per_second == 0 {
            return Some(value * DAY);
        }
        if value % per_second != 0 {
            let reason = "has a fraction of a second: floor it to seconds in the source".to_owned();
            faults.push(Fault { row, expected: expected(field), reason });
            return None;
        }
        Some(value / per_second)
    });
    let array: Int64Array = values.collect();
    debug_assert_eq!(array.len(), source.len());
    Ok(Converted { array: Arc::new(array), faults, cut: Vec::new() })
}
