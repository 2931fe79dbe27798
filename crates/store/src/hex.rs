//! 64-bit hashes as 16 hexadecimal digits, for JSON (whose readers lose bits of large numbers).

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// The text form of a hash.
pub(crate) fn text(value: u64) -> String {
    format!("{value:016x}")
}

/// Reads the text form.
pub(crate) fn parse(text: &str) -> Option<u64> {
    (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

pub(crate) fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&text(*value))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let read = <std::borrow::Cow<'de, str>>::deserialize(from)?;
    parse(&read).ok_or_else(|| D::Error::custom(format!("`{read}` is not 16 hexadecimal digits")))
}
