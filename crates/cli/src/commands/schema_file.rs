//! Schemas from files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Result;
use restock::{MAX_SCHEMA_CHARS, Schema};

use crate::failure::Failure;

/// The most bytes of a schema's text: no character has more than four.
const SCHEMA_BYTES: u64 = 4 * MAX_SCHEMA_CHARS as u64;

/// Reads Avro schema JSON from a file, `-` for standard input.
pub(super) fn read(path: &Path) -> Result<Schema> {
    let name = path.display();
    let text = match path.to_str() {
        Some("-") => text(io::stdin()),
        _ => File::open(path).and_then(text),
    };
    let text = text.map_err(|error| Failure::new(format!("cannot read {name}: {error}")))?;
    Ok(Schema::from_avro(&text).map_err(|error| Failure::new(format!("{name}: {error}")))?)
}

/// The text, without what is so far beyond the limit that it is refused anyway.
fn text(reader: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(SCHEMA_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SCHEMA_BYTES {
        let message =
            format!("it is no schema: it has more than {MAX_SCHEMA_CHARS} characters (limit schema_chars)");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}
