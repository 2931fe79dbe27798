//! One column of a schema.

use std::fmt;

use arrow::datatypes::DataType;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{SchemaError, ValueType, avro};

/// Held as a dictionary although it is no categorical field: it has few values in every dataset.
const EVENT_TYPE: &str = "EVENT_TYPE";

/// One column: its name, type and attributes. In serde, the field's Avro JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The column's name, an Avro name.
    pub name: String,
    /// The type of its values.
    pub value_type: ValueType,
    /// Whether a value may be null.
    pub nullable: bool,
    /// Few values, or several joined by `|` (strings only).
    pub categorical: bool,
    /// Free text (strings only).
    pub textual: bool,
}

impl Field {
    /// A column without attributes that allows no null.
    pub fn new(name: impl Into<String>, value_type: ValueType) -> Self {
        Self { name: name.into(), value_type, nullable: false, categorical: false, textual: false }
    }

    /// The Arrow type of the column: `Dictionary(Int32, Utf8)` for categorical strings and
    /// `EVENT_TYPE`, else the plain type.
    pub fn arrow_type(&self) -> DataType {
        match self.value_type {
            ValueType::String if self.categorical || self.name == EVENT_TYPE => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            ValueType::String => DataType::Utf8,
            ValueType::Int => DataType::Int32,
            ValueType::Long => DataType::Int64,
            ValueType::Float => DataType::Float32,
            ValueType::Double => DataType::Float64,
            ValueType::Boolean => DataType::Boolean,
        }
    }

    /// The Arrow field of the column.
    pub fn to_arrow(&self) -> arrow::datatypes::Field {
        arrow::datatypes::Field::new(&self.name, self.arrow_type(), self.nullable)
    }

    /// The column that takes every value of an Arrow column. A dictionary is categorical, but for
    /// `EVENT_TYPE`; nothing in an Arrow type says textual.
    pub(crate) fn from_arrow(field: &arrow::datatypes::Field) -> Result<Self, SchemaError> {
        let Some(value_type) = ValueType::from_arrow(field.data_type()) else {
            return Err(SchemaError::field(
                field.name(),
                format!(
                    "its Arrow type {} has no counterpart; a column holds strings, integers, floating-point \
                     numbers, booleans, times or lists of strings",
                    field.data_type()
                ),
            ));
        };
        Ok(Self {
            name: field.name().clone(),
            value_type,
            nullable: field.is_nullable(),
            categorical: matches!(field.data_type(), DataType::Dictionary(_, _))
                && value_type == ValueType::String
                && field.name() != EVENT_TYPE,
            textual: false,
        })
    }
}

/// The type and attributes as a message says them: `categorical string or null`.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.categorical { "categorical " } else { "" })?;
        f.write_str(if self.textual { "textual " } else { "" })?;
        write!(f, "{}{}", self.value_type, if self.nullable { " or null" } else { "" })
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        avro::write_field(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        avro::read_field(&value, 0).map_err(D::Error::custom)
    }
}
