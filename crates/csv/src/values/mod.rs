//! The text forms of values: one function a type, shared by every textual format.

mod boolean;
mod float;
mod integer;
mod shown;
mod swar;

use std::fmt;

use restock_schema::ValueType;

pub use boolean::parse_boolean;
pub use float::{parse_double, parse_float};
pub use integer::{parse_int, parse_long};
pub use shown::shown;
pub(crate) use swar::{Scaled, digits, scaled};

/// Above this a `TIMESTAMP` is more likely milliseconds than seconds: it is accepted and noted.
pub const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Why a text is not a value of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFault {
    /// Not of the form.
    Form,
    /// A number with a fraction where a whole one is asked for.
    Fraction,
    /// Of the form, but more than the type holds.
    Range,
    /// `NaN` or an infinity.
    NotFinite,
}

impl fmt::Display for ValueFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Form => "is not of this type",
            Self::Fraction => "has a fraction",
            Self::Range => "is out of range",
            Self::NotFinite => "is not finite",
        })
    }
}

/// What a column of a type accepts, in words.
#[must_use]
pub fn expected(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::String => "string",
        ValueType::Int => "int (whole number, -2147483648 to 2147483647)",
        ValueType::Long => "long (whole number, -9223372036854775808 to 9223372036854775807)",
        ValueType::Float => "float (finite decimal number)",
        ValueType::Double => "double (finite decimal number)",
        ValueType::Boolean => "boolean (true, false, 1 or 0)",
    }
}

#[cfg(test)]
mod tests;
