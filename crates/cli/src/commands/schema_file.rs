//! Schemas from files.

use std::path::Path;

use anyhow::Result;
use restock::Schema;

use crate::failure::Failure;

/// Reads Avro schema JSON from a file, `-` for standard input.
pub(super) fn read(path: &Path) -> Result<Schema> {
    let text = match path.to_str() {
        Some("-") => std::io::read_to_string(std::io::stdin()),
        _ => std::fs::read_to_string(path),
    };
    let text = text.map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
    Ok(Schema::from_avro(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?)
}
