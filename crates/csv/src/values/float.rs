//! Decimal numbers: decimal or exponent, finite, rounded as the standard library rounds.

use super::ValueFault;

/// A decimal number type of the schema.
pub(crate) trait Decimal: Copy + Default + std::str::FromStr {
    /// Neither NaN nor an infinity.
    fn finite(self) -> bool;
}

impl Decimal for f64 {
    fn finite(self) -> bool {
        self.is_finite()
    }
}

impl Decimal for f32 {
    fn finite(self) -> bool {
        self.is_finite()
    }
}

/// Reads a `double`.
///
/// # Errors
/// Says whether the text is no number, not finite, or out of range.
pub fn parse_double(text: &[u8]) -> Result<f64, ValueFault> {
    parse_decimal(text)
}

/// Reads a `float`, rounded once, from the text.
///
/// # Errors
/// Says whether the text is no number, not finite, or out of range.
pub fn parse_float(text: &[u8]) -> Result<f32, ValueFault> {
    parse_decimal(text)
}

pub(crate) fn parse_decimal<T: Decimal>(text: &[u8]) -> Result<T, ValueFault> {
    let text = std::str::from_utf8(text).map_err(|_| ValueFault::Form)?;
    let value: T = text.parse().map_err(|_| ValueFault::Form)?;
    if value.finite() {
        return Ok(value);
    }
    // The parser takes the words `inf` and `nan`, and makes an infinity of what is too large.
    let named = text.bytes().any(|byte| byte.is_ascii_alphabetic() && !byte.eq_ignore_ascii_case(&b'e'));
    Err(if named { ValueFault::NotFinite } else { ValueFault::Range })
}
