//! The columns that a footer lists. Arrow's own reading of a schema panics at what it does not know; the format has
//! few types, so they are read here.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::{self, Precision, Type};

/// The columns in order, or why they are none of this format.
pub(super) fn columns(schema: ipc::Schema<'_>) -> Result<Schema, String> {
    let fields = schema.fields().into_iter().flatten();
    let columns: Vec<Field> = fields.map(column).collect::<Result<_, _>>()?;
    if columns.is_empty() { Err("it has no columns".to_owned()) } else { Ok(Schema::new(columns)) }
}

fn column(field: ipc::Field<'_>) -> Result<Field, String> {
    let name = field.name().unwrap_or_default();
    let stored = match field.dictionary() {
        None => plain(field),
        Some(dictionary) => {
            let codes =
                dictionary.indexType().and_then(|codes| match (codes.bitWidth(), codes.is_signed()) {
                    (8, false) => Some(DataType::UInt8),
                    (16, false) => Some(DataType::UInt16),
                    (32, true) => Some(DataType::Int32),
                    _ => None,
                });
            let values = plain(field).filter(|values| *values == DataType::Utf8);
            codes.zip(values).map(|(codes, values)| DataType::Dictionary(codes.into(), values.into()))
        }
    };
    let stored = stored.ok_or_else(|| format!("column `{name}` has a type that no segment stores"))?;
    let entries = field.custom_metadata().into_iter().flatten();
    let metadata: HashMap<String, String> =
        entries.filter_map(|entry| Some((entry.key()?.to_owned(), entry.value()?.to_owned()))).collect();
    Ok(Field::new(name, stored, field.nullable()).with_metadata(metadata))
}

fn plain(field: ipc::Field<'_>) -> Option<DataType> {
    match field.type_type() {
        Type::Utf8 => Some(DataType::Utf8),
        Type::Bool => Some(DataType::Boolean),
        Type::Int => field.type_as_int().and_then(|int| match (int.bitWidth(), int.is_signed()) {
            (32, true) => Some(DataType::Int32),
            (64, true) => Some(DataType::Int64),
            (32, false) => Some(DataType::UInt32),
            (64, false) => Some(DataType::UInt64),
            _ => None,
        }),
        Type::FloatingPoint => field.type_as_floating_point().and_then(|float| match float.precision() {
            Precision::SINGLE => Some(DataType::Float32),
            Precision::DOUBLE => Some(DataType::Float64),
            _ => None,
        }),
        _ => None,
    }
}
