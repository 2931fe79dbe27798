//! Numbers, times, sizes, tables and commands as people read them.

mod command;
mod errors;
mod table;

pub(crate) use command::command;
pub(crate) use errors::print_errors;
pub(crate) use table::{records_table, right, shown, table};

/// `1 row`, `1,234 rows`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number_of(number))
}

/// `1,234`
pub(crate) fn number_of(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// `1.23 MB`
pub(crate) fn bytes(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// RFC 3339 in UTC, to the second.
pub(crate) fn time(time_ms: u64) -> String {
    restock::rfc3339(time_ms / 1000 * 1000)
}

/// The most characters of a name or ID that a screen shows.
const NAME_SHOWN: usize = 80;

/// A name or ID as somebody wrote it, made safe for a terminal.
pub(crate) fn name(text: &str) -> String {
    restock::shown(text.as_bytes(), NAME_SHOWN)
}
