//! Key indexes: from a record ID to the rows of a segment that carry it.
//!
//! A key index is a file of sorted xxh3 fingerprints with their rows and a directory of their top bits. It
//! needs no memory of its own: probing touches the mapped file. A fingerprint only proposes rows; whoever
//! asks compares the key bytes.

#[cfg(feature = "fuzzing")]
#[expect(clippy::indexing_slicing, clippy::panic, reason = "a fuzz target fails by panicking")]
pub(crate) mod fuzzing;
mod index;
mod resolve;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use index::KeyIndex;
pub(crate) use resolve::{last_row_with_key, matches, prefetch, rows_matched, rows_with_key, superseded};
pub(crate) use write::{KeysWriter, WrittenKeys};

use std::borrow::Cow;

use restock_schema::{Field, ValueType};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};

/// The fingerprint of a record ID's key bytes.
pub(crate) fn fingerprint(key: &[u8]) -> u64 {
    xxh3_64(key)
}

/// The key bytes of a record ID given as text: the text itself, or the little-endian `i64` of an integer.
pub(crate) fn key_bytes<'a>(field: &Field, id: &'a str) -> Result<Cow<'a, [u8]>> {
    match field.value_type {
        ValueType::Int | ValueType::Long => {
            let number: i64 = id.parse().map_err(|_| {
                Error::Refused(format!("`{id}` is not a record ID: `{}` is an integer column", field.name))
            })?;
            Ok(number.to_le_bytes().to_vec().into())
        }
        _ => Ok(id.as_bytes().into()),
    }
}
