//! Which type converts to which, and the conversion of a column.

use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use arrow::error::ArrowError;
use restock_csv::Limits;
use restock_schema::{Field, TextLimit, ValueType};

use super::{number, text, time};
use crate::record::{EMPTY_ID, expected};

/// A value that does not fit.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) row: usize,
    pub(super) expected: String,
    pub(super) reason: String,
}

/// A column in the target's type. Rows with faults hold nothing of meaning.
#[derive(Debug)]
pub(super) struct Converted {
    pub(super) array: ArrayRef,
    /// One a row at most, in order.
    pub(super) faults: Vec<Fault>,
    /// Rows whose text was cut.
    pub(super) cut: Vec<usize>,
}

/// How a column converts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// Dictionaries and runs: unpacked to this type first.
    Unpack(DataType, Box<Rule>),
    /// Any layout of strings.
    Text,
    /// Any layout of lists of strings.
    Joined,
    /// Numbers to `int` or `long`.
    Whole,
    /// Numbers to `float` or `double`.
    Decimal,
    /// Timestamps and dates: this many units a second; days are 0.
    Seconds(i64),
    Boolean,
    /// A column without a type holds nulls only.
    Null,
}

impl Rule {
    pub(super) fn find(target: ValueType, source: &DataType) -> Option<Self> {
        use DataType as D;
        use ValueType as V;
        match (target, source) {
            (_, D::Null) => Some(Self::Null),
            (_, D::Dictionary(_, values)) => Self::unpack(target, values),
            (_, D::RunEndEncoded(_, values)) => Self::unpack(target, values.data_type()),
            (V::String, D::Utf8 | D::LargeUtf8 | D::Utf8View) => Some(Self::Text),
            (
                V::String,
                D::List(item)
                | D::LargeList(item)
                | D::FixedSizeList(item, _)
                | D::ListView(item)
                | D::LargeListView(item),
            ) => (Self::find(V::String, item.data_type()) == Some(Self::Text)).then_some(Self::Joined),
            (V::Int | V::Long, source) if is_number(source) => Some(Self::Whole),
            (V::Float | V::Double, source) if is_number(source) => Some(Self::Decimal),
            (V::Long, D::Timestamp(unit, _)) => Some(Self::Seconds(match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            })),
            (V::Long, D::Date32) => Some(Self::Seconds(0)),
            (V::Long, D::Date64) => Some(Self::Seconds(1_000)),
            (V::Boolean, D::Boolean) => Some(Self::Boolean),
            _ => None,
        }
    }

    fn unpack(target: ValueType, values: &DataType) -> Option<Self> {
        let rule = Self::find(target, values)?;
        Some(Self::Unpack(values.clone(), Box::new(rule)))
    }

    pub(super) fn convert(
        &self,
        source: &ArrayRef,
        field: &Field,
        limit: Option<TextLimit>,
        limits: &Limits,
    ) -> Result<Converted, ArrowError> {
        if let Self::Unpack(data_type, rule) = self {
            return rule.convert(&cast(source, data_type)?, field, limit, limits);
        }
        let mut converted = match self {
            Self::Text => text::plain(source, limit, limits)?,
            Self::Joined => text::joined(source, limit, limits)?,
            Self::Whole => number::whole(source, field)?,
            Self::Decimal => number::decimal(source, field)?,
            Self::Seconds(unit) => time::seconds(source, *unit, field)?,
            Self::Boolean => Converted { array: source.clone(), faults: Vec::new(), cut: Vec::new() },
            Self::Null | Self::Unpack(..) => {
                let data_type = match field.arrow_type() {
                    DataType::Dictionary(_, values) => *values,
                    plain => plain,
                };
                Converted {
                    array: new_null_array(&data_type, source.len()),
                    faults: Vec::new(),
                    cut: Vec::new(),
                }
            }
        };
        if !field.nullable {
            converted.refuse_nulls(field);
        }
        Ok(converted)
    }
}

impl Converted {
    /// The empty string is no record ID.
    pub(super) fn refuse_empty(&mut self, field: &Field) {
        let Some(texts) = self.array.as_string_opt::<i32>() else { return };
        let is_empty = |row: &usize| texts.is_valid(*row) && texts.value_length(*row) == 0;
        let rows: Vec<usize> = (0..texts.len()).filter(is_empty).collect();
        self.refuse(rows.into_iter(), field, EMPTY_ID);
    }

    /// Nulls that have no fault yet are faults.
    fn refuse_nulls(&mut self, field: &Field) {
        let Some(nulls) = self.array.logical_nulls().filter(|nulls| nulls.null_count() > 0) else { return };
        self.refuse(
            (0..nulls.len()).filter(|&row| nulls.is_null(row)),
            field,
            "is null, and the column is not nullable",
        );
    }

    /// Adds a fault for each of the rows, in order, that has none yet.
    fn refuse(&mut self, rows: impl Iterator<Item = usize>, field: &Field, reason: &str) {
        let mut found = std::mem::take(&mut self.faults).into_iter().peekable();
        for row in rows {
            while let Some(earlier) = found.next_if(|fault| fault.row < row) {
                self.faults.push(earlier);
            }
            if found.peek().is_none_or(|fault| fault.row != row) {
                self.faults.push(Fault { row, expected: expected(field), reason: reason.to_owned() });
            }
        }
        self.faults.extend(found);
    }
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_integer()
        || data_type.is_floating()
        || matches!(
            data_type,
            DataType::Decimal32(..)
                | DataType::Decimal64(..)
                | DataType::Decimal128(..)
                | DataType::Decimal256(..)
        )
}

/// A column that was cast to strings.
pub(super) fn strings(array: &ArrayRef) -> Result<&arrow::array::StringArray, ArrowError> {
    array.as_string_opt::<i32>().ok_or_else(|| ArrowError::CastError("not a string column".to_owned()))
}
