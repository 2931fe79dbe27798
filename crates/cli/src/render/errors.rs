//! Errors of records, as a compiler would show them.

use restock::RecordError;

use crate::output::note;
use crate::render::{count, name};

/// Errors shown on a screen; all that are kept are in `--report` and `--json`.
const SHOWN: usize = 10;

/// Prints the first errors to standard error.
pub(crate) fn print_errors(errors: &[RecordError], error_count: u64) {
    for error in errors.iter().take(SHOWN) {
        note(line(error));
    }
    let more = error_count.saturating_sub(errors.len().min(SHOWN) as u64);
    if more > 0 {
        note(format_args!(
            "... and {} more: --json or --report FILE lists the first {}",
            count(more, "error"),
            errors.len()
        ));
    }
}

/// `file:line: column NAME: "value" is not an int; expected ... (byte 123)`
fn line(error: &RecordError) -> String {
    let column = error.column.as_ref().map(|column| format!("column {}: ", name(column))).unwrap_or_default();
    let byte = error.byte.map(|byte| format!(" (byte {byte})")).unwrap_or_default();
    let RecordError { file, line, value, reason, expected, .. } = error;
    format!("{file}:{line}: {column}\"{value}\" {reason}; expected {expected}{byte}")
}

#[cfg(test)]
mod tests {
    use restock::RecordError;

    use super::line;

    #[test]
    fn an_error_names_file_line_column_value_and_byte() {
        let mut error = RecordError {
            file: "items.csv".into(),
            line: 7,
            column: Some("PRICE".into()),
            byte: Some(123),
            value: "12,5".into(),
            expected: "a number".into(),
            reason: "is not a float".into(),
        };
        assert_eq!(
            line(&error),
            r#"items.csv:7: column PRICE: "12,5" is not a float; expected a number (byte 123)"#
        );
        (error.column, error.byte) = (None, None);
        assert_eq!(line(&error), r#"items.csv:7: "12,5" is not a float; expected a number"#);
    }
}
