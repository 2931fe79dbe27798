//! Numbers as text.

use std::io;

use crate::record::Cell;

/// Appends a number or boolean as JSON writes it: a float as the shortest text that reads back the same.
pub(super) fn push_json(out: &mut Vec<u8>, cell: Cell<'_>) -> io::Result<()> {
    let written = match cell {
        Cell::Long(value) => serde_json::to_writer(&mut *out, &value),
        Cell::Float(value) => serde_json::to_writer(&mut *out, &value),
        Cell::Double(value) => serde_json::to_writer(&mut *out, &value),
        Cell::Bool(value) => serde_json::to_writer(&mut *out, &value),
        Cell::Text(text) => serde_json::to_writer(&mut *out, text),
        Cell::Null => serde_json::to_writer(&mut *out, &()),
    };
    written.map_err(io::Error::from)
}

/// Appends a number as CSV has it: as JSON, but without a fraction of zero and the plus of an exponent.
pub(super) fn push_csv(out: &mut Vec<u8>, cell: Cell<'_>) -> io::Result<()> {
    let start = out.len();
    push_json(out, cell)?;
    if matches!(cell, Cell::Float(_) | Cell::Double(_)) {
        if out.ends_with(b".0") {
            out.truncate(out.len() - 2);
        } else if let Some(plus) = out.get(start..).and_then(|text| memchr::memchr(b'+', text)) {
            out.remove(start + plus);
        }
    }
    Ok(())
}
