//! The simple filters of a scan: a column equals one of some values, or lies between two.

use ahash::AHashSet;
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};
use restock_schema::{Field, ValueType};

use crate::error::{Error, Result};

/// A value to compare with. Text is read as the column's type, as the command line gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterValue {
    /// Text, or any value written as text.
    Text(String),
    /// An integer.
    Long(i64),
    /// A number.
    Double(f64),
    /// A boolean.
    Bool(bool),
}

impl From<&str> for FilterValue {
    fn from(text: &str) -> FilterValue {
        FilterValue::Text(text.to_owned())
    }
}

impl From<String> for FilterValue {
    fn from(text: String) -> FilterValue {
        FilterValue::Text(text)
    }
}

impl From<i32> for FilterValue {
    fn from(number: i32) -> FilterValue {
        FilterValue::Long(number.into())
    }
}

impl From<i64> for FilterValue {
    fn from(number: i64) -> FilterValue {
        FilterValue::Long(number)
    }
}

impl From<f64> for FilterValue {
    fn from(number: f64) -> FilterValue {
        FilterValue::Double(number)
    }
}

impl From<bool> for FilterValue {
    fn from(value: bool) -> FilterValue {
        FilterValue::Bool(value)
    }
}

/// A condition on one column. Null never meets one.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Texts(AHashSet<String>),
    Longs(AHashSet<i64>),
    Doubles(Vec<f64>),
    Bools(Vec<bool>),
    TextBetween(Option<String>, Option<String>),
    LongBetween(i64, i64),
    DoubleBetween(f64, f64),
}

impl Filter {
    /// `field` equals one of `values`.
    pub(super) fn one_of(field: &Field, values: Vec<FilterValue>) -> Result<Filter> {
        let wanted = |kind: &str, value: &FilterValue| {
            Error::Refused(format!("`{}` is {kind} and cannot equal {value:?}", field.name))
        };
        let test = match field.value_type {
            ValueType::String => Test::Texts(
                values
                    .into_iter()
                    .map(|value| match value {
                        FilterValue::Text(text) => Ok(text),
                        other => Err(wanted("a string column", &other)),
                    })
                    .collect::<Result<_>>()?,
            ),
            ValueType::Int | ValueType::Long => Test::Longs(
                values
                    .iter()
                    .map(|v| long(v).ok_or_else(|| wanted("an integer column", v)))
                    .collect::<Result<_>>()?,
            ),
            ValueType::Float | ValueType::Double => Test::Doubles(
                values
                    .iter()
                    .map(|v| double(v).ok_or_else(|| wanted("a number column", v)))
                    .collect::<Result<_>>()?,
            ),
            ValueType::Boolean => Test::Bools(
                values
                    .iter()
                    .map(|v| boolean(v).ok_or_else(|| wanted("a boolean column", v)))
                    .collect::<Result<_>>()?,
            ),
        };
        Ok(Filter { test })
    }

    /// `field` lies between `from` and `to`, both included; `None` is open.
    pub(super) fn between(
        field: &Field,
        from: Option<FilterValue>,
        to: Option<FilterValue>,
    ) -> Result<Filter> {
        let refused = || Error::Refused(format!("`{}` cannot be compared with that bound", field.name));
        let test = match field.value_type {
            ValueType::String => {
                let text = |bound: Option<FilterValue>| match bound {
                    None => Ok(None),
                    Some(FilterValue::Text(text)) => Ok(Some(text)),
                    Some(_) => Err(refused()),
                };
                Test::TextBetween(text(from)?, text(to)?)
            }
            ValueType::Int | ValueType::Long => {
                let bound = |bound: &Option<FilterValue>, open| {
                    bound.as_ref().map_or(Some(open), long).ok_or_else(refused)
                };
                Test::LongBetween(bound(&from, i64::MIN)?, bound(&to, i64::MAX)?)
            }
            ValueType::Float | ValueType::Double => {
                let bound = |bound: &Option<FilterValue>, open| {
                    bound.as_ref().map_or(Some(open), double).ok_or_else(refused)
                };
                Test::DoubleBetween(bound(&from, f64::NEG_INFINITY)?, bound(&to, f64::INFINITY)?)
            }
            ValueType::Boolean => return Err(refused()),
        };
        Ok(Filter { test })
    }

    /// The texts asked for, if this is an equality on text or integers: what a key index can look up.
    pub(super) fn keys(&self) -> Option<Vec<Vec<u8>>> {
        match &self.test {
            Test::Texts(texts) => Some(texts.iter().map(|text| text.as_bytes().to_vec()).collect()),
            Test::Longs(longs) => Some(longs.iter().map(|long| long.to_le_bytes().to_vec()).collect()),
            _ => None,
        }
    }

