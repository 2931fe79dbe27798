//! What the sampled values of one column have in common.

use ahash::AHashSet;

use crate::ValueType;

/// Past this many different values a column is not categorical, and they are no longer told apart.
const MAX_CATEGORIES: usize = 1_000;
/// Up to this many different values one repetition makes a column categorical.
const FEW_CATEGORIES: usize = 20;
/// With more of them, each must occur this often on average.
const MIN_REPETITION: usize = 10;
/// Mean characters from which a string reads as text.
const MIN_TEXT_CHARS: usize = 20;

/// The spellings of "no value" that other tools write, and that are strings here.
const NO_VALUE: [&str; 6] = ["NA", "N/A", "NaN", "null", "NULL", "None"];

/// Collects the values of a column.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Values that are neither null nor empty.
    pub(super) values: usize,
    /// Empty fields.
    pub(super) nulls: usize,
    /// Quoted empty fields: empty strings, but null in a column of another type.
    empty_strings: usize,
    /// Values that are a [`NO_VALUE`], and the first of them.
    pub(super) no_values: usize,
    pub(super) no_value: Option<&'static str>,
    not_number: bool,
    not_integer: bool,
    not_in_int: bool,
    /// A whole number has a fraction (`12.0`): an integer column takes it, but the next may be 12.5.
    has_fraction: bool,
    not_in_float: bool,
    beyond_float: bool,
    not_boolean: bool,
    /// A number is written so that it would not read back: `00123`.
    pub(super) leading_zero: bool,
    chars: usize,
    /// The parts between `|`, and how many there are.
    parts: AHashSet<String>,
    part_count: usize,
}

impl Profile {
    pub(super) fn add(&mut self, value: Option<&str>) {
        match value {
            None => self.nulls += 1,
            Some("") => self.empty_strings += 1,
            Some(value) => self.add_value(value),
        }
    }

    fn add_value(&mut self, value: &str) {
        self.values += 1;
        self.chars += value.chars().count();
        for part in value.split('|') {
            self.part_count += 1;
            if self.parts.len() <= MAX_CATEGORIES && !self.parts.contains(part) {
                self.parts.insert(part.to_owned());
            }
        }
        if let Some(known) = NO_VALUE.into_iter().find(|known| *known == value) {
            self.no_values += 1;
            self.no_value.get_or_insert(known);
            return;
        }
        self.not_boolean |= !(value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"));
        match number(value) {
            None => self.not_number = true,
            Some(number) => {
                let digits = value.trim_start_matches(['+', '-']);
                self.leading_zero |=
                    digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
                let whole = whole_part(value);
                self.has_fraction |= whole.len() < value.len();
                self.not_integer |= whole.parse::<i64>().is_err();
                self.not_in_int |= whole.parse::<i32>().is_err();
                self.not_in_float |= !survives_float(number);
                self.beyond_float |= number.abs() > f64::from(f32::MAX);
            }
        }
    }

    /// The narrowest type that takes every value, as far as seen; a string where nothing was.
    pub(super) fn value_type(&self) -> ValueType {
        if self.values == self.no_values || self.no_values > 0 || self.leading_zero {
            return ValueType::String;
        }
        self.type_but_for_no_values()
    }

    /// As if the [`NO_VALUE`]s were null.
    pub(super) fn type_but_for_no_values(&self) -> ValueType {
        if self.values == self.no_values {
            ValueType::String
        } else if !self.not_boolean {
            ValueType::Boolean
        } else if self.not_number {
            ValueType::String
        } else if !self.has_fraction && !self.not_in_int {
            ValueType::Int
        } else if !self.has_fraction && !self.not_integer {
            ValueType::Long
        } else if !self.not_in_float {
            ValueType::Float
        } else {
            ValueType::Double
        }
    }

    /// Whether a column of the type would read null somewhere.
    pub(super) fn has_null(&self, value_type: ValueType) -> bool {
        self.nulls > 0 || (value_type != ValueType::String && self.empty_strings > 0)
    }

    /// Whether every value fits a column of the type.
    pub(super) fn fits(&self, value_type: ValueType) -> bool {
        let no_value = self.no_values > 0;
        match value_type {
            ValueType::String => true,
            ValueType::Int => !(no_value || self.not_number || self.not_in_int),
            ValueType::Long => !(no_value || self.not_number || self.not_integer),
            ValueType::Float => !(no_value || self.not_number || self.beyond_float),
            ValueType::Double => !(no_value || self.not_number),
            ValueType::Boolean => !(no_value || self.not_boolean),
        }
    }

    /// Few values that come again, counting those between `|` one by one.
    pub(super) fn is_categorical(&self) -> bool {
        let (different, seen) = (self.parts.len(), self.part_count);
        if different <= FEW_CATEGORIES {
            different < seen
        } else {
            different <= MAX_CATEGORIES && different * MIN_REPETITION <= seen
        }
    }

    /// Mean characters of the values, if they read as text.
    pub(super) fn text_chars(&self) -> Option<usize> {
        self.chars.checked_div(self.values).filter(|mean| *mean >= MIN_TEXT_CHARS)
    }
}

/// A decimal number, with or without exponent; not `inf` or `nan`.
fn number(value: &str) -> Option<f64> {
    let looks_so = value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    value.parse().ok().filter(|number: &f64| looks_so && number.is_finite())
}

/// The number without a fraction of zeros, which an integer column takes too.
fn whole_part(value: &str) -> &str {
    match value.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => value,
    }
}

/// Whether a `float` shows the number as it was written.
#[expect(clippy::cast_possible_truncation, reason = "the loss is what is looked for")]
fn survives_float(number: f64) -> bool {
    (number as f32).to_string() == number.to_string()
}
