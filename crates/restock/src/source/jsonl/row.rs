//! One object, straight into the columns.

use std::fmt;

use restock_csv::values::{parse_long, shown};
use restock_schema::{ValueType, did_you_mean};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::JsonPlan;
use super::parse::Unknown;
use crate::record::{Column, Mismatch, Scalar};

/// What is wrong with a line.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) field: Option<usize>,
    /// Offset in the line.
    pub(super) byte: usize,
    pub(super) value: String,
    pub(super) expected: String,
    pub(super) reason: String,
}

/// A row being read: values go to the end of `columns`, what does not fit to `faults`.
pub(super) struct Row<'a> {
    pub(super) plan: &'a JsonPlan,
    pub(super) columns: &'a mut [Column],
    pub(super) seen: &'a mut [bool],
    /// Where unknown keys go; they are faults without it.
    pub(super) unknown: Option<&'a mut Unknown>,
    pub(super) faults: &'a mut Vec<Fault>,
    /// The second reading of a line: slower, complete.
    pub(super) close: bool,
    /// The address of the line, from which places in it are counted.
    pub(super) start: usize,
    /// Where the value being read begins in the line, in the second reading.
    pub(super) at: usize,
}

impl Row<'_> {
    /// Reads the object of a line. The columns are of one length afterwards, if there are no faults.
    pub(super) fn read(self, text: &str) -> Result<(), Fault> {
        let most = self.plan.options.limits.value_shown;
        let mut json = serde_json::Deserializer::from_str(text);
        let read = json.deserialize_map(self).and_then(|()| json.end());
        read.map_err(|error| Fault {
            field: None,
            byte: error.column().saturating_sub(1),
            value: shown(text.as_bytes(), most),
            expected: "one JSON object of column names and values".to_owned(),
            reason: if error.is_eof() {
                "ends before its object does: an object must stand on one line".to_owned()
            } else {
                format!("is not valid here: {error}")
            },
        })
    }

    fn fault(&mut self, field: Option<usize>, value: String, wrong: Mismatch) {
        // A key may be there a million times.
        if self.faults.len() >= self.plan.options.limits.columns {
            return;
        }
        self.faults.push(Fault {
            field,
            byte: self.at,
            value,
            expected: wrong.expected,
            reason: wrong.reason,
        });
    }

    fn unknown(&mut self, key: &str) {
        let limits = &self.plan.options.limits;
        if let Some(unknown) = &mut self.unknown {
            return unknown.add(key, limits.columns);
        }
        let hint = did_you_mean(key, self.plan.keys.iter().map(String::as_str));
        let reason = format!("names no column of the dataset{hint}");
        let key = shown(key.as_bytes(), limits.value_shown);
        self.fault(None, key, Mismatch { expected: "the name of a column".to_owned(), reason });
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut guess = 0;
        while let Some(field) = map.next_key_seed(Key { row: &mut self, guess })? {
            let Some(field) = field else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            guess = field + 1;
            self.at = 0;
            let doubled = self.seen.get_mut(field).is_some_and(|seen| std::mem::replace(seen, true));
            if doubled {
                map.next_value::<IgnoredAny>()?;
                let reason = "is given twice in one object".to_owned();
                let key = self.plan.keys.get(field).cloned().unwrap_or_default();
                self.fault(Some(field), key, Mismatch { expected: "each column once".to_owned(), reason });
            } else {
                map.next_value_seed(Value { row: &mut self, field })?;
            }
        }
        self.at = 0;
        for field in 0..self.columns.len() {
            if self.seen.get(field) == Some(&false)
                && let Some(Err(wrong)) = self.columns.get_mut(field).map(|column| column.push(Scalar::Null))
            {
                self.fault(Some(field), String::new(), wrong);
            }
        }
        Ok(())
    }
}

/// Finds the field of a key. Objects mostly have their keys in one order, so the next field is tried first.
struct Key<'r, 'a> {
    row: &'r mut Row<'a>,
    guess: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column name")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Option<usize>, E> {
        if self.row.plan.keys.get(self.guess).is_some_and(|next| next == key) {
            return Ok(Some(self.guess));
        }
        let field = self.row.plan.fields.get(key).copied();
        if field.is_none() {
            self.row.unknown(key);
        }
        Ok(field)
    }
}

