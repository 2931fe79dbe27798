//! Tables that fit the terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use restock::{Record, Value};

/// Characters of a value that a table shows.
const VALUE_SHOWN: usize = 80;

/// A line below the header and no other.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table to be filled.
pub(crate) fn table<'a>(header: impl IntoIterator<Item = &'a str>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
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
        Value::Int(_) | Value::Float(_) => right(shown(value)),
        _ => Cell::new(shown(value)),
    }
}

/// A cell with its text to the right, as numbers are compared.
pub(crate) fn right(text: impl Into<String>) -> Cell {
    Cell::new(text.into()).set_alignment(CellAlignment::Right)
}

/// A value on a screen: null as nothing.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => cut(text),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        other => other.to_string(),
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