    /// Which rows of a column meet it.
    pub(super) fn mask(&self, array: &ArrayRef) -> BooleanBuffer {
        let valid = |row: usize| array.is_valid(row);
        let rows = array.len();
        match array.data_type() {
            DataType::Dictionary(..) => {
                let dictionary = array.as_dictionary::<Int32Type>();
                let values = dictionary.values().as_string_opt::<i32>();
                let meets: Vec<bool> =
                    values.map(|v| (0..v.len()).map(|at| self.text(v, at)).collect()).unwrap_or_default();
                let codes = dictionary.keys().values();
                let code = |row: usize| codes.get(row).and_then(|code| usize::try_from(*code).ok());
                BooleanBuffer::collect_bool(rows, |row| {
                    valid(row) && code(row).and_then(|code| meets.get(code)).copied().unwrap_or(false)
                })
            }
            DataType::Utf8 => {
                let texts = array.as_string::<i32>();
                BooleanBuffer::collect_bool(rows, |row| valid(row) && self.text(texts, row))
            }
            DataType::Int32 => {
                let numbers = array.as_primitive::<Int32Type>();
                BooleanBuffer::collect_bool(rows, |row| valid(row) && self.long(numbers.value(row).into()))
            }
            DataType::Int64 => {
                let numbers = array.as_primitive::<Int64Type>();
                BooleanBuffer::collect_bool(rows, |row| valid(row) && self.long(numbers.value(row)))
            }
            DataType::Float32 => {
                let numbers = array.as_primitive::<Float32Type>();
                BooleanBuffer::collect_bool(rows, |row| valid(row) && self.float(numbers.value(row)))
            }
            DataType::Float64 => {
                let numbers = array.as_primitive::<Float64Type>();
                BooleanBuffer::collect_bool(rows, |row| valid(row) && self.double(numbers.value(row)))
            }
            DataType::Boolean => {
                let values = array.as_boolean();
                let wanted = |value: bool| matches!(&self.test, Test::Bools(bools) if bools.contains(&value));
                BooleanBuffer::collect_bool(rows, |row| valid(row) && wanted(values.value(row)))
            }
            _ => BooleanBuffer::new_unset(rows),
        }
    }

    fn text(&self, texts: &StringArray, at: usize) -> bool {
        if texts.is_null(at) {
            return false;
        }
        let text = texts.value(at);
        match &self.test {
            Test::Texts(wanted) => wanted.contains(text),
            Test::TextBetween(from, to) => {
                from.as_deref().is_none_or(|from| text >= from) && to.as_deref().is_none_or(|to| text <= to)
            }
            _ => false,
        }
    }

    fn long(&self, number: i64) -> bool {
        match &self.test {
            Test::Longs(wanted) => wanted.contains(&number),
            Test::LongBetween(from, to) => (*from..=*to).contains(&number),
            _ => false,
        }
    }

    /// A `float` column is compared with the nearest float of a value asked for.
    fn float(&self, number: f32) -> bool {
        match &self.test {
            Test::Doubles(wanted) => wanted.iter().any(|wanted| *wanted as f32 == number),
            Test::DoubleBetween(from, to) => (*from as f32..=*to as f32).contains(&number),
            _ => false,
        }
    }

    fn double(&self, number: f64) -> bool {
        match &self.test {
            Test::Doubles(wanted) => wanted.contains(&number),
            Test::DoubleBetween(from, to) => (*from..=*to).contains(&number),
            _ => false,
        }
    }
}

fn long(value: &FilterValue) -> Option<i64> {
    match value {
        FilterValue::Text(text) => text.parse().ok(),
        FilterValue::Long(number) => Some(*number),
        FilterValue::Double(number) => (number.fract() == 0.0).then_some(*number as i64),
        FilterValue::Bool(_) => None,
    }
}

fn double(value: &FilterValue) -> Option<f64> {
    match value {
        FilterValue::Text(text) => text.parse().ok(),
        FilterValue::Long(number) => Some(*number as f64),
        FilterValue::Double(number) => Some(*number),
        FilterValue::Bool(_) => None,
    }
}

fn boolean(value: &FilterValue) -> Option<bool> {
    match value {
        FilterValue::Bool(value) => Some(*value),
        FilterValue::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        FilterValue::Long(0) => Some(false),
        FilterValue::Long(1) => Some(true),
        _ => None,
    }
}
