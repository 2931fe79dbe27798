//! Numbers that stay what they are.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type, UInt64Type};
use arrow::error::ArrowError;
use restock_csv::values::{parse_double, parse_float, parse_long};
use restock_schema::{Field, ValueType};

use super::convert::{Converted, Fault, strings};
use crate::record::expected;

const RANGE: &str = "is out of range";
const FRACTION: &str = "has a fraction";
const LOSS: &str = "is a whole number that the column's type would round";
const NOT_FINITE: &str = "is not finite";

/// 2^63, the first double above every long.
const LONG_END: f64 = 9_223_372_036_854_775_808.0;

/// Numbers of any type as `int` or `long`.
pub(super) fn whole(source: &ArrayRef, field: &Field) -> Result<Converted, ArrowError> {
    let (longs, faults) = match source.data_type() {
        DataType::UInt64 => map::<UInt64Type, Int64Type>(source.as_primitive(), |value| {
            i64::try_from(value).map_err(|_| RANGE)
        }),
        integer if integer.is_integer() => {
            let longs = cast(source, &DataType::Int64)?;
            (longs.as_primitive().clone(), Vec::new())
        }
        float if float.is_floating() => {
            let doubles = cast(source, &DataType::Float64)?;
            map::<Float64Type, Int64Type>(doubles.as_primitive(), from_double)
        }
        _ => from_text(source, |text| parse_long(text).map_err(|fault| fault.to_string()))?,
    };
    if field.value_type == ValueType::Long {
        return Ok(done(Arc::new(longs), faults, field));
    }
    let (ints, narrow) = map::<Int64Type, Int32Type>(&longs, |value| i32::try_from(value).map_err(|_| RANGE));
    // A row with a fault is null in `longs`, so no row has two.
    let mut faults = [faults, narrow].concat();
    faults.sort_unstable_by_key(|(row, _)| *row);
    Ok(done(Arc::new(ints), faults, field))
}

/// Numbers of any type as `float` or `double`.
pub(super) fn decimal(source: &ArrayRef, field: &Field) -> Result<Converted, ArrowError> {
    let single = field.value_type == ValueType::Float;
    Ok(match source.data_type() {
        DataType::UInt64 => {
            let longs = source.as_primitive::<UInt64Type>();
            from_integers::<UInt64Type>(longs, single, field)
        }
        integer if integer.is_integer() => {
            let longs = cast(source, &DataType::Int64)?;
            from_integers::<Int64Type>(longs.as_primitive(), single, field)
        }
        DataType::Float16 | DataType::Float32 if single => {
            let singles = cast(source, &DataType::Float32)?;
            let (array, faults) = map::<Float32Type, Float32Type>(singles.as_primitive(), finite_single);
            done(Arc::new(array), faults, field)
        }
        float if float.is_floating() => {
            let doubles = cast(source, &DataType::Float64)?;
            let doubles = doubles.as_primitive::<Float64Type>();
            if single {
                let (array, faults) = map::<Float64Type, Float32Type>(doubles, |value| match value {
                    value if !value.is_finite() => Err(NOT_FINITE),
                    value => finite_single(value as f32).map_err(|_| RANGE),
                });
                done(Arc::new(array), faults, field)
            } else {
                let (array, faults) = map::<Float64Type, Float64Type>(doubles, |value| {
                    if value.is_finite() { Ok(value) } else { Err(NOT_FINITE) }
                });
                done(Arc::new(array), faults, field)
            }
        }
        _ if single => {
            let parse = |text: &[u8]| parse_float(text).map_err(|fault| fault.to_string());
            let (array, faults) = from_text::<Float32Type>(source, parse)?;
            done(Arc::new(array), faults, field)
        }
        _ => {
            let parse = |text: &[u8]| parse_double(text).map_err(|fault| fault.to_string());
            let (array, faults) = from_text::<Float64Type>(source, parse)?;
            done(Arc::new(array), faults, field)
        }
    })
}

type Faults = Vec<(usize, String)>;

/// Integers as floating-point numbers, where they are exact.
fn from_integers<S>(source: &PrimitiveArray<S>, single: bool, field: &Field) -> Converted
where
    S: ArrowPrimitiveType,
    S::Native: Into<i128>,
{
    if single {
        let (array, faults) = map::<S, Float32Type>(source, |value| {
            let whole: i128 = value.into();
            let float = whole as f32;
            if float as i128 == whole { Ok(float) } else { Err(LOSS) }
        });
        return done(Arc::new(array), faults, field);
    }
    let (array, faults) = map::<S, Float64Type>(source, |value| {
        let whole: i128 = value.into();
        let float = whole as f64;
        if float as i128 == whole { Ok(float) } else { Err(LOSS) }
    });
    done(Arc::new(array), faults, field)
}

fn from_double(value: f64) -> Result<i64, &'static str> {
    if !value.is_finite() {
        Err(NOT_FINITE)
    } else if value.fract() != 0.0 {
        Err(FRACTION)
    } else if (-LONG_END..LONG_END).contains(&value) {
        Ok(value as i64)
    } else {
        Err(RANGE)
    }
}

fn finite_single(value: f32) -> Result<f32, &'static str> {
    if value.is_finite() { Ok(value) } else { Err(NOT_FINITE) }
}

/// Decimals by their text, as CSV would have them.
fn from_text<T: ArrowPrimitiveType>(
    source: &ArrayRef,
    parse: impl Fn(&[u8]) -> Result<T::Native, String>,
) -> Result<(PrimitiveArray<T>, Faults), ArrowError> {
    let texts = cast(source, &DataType::Utf8)?;
    let mut faults = Vec::new();
    let values = strings(&texts)?
        .iter()
        .enumerate()
        .map(|(row, text)| parse(text?.as_bytes()).map_err(|reason| faults.push((row, reason))).ok());
    let array = values.collect();
    Ok((array, faults))
}

/// Converts value by value; a fault leaves null.
fn map<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    source: &PrimitiveArray<S>,
    convert: impl Fn(S::Native) -> Result<T::Native, &'static str>,
) -> (PrimitiveArray<T>, Faults) {
    let mut faults = Vec::new();
    let values = source
        .iter()
        .enumerate()
        .map(|(row, value)| convert(value?).map_err(|reason| faults.push((row, reason.to_owned()))).ok());
    let array = values.collect();
    (array, faults)
}

fn done(array: ArrayRef, faults: Faults, field: &Field) -> Converted {
    let faults = faults.into_iter().map(|(row, reason)| Fault { row, expected: expected(field), reason });
    Converted { array, faults: faults.collect(), cut: Vec::new() }
}
