//! Tables that fit the terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use restock::{Record, Value};

/// Characters of a value that a table shows.
const VALUE_SHOWN: usize = 80;

/// A table to be filled.
pub(crate) fn table<'a>(header: impl IntoIterator<Item = &'a str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.into_iter().map(Cell::new).collect::<Vec<_>>());
    table
}

/// Records as a table: numbers to the right, null as nothing.
pub(crate) fn records_table<'a>(header: impl IntoIterator<Item = &'a str>, records: &[Record]) -> Table {
    let mut table = table(header);
    for record in records {
        table.add_row(record.iter().map(|(_, value)| cell(value)).collect::<Vec<_>>());
    }
    table
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::new(""),
        Value::String(text) => Cell::new(cut(text)),
        Value::Bool(value) => Cell::new(value),
        Value::Int(number) => Cell::new(number).set_alignment(CellAlignment::Right),
        Value::Float(number) => Cell::new(number).set_alignment(CellAlignment::Right),
        _ => Cell::new("?"),
    }
}

/// One line, not too long: control characters would break the table.
fn cut(text: &str) -> String {
    let mut shown: String =
        text.chars().take(VALUE_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(VALUE_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
