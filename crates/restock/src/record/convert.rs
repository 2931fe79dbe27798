//! Records into a batch of a dataset's columns.

use ahash::AHashMap;
use arrow::array::RecordBatch;
use restock_schema::{Schema, TextLimit, did_you_mean};

use super::column::{Column, Scalar};
use super::value::{Record, Value};

/// A record that cannot be put: the message names the column, the value, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(*index))]
#[non_exhaustive]
pub struct InvalidRecord {
    /// Which record of the call, counted from 1.
    pub index: Option<usize>,
    /// The column, if it is one column's error.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
}

fn place(index: Option<usize>) -> String {
    index.map(|index| format!("record {index}: ")).unwrap_or_default()
}

impl InvalidRecord {
    pub(crate) fn unreadable(message: String) -> Self {
        Self { index: None, column: None, message }
    }
}

/// The records as rows of `schema`; `limits` holds one limit a field.
///
/// A key must name a column; a nullable column that is not named is null (S7 replaces whole records).
///
/// # Errors
/// The first record that does not fit.
pub(crate) fn to_batch(
    records: &[Record],
    schema: &Schema,
    limits: &[Option<TextLimit>],
) -> Result<RecordBatch, InvalidRecord> {
    let places: AHashMap<&str, usize> =
        schema.fields().iter().enumerate().map(|(place, field)| (field.name.as_str(), place)).collect();
    let limits = limits.iter().copied().chain(std::iter::repeat(None));
    let mut columns: Vec<Column> =
        schema.fields().iter().zip(limits).map(|(field, limit)| Column::new(field.clone(), limit)).collect();
    for (row, record) in records.iter().enumerate() {
        let invalid = |column: &str, message: String| InvalidRecord {
            index: Some(row + 1),
            column: Some(column.to_owned()),
            message: format!("column {column}: {message}"),
        };
        for (name, value) in record.iter() {
            let Some(column) = places.get(name).and_then(|&place| columns.get_mut(place)) else {
                let hint = did_you_mean(name, places.keys().copied());
                return Err(invalid(name, format!("the dataset has no such column{hint}")));
            };
            column.push(scalar(value)).map_err(|wrong| {
                invalid(name, format!("{} {}; expected {}", shown(value), wrong.reason, wrong.expected))
            })?;
        }
        for column in columns.iter_mut().filter(|column| column.len() == row) {
            if let Err(wrong) = column.push(Scalar::Null) {
                return Err(invalid(column.name(), format!("{}; expected {}", wrong.reason, wrong.expected)));
            }
        }
    }
    batch_of(schema, &mut columns).map_err(|error| InvalidRecord::unreadable(error.to_string()))
}

/// What the columns hold, as a batch; they are empty afterwards.
pub(crate) fn batch_of(
    schema: &Schema,
    columns: &mut [Column],
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let arrays: Vec<_> = columns.iter_mut().map(Column::finish).collect();
    typed_batch(schema, arrays)
}

/// A batch of the schema's columns, dictionary columns being allowed to be plain text.
pub(crate) fn typed_batch(
    schema: &Schema,
    arrays: Vec<arrow::array::ArrayRef>,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let full = schema.to_arrow();
    let fields = full.fields().iter().zip(&arrays).map(|(field, array)| {
        if field.data_type() == array.data_type() {
            std::sync::Arc::clone(field)
        } else {
            std::sync::Arc::new(field.as_ref().clone().with_data_type(array.data_type().clone()))
        }
    });
    let fields: Vec<_> = fields.collect();
    let actual = arrow::datatypes::Schema::new_with_metadata(fields, full.metadata().clone());
    RecordBatch::try_new(actual.into(), arrays)
}

fn scalar(value: &Value) -> Scalar<'_> {
    match value {
        Value::Null => Scalar::Null,
        Value::Bool(value) => Scalar::Bool(*value),
        Value::Int(value) => Scalar::Int(*value),
        Value::Float(value) => Scalar::Float(*value),
        Value::String(text) => Scalar::Text(text),
    }
}

fn shown(value: &Value) -> String {
    restock_csv::values::shown(value.to_string().as_bytes(), 80)
}
