//! Building one column value by value, able to take a row back.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::DataType;
use restock_schema::{Field, TextLimit, ValueType};

use super::dictionary::dictionary;

/// A value as JSON or a caller's program gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer above the largest `i64`.
    Unsigned(u64),
    Float(f64),
    /// A number whose text was rounded once, straight to single precision.
    Single(f32),
    Text(&'a str),
    /// An array or an object.
    Nested,
}

/// Why a value does not fit its column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mismatch {
    pub(crate) expected: String,
    pub(crate) reason: String,
}

/// Below this, 2^53, a whole double is the number that was meant; from there on a neighbour may have been.
const EXACT_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A column being built.
#[derive(Debug)]
pub(crate) struct Column {
    field: Field,
    limit: Option<TextLimit>,
    /// The empty string is no record ID.
    is_record_id: bool,
    values: Values,
    valid: Vec<bool>,
    /// Rows whose text the limit cut.
    cut: Vec<usize>,
}

#[derive(Debug)]
enum Values {
    Text { bytes: Vec<u8>, offsets: Vec<i32> },
    Int(Vec<i32>),
    Long(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bool(Vec<bool>),
}

impl Column {
    pub(crate) fn new(field: Field, limit: Option<TextLimit>) -> Self {
        let values = match field.value_type {
            ValueType::String => Values::Text { bytes: Vec::new(), offsets: vec![0] },
            ValueType::Int => Values::Int(Vec::new()),
            ValueType::Long => Values::Long(Vec::new()),
            ValueType::Float => Values::Float(Vec::new()),
            ValueType::Double => Values::Double(Vec::new()),
            ValueType::Boolean => Values::Bool(Vec::new()),
        };
        Self { field, limit, is_record_id: false, values, valid: Vec::new(), cut: Vec::new() }
    }

    /// Says whether the column is the record ID.
    pub(crate) fn for_record_id(mut self, is_record_id: bool) -> Self {
        self.is_record_id = is_record_id;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.field.name
    }

    pub(crate) fn value_type(&self) -> ValueType {
        self.field.value_type
    }

    /// What a value must be, for messages.
    pub(crate) fn expected(&self) -> String {
        expected(&self.field)
    }

    pub(crate) fn len(&self) -> usize {
        self.valid.len()
    }

    /// Texts that the limit cut so far.
    pub(crate) fn cut(&self) -> u64 {
        self.cut.len() as u64
    }

    /// The last value, if it is a long.
    pub(crate) fn last_long(&self) -> Option<i64> {
        match (&self.values, self.valid.last()) {
            (Values::Long(values), Some(true)) => values.last().copied(),
            _ => None,
        }
    }

    /// Bytes that the values take.
    pub(crate) fn bytes(&self) -> usize {
        match &self.values {
            Values::Text { bytes, offsets } => bytes.len() + 4 * offsets.len(),
            Values::Int(values) => 4 * values.len(),
            Values::Float(values) => 4 * values.len(),
            Values::Long(values) => 8 * values.len(),
            Values::Double(values) => 8 * values.len(),
            Values::Bool(values) => values.len(),
        }
    }

    /// Adds a value, or nothing if it does not fit.
    pub(crate) fn push(&mut self, value: Scalar<'_>) -> Result<(), Mismatch> {
        if matches!(value, Scalar::Null) {
            return self.push_null();
        }
        match &mut self.values {
            Values::Text { bytes, offsets } => {
                let Scalar::Text(text) = value else { return Err(mismatch(&self.field, value)) };
                if self.is_record_id && text.is_empty() {
                    return Err(refused(&self.field, EMPTY_ID));
                }
                let kept = limited(text, self.limit)?;
                let Ok(end) = i32::try_from(bytes.len() + kept.len()) else {
                    return Err(refused(
                        &self.field,
                        "makes the texts of one batch exceed 2 GiB: use smaller batches",
                    ));
                };
                if kept.len() < text.len() {
                    self.cut.push(self.valid.len());
                }
                bytes.extend_from_slice(kept.as_bytes());
                offsets.push(end);
            }
            Values::Int(values) => {
                let whole = whole(value).map_err(|reason| refused_number(&self.field, value, reason))?;
                values.push(i32::try_from(whole).map_err(|_| {
                    refused(&self.field, "is out of range: an int is between -2147483648 and 2147483647")
                })?);
            }
            Values::Long(values) => {
                values.push(whole(value).map_err(|reason| refused_number(&self.field, value, reason))?);
            }
            Values::Float(values) => {
                let number = match value {
                    Scalar::Single(number) => number,
                    Scalar::Int(number) => number as f32,
                    Scalar::Unsigned(number) => number as f32,
                    Scalar::Float(number) => number as f32,
                    _ => return Err(mismatch(&self.field, value)),
                };
                if !number.is_finite() {
                    return Err(refused(&self.field, "is out of range: a float is at most 3.4028235e38"));
                }
                values.push(number);
            }
            Values::Double(values) => {
                let number = match value {
                    Scalar::Float(number) => number,
                    Scalar::Int(number) => number as f64,
                    Scalar::Unsigned(number) => number as f64,
                    Scalar::Single(number) => f64::from(number),
                    _ => return Err(mismatch(&self.field, value)),
                };
                if !number.is_finite() {
                    return Err(refused(&self.field, "is not finite"));
                }
                values.push(number);
            }
            Values::Bool(values) => {
                let Scalar::Bool(value) = value else { return Err(mismatch(&self.field, value)) };
                values.push(value);
            }
        }
        self.valid.push(true);
        Ok(())
    }

