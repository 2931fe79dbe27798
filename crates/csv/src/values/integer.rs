//! Whole numbers: optional sign, digits, and a fraction of zeros only (`12.0`, as pandas writes).

use super::ValueFault;

/// A whole number type of the schema.
pub(crate) trait Whole: Copy + Default {
    /// The number, if the type holds it.
    fn narrow(value: i64) -> Option<Self>;
}

impl Whole for i64 {
    fn narrow(value: i64) -> Option<Self> {
        Some(value)
    }
}

impl Whole for i32 {
    fn narrow(value: i64) -> Option<Self> {
        Self::try_from(value).ok()
    }
}

/// Reads a `long`.
///
/// # Errors
/// Says whether the text is no number, has a fraction, or is out of range.
pub fn parse_long(text: &[u8]) -> Result<i64, ValueFault> {
    parse_whole(text)
}

/// Reads an `int`.
///
/// # Errors
/// Says whether the text is no number, has a fraction, or is out of range.
pub fn parse_int(text: &[u8]) -> Result<i32, ValueFault> {
    parse_whole(text)
}

fn parse_whole<T: Whole>(text: &[u8]) -> Result<T, ValueFault> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let point = memchr::memchr(b'.', unsigned);
    let (digits, fraction) = unsigned.split_at(point.unwrap_or(unsigned.len()));
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(ValueFault::Form);
    }
    if let [_point, fraction @ ..] = fraction {
        if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
            return Err(ValueFault::Form);
        }
        if fraction.iter().any(|digit| *digit != b'0') {
            return Err(ValueFault::Fraction);
        }
    }
    // Accumulated below zero, since the smallest number has no positive twin.
    let mut value = 0i64;
    for digit in digits {
        let next = value.checked_mul(10).and_then(|value| value.checked_sub(i64::from(digit - b'0')));
        value = next.ok_or(ValueFault::Range)?;
    }
    let value = if negative { value } else { value.checked_neg().ok_or(ValueFault::Range)? };
    T::narrow(value).ok_or(ValueFault::Range)
}
