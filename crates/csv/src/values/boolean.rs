//! Booleans.

use super::ValueFault;

/// `true` and `false` in any case, `1` and `0`.
///
/// # Errors
/// [`ValueFault::Form`] for anything else.
pub fn parse_boolean(text: &[u8]) -> Result<bool, ValueFault> {
    match text {
        b"1" => Ok(true),
        b"0" => Ok(false),
        _ if text.eq_ignore_ascii_case(b"true") => Ok(true),
        _ if text.eq_ignore_ascii_case(b"false") => Ok(false),
        _ => Err(ValueFault::Form),
    }
}