    fn push_null(&mut self) -> Result<(), Mismatch> {
        if !self.field.nullable {
            return Err(refused(&self.field, "is null or missing, and the column is not nullable"));
        }
        match &mut self.values {
            Values::Text { bytes, offsets } => offsets.push(bytes.len() as i32),
            Values::Int(values) => values.push(0),
            Values::Long(values) => values.push(0),
            Values::Float(values) => values.push(0.0),
            Values::Double(values) => values.push(0.0),
            Values::Bool(values) => values.push(false),
        }
        self.valid.push(false);
        Ok(())
    }

    /// Takes back all values but the first `rows`.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.valid.truncate(rows);
        while self.cut.last().is_some_and(|&row| row >= rows) {
            self.cut.pop();
        }
        match &mut self.values {
            Values::Text { bytes, offsets } => {
                offsets.truncate(rows + 1);
                bytes.truncate(offsets.last().map_or(0, |&end| end as usize));
            }
            Values::Int(values) => values.truncate(rows),
            Values::Long(values) => values.truncate(rows),
            Values::Float(values) => values.truncate(rows),
            Values::Double(values) => values.truncate(rows),
            Values::Bool(values) => values.truncate(rows),
        }
    }

    /// The values as an array, and an empty column again.
    ///
    /// A dictionary column is dictionary-encoded if it repeats itself, else plain text: readers take both.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        let empty = Self::new(self.field.clone(), self.limit).for_record_id(self.is_record_id);
        let Self { field, values, valid, .. } = std::mem::replace(self, empty);
        let nulls = NullBuffer::from(valid);
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        match values {
            Values::Text { bytes, offsets } => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                // The bytes are whole `str`s, so this check of UTF-8 passes; it costs little beside the parsing.
                let array = match StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls) {
                    Ok(array) => array,
                    Err(error) => unreachable!("texts come from str: {error}"),
                };
                if matches!(field.arrow_type(), DataType::Dictionary(..))
                    && let Some(array) = dictionary(&array)
                {
                    return Arc::new(array);
                }
                Arc::new(array)
            }
            Values::Int(values) => Arc::new(Int32Array::new(values.into(), nulls)),
            Values::Long(values) => Arc::new(Int64Array::new(values.into(), nulls)),
            Values::Float(values) => Arc::new(Float32Array::new(values.into(), nulls)),
            Values::Double(values) => Arc::new(Float64Array::new(values.into(), nulls)),
            Values::Bool(values) => Arc::new(BooleanArray::new(BooleanBuffer::from(values), nulls)),
        }
    }
}

/// Why an empty text is refused as record ID.
pub(crate) const EMPTY_ID: &str = "is empty, and the empty string is no record ID";

/// What of a text the limit lets through.
pub(crate) fn limited(text: &str, limit: Option<TextLimit>) -> Result<&str, Mismatch> {
    let Some(limit) = limit else { return Ok(text) };
    limit.admit(text).ok_or_else(|| Mismatch {
        expected: format!("at most {} characters", limit.chars()),
        reason: format!("is longer than {} characters", limit.chars()),
    })
}

/// What a column's value must be, for messages.
pub(crate) fn expected(field: &Field) -> String {
    format!("{}{}", field.value_type, if field.nullable { " or null" } else { "" })
}

fn whole(value: Scalar<'_>) -> Result<i64, Option<&'static str>> {
    match value {
        Scalar::Int(value) => Ok(value),
        Scalar::Unsigned(_) => Err(Some("is out of range: above the largest long, 9223372036854775807")),
        Scalar::Float(value) if value.fract() != 0.0 => Err(Some("has a fraction")),
        Scalar::Float(value) if value.abs() >= EXACT_WHOLE => {
            Err(Some("is too large to be exact with a fraction or exponent: write all its digits"))
        }
        Scalar::Float(value) => Ok(value as i64),
        _ => Err(None),
    }
}

fn refused_number(field: &Field, value: Scalar<'_>, reason: Option<&str>) -> Mismatch {
    reason.map_or_else(|| mismatch(field, value), |reason| refused(field, reason))
}

fn refused(field: &Field, reason: &str) -> Mismatch {
    Mismatch { expected: expected(field), reason: reason.to_owned() }
}

fn mismatch(field: &Field, value: Scalar<'_>) -> Mismatch {
    let found = match value {
        Scalar::Null => "null",
        Scalar::Bool(_) => "a boolean",
        Scalar::Int(_) | Scalar::Unsigned(_) | Scalar::Float(_) | Scalar::Single(_) => "a number",
        Scalar::Text(_) => "a string",
        Scalar::Nested => "an array or object",
    };
    refused(field, &format!("is {found}"))
}
