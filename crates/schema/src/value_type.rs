//! The types a value can have.

use std::fmt;

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

/// The type of a column's values, by its Avro name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// UTF-8 text.
    String,
    /// 32-bit signed integer.
    Int,
    /// 64-bit signed integer.
    Long,
    /// 32-bit IEEE 754 number.
    Float,
    /// 64-bit IEEE 754 number.
    Double,
    /// True or false.
    Boolean,
}

impl ValueType {
    /// Every type.
    pub const ALL: [Self; 6] =
        [Self::String, Self::Int, Self::Long, Self::Float, Self::Double, Self::Boolean];

    /// The Avro name: `string`, `int`, `long`, `float`, `double`, `boolean`.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Boolean => "boolean",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|value_type| value_type.name() == name)
    }

    /// The type that takes every value of an Arrow column: any string or dictionary layout is a
    /// string, times and dates are epoch seconds (`long`), a list of strings is one string.
    pub(crate) fn from_arrow(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Self::String),
            DataType::Dictionary(_, values) => Self::from_arrow(values),
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
                Some(Self::Int)
            }
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Some(Self::Long),
            DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 => Some(Self::Long),
            DataType::Float16 | DataType::Float32 => Some(Self::Float),
            DataType::Float64 => Some(Self::Double),
            DataType::Boolean => Some(Self::Boolean),
            DataType::List(item) | DataType::LargeList(item) => {
                Self::from_arrow(item.data_type()).filter(|item| *item == Self::String)
            }
            _ => None,
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
