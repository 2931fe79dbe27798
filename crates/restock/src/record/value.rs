//! A record and its values.

use std::fmt;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::convert::InvalidRecord;

/// One value of a record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    Null,
    /// A `boolean`.
    Bool(bool),
    /// An `int` or `long`; also fits `float` and `double`.
    Int(i64),
    /// A `float` or `double`; a whole one below 2^53 also fits `int` and `long`.
    Float(f64),
    /// A `string`.
    String(String),
}

/// A row by column name: names are distinct and keep their order.
///
/// ```
/// let item = restock::record! { "ITEM_ID" => "i1", "PRICE" => 9.9, "GENRES" => None::<String> };
/// assert_eq!(serde_json::to_string(&item)?, r#"{"ITEM_ID":"i1","PRICE":9.9,"GENRES":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Record {
    /// As many as the values; those of the records of one dataset are shared.
    names: Arc<Vec<String>>,
    values: Vec<Value>,
}

impl Record {
    /// A record without values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Any serialisable row: a struct or map whose values are booleans, numbers, strings or nothing.
    ///
    /// # Errors
    /// Not a struct or map, a nested value, an integer above `i64`, a float that is not finite.
    pub fn from_serialize<T: Serialize + ?Sized>(row: &T) -> Result<Self, InvalidRecord> {
        let row = serde_json::to_value(row).map_err(|error| InvalidRecord::unreadable(error.to_string()))?;
        let serde_json::Value::Object(row) = row else {
            return Err(InvalidRecord::unreadable("expected a struct or map of columns".to_owned()));
        };
        let values = row.into_iter().map(|(name, value)| match Value::try_from_json(value) {
            Ok(value) => Ok((name, value)),
            Err(reason) => Err(InvalidRecord::unreadable(format!("column {name}: {reason}"))),
        });
        let (names, values): (_, Vec<_>) = values.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(Self::of(Arc::new(names), values))
    }

    /// A record of so many values as names, which are distinct.
    pub(crate) fn of(names: Arc<Vec<String>>, values: Vec<Value>) -> Self {
        debug_assert_eq!(names.len(), values.len());
        Self { names, values }
    }

    /// The value of a column, if the record has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Sets a value, and returns the one it replaces.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (name, value) = (name.into(), value.into());
        let place = self.names.iter().position(|known| *known == name);
        match place.and_then(|place| self.values.get_mut(place)) {
            Some(old) => Some(std::mem::replace(old, value)),
            None => {
                Arc::make_mut(&mut self.names).push(name);
                self.values.push(value);
                None
            }
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.names.iter().map(String::as_str).zip(&self.values)
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// A [`Record`] of `name => value` pairs: `record! { "ITEM_ID" => "i1", "PRICE" => 9.9 }`.
#[macro_export]
macro_rules! record {
    ($($name:expr => $value:expr),* $(,)?) => {
        <$crate::Record as ::std::iter::FromIterator<(::std::string::String, $crate::Value)>>::from_iter([
            $((::std::string::String::from($name), $crate::Value::from($value))),*
        ])
    };
}

/// Of a name that comes twice the last value stays, at the place of the first.
impl FromIterator<(String, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        let mut places: AHashMap<String, usize> = AHashMap::new();
        let (mut names, mut kept) = (Vec::new(), Vec::new());
        for (name, value) in values {
            match places.get(&name).and_then(|&place| kept.get_mut(place)) {
                Some(old) => *old = value,
                None => {
                    places.insert(name.clone(), kept.len());
                    names.push(name);
                    kept.push(value);
                }
            }
        }
        Self::of(Arc::new(names), kept)
    }
}

impl IntoIterator for Record {
    type Item = (String, Value);
    type IntoIter = std::iter::Zip<std::vec::IntoIter<String>, std::vec::IntoIter<Value>>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.names).into_iter().zip(self.values)
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Value {
    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    fn try_from_json(value: serde_json::Value) -> Result<Self, String> {
        match value {
            serde_json::Value::Null => Ok(Self::Null),
            serde_json::Value::Bool(value) => Ok(Self::Bool(value)),
            serde_json::Value::String(text) => Ok(Self::String(text)),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(value), ..) => Ok(Self::Int(value)),
                (None, Some(value), _) => Err(format!("{value} is above the largest long, {}", i64::MAX)),
                (None, None, Some(value)) => Ok(Self::Float(value)),
                (None, None, None) => Err(format!("{number} is not a number a column can hold")),
            },
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => Err(NESTED.to_owned()),
        }
    }
}

const NESTED: &str =
    "nested values have no place in a record: a value is null, a boolean, a number or a string";

macro_rules! from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from! {
    bool => Bool, &str => String, String => String, &String => String, Box<str> => String,
    std::borrow::Cow<'_, str> => String,
    i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => Int, u16 => Int, u32 => Int, f32 => Float, f64 => Float,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// As in JSON, text in quotes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::String(text) => write!(f, "{text:?}"),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("null, a boolean, a number or a string")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_none<E: de::Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
                Value::deserialize(deserializer)
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Int(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
                i64::try_from(value).map(Value::Int).map_err(|_| {
                    E::invalid_value(de::Unexpected::Unsigned(value), &"at most the largest long")
                })
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Float(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::String(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
                Ok(Value::String(text))
            }
        }

        deserializer.deserialize_any(ValueVisitor)
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A name that comes twice is an error: one of its values would be lost silently.
impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RecordVisitor;

        impl<'de> Visitor<'de> for RecordVisitor {
            type Value = Record;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of column names and values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
                let (mut names, mut values) = (Vec::new(), Vec::new());
                let mut known = AHashSet::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if !known.insert(name.clone()) {
                        return Err(de::Error::custom(format_args!("column {name} comes twice")));
                    }
                    names.push(name);
                    values.push(value);
                }
                Ok(Record::of(Arc::new(names), values))
            }
        }

        deserializer.deserialize_map(RecordVisitor)
    }
}