/// Puts a value into a field's column.
struct Value<'r, 'a> {
    row: &'r mut Row<'a>,
    field: usize,
}

impl Value<'_, '_> {
    fn value_type(&self) -> Option<ValueType> {
        self.row.columns.get(self.field).map(Column::value_type)
    }

    /// The JSON text of a value for an integer column: a number in a double would hide what it rounded.
    fn whole(self, text: &str) -> serde_json::Result<()> {
        let number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if !number || text.contains(['e', 'E']) {
            return serde_json::Deserializer::from_str(text).deserialize_any(self);
        }
        match parse_long(text.as_bytes()) {
            Ok(value) => self.push(Scalar::Int(value), |_| text.to_owned()),
            Err(fault) => {
                let value = shown(text.as_bytes(), self.row.plan.options.limits.value_shown);
                let expected = self.row.columns.get(self.field).map(Column::expected).unwrap_or_default();
                self.row.fault(Some(self.field), value, Mismatch { expected, reason: fault.to_string() });
            }
        }
        Ok(())
    }

    /// JSON by its form, and still no value: a number out of range, half a character.
    fn unreadable(self, text: &str, error: &serde_json::Error) {
        let value = shown(text.as_bytes(), self.row.plan.options.limits.value_shown);
        let expected = self.row.columns.get(self.field).map(Column::expected).unwrap_or_default();
        let error = error.to_string();
        // Its place is one in the value; the fault has that in the line.
        let error = error.split(" at line ").next().unwrap_or_default();
        self.row.fault(
            Some(self.field),
            value,
            Mismatch { expected, reason: format!("is not valid here: {error}") },
        );
    }

    fn push(self, value: Scalar<'_>, show: impl FnOnce(usize) -> String) {
        let limits = &self.row.plan.options.limits;
        let Some(column) = self.row.columns.get_mut(self.field) else { return };
        let pushed = match value {
            Scalar::Text(text) if text.len() > limits.field_bytes => Err(Mismatch {
                expected: format!("at most {} bytes", limits.field_bytes),
                reason: format!("is over the limit field_bytes ({})", limits.field_bytes),
            }),
            value => column.push(value),
        };
        if let Err(wrong) = pushed {
            let value = show(limits.value_shown);
            self.row.fault(Some(self.field), value, wrong);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match (self.value_type(), self.row.close) {
            (Some(ValueType::Float), false) => deserializer.deserialize_option(self),
            (value_type, true) => {
                let text = <&RawValue>::deserialize(deserializer)?.get();
                self.row.at = text.as_ptr().addr().saturating_sub(self.row.start);
                let whole = matches!(value_type, Some(ValueType::Int | ValueType::Long));
                let value = Value { row: &mut *self.row, field: self.field };
                let read = if whole {
                    value.whole(text)
                } else {
                    serde_json::Deserializer::from_str(text).deserialize_any(value)
                };
                if let Err(error) = read {
                    self.unreadable(text, &error);
                }
                Ok(())
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        struct Single<'r, 'a>(Value<'r, 'a>);

        impl Visitor<'_> for Single<'_, '_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
                self.0.visit_i64(value)
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
                self.0.visit_u64(value)
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
                // It was rounded to an f32 already, only its type is wider.
                let single = value as f32;
                self.0.push(Scalar::Single(single), |_| single.to_string());
                Ok(())
            }
        }

        deserializer.deserialize_f32(Single(self))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.push(Scalar::Null, |_| "null".to_owned());
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.push(Scalar::Bool(value), |_| value.to_string());
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.push(Scalar::Int(value), |_| value.to_string());
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        let scalar = i64::try_from(value).map_or(Scalar::Unsigned(value), Scalar::Int);
        self.push(scalar, |_| value.to_string());
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        if !self.row.close && matches!(self.value_type(), Some(ValueType::Int | ValueType::Long)) {
            return Err(E::custom("to be looked at closer"));
        }
        self.push(Scalar::Float(value), |_| format!("{value:?}"));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.push(Scalar::Text(text), |most| shown(text.as_bytes(), most));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.push(Scalar::Nested, |_| "[...]".to_owned());
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.push(Scalar::Nested, |_| "{...}".to_owned());
        Ok(())
    }
}
