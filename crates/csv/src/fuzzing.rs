//! What the fuzz target of `crates/fuzz` needs of the inside: a function that takes any bytes and panics where the
//! fast reader does not say what the slow one says.

use std::sync::Arc;

use restock_schema::{Field, Schema, ValueType};

use crate::plan::Tuning;
use crate::reference::{Outcome, compare, run_target};
use crate::scan::Scanner;
use crate::{CsvError, Escape, Header, Limits, Options, Target};

/// How many bytes in front of a file say how it is read.
const CHOICES: usize = 6;
const NAMES: [&str; 4] = ["A", "B", "C", "D"];

/// Reads a file with every kernel and several threads, in chunks and stripes of the size that the first bytes say.
pub fn csv(data: &[u8]) {
    let Some(([dialect, chunk, stripe, limits, schema, types], file)) = data.split_first_chunk::<CHOICES>()
    else {
        return;
    };
    let names: Vec<String> =
        NAMES.iter().take(1 + usize::from(schema % 4)).map(|name| (*name).to_owned()).collect();
    let Some(target) = target(&names, *schema, *types) else { return };
    let has_header = dialect & 8 == 8;
    let options = Options {
        delimiter: [b',', b'\t', b';', b'|'].get(usize::from(dialect / 2 % 4)).copied().unwrap_or(b','),
        escape: if dialect & 1 == 1 { Escape::Backslash } else { Escape::None },
        header: if has_header { Header::FirstRecord } else { Header::Names(names.clone()) },
        limits: Limits {
            chunk_bytes: usize::from(*chunk) * usize::from(*chunk) / 16 + 1,
            field_bytes: if limits & 1 == 1 { 1 + usize::from(limits / 4) } else { 1 << 20 },
            record_bytes: if limits & 2 == 2 { 1 + 2 * usize::from(limits / 4) } else { 1 << 20 },
            batch_rows: 1 + usize::from(stripe % 8) * 5,
            batch_bytes: 1 + usize::from(*stripe),
            errors_kept: usize::MAX,
            ..Limits::default()
        },
        keep_rejects: true,
        ..Options::default()
    };
    let stripe = usize::from(*stripe) * usize::from(*stripe) / 16 + 1;
    let read = |options: &Options, threads, scanner| {
        let tuning = Tuning { scanner, stripe };
        if has_header {
            run_target(file, target.clone(), options, threads, tuning)
        } else {
            compare(file, &target, &names, options, threads, tuning)
        }
    };
    let mut first: Option<Outcome> = None;
    for scanner in Scanner::all() {
        let outcome = read(&options, 1, scanner);
        first = Some(same(first, outcome, true));
    }
    // Threads cost time to start: few inputs ask for them.
    if *dialect >= 192 {
        first = Some(same(first, read(&options, 3, Scanner::detect()), true));
    }
    let whole = Options { limits: Limits { chunk_bytes: 1 << 20, ..options.limits.clone() }, ..options };
    let outcome = same(first, read(&whole, 1, Scanner::detect()), false);
    for column in outcome.batches.iter().flat_map(|batch| batch.columns()) {
        assert!(column.to_data().validate_full().is_ok(), "a column that is not valid");
    }
}

/// The last column is the record ID.
fn target(names: &[String], schema: u8, types: u8) -> Option<Arc<Target>> {
    let field = |(place, name): (usize, &String)| {
        let kind = (types >> (2 * place)) & 3;
        let value_type = match (kind, place % 2) {
            (0, _) => ValueType::String,
            (1, 0) => ValueType::Long,
            (1, _) => ValueType::Int,
            (2, 0) => ValueType::Double,
            (2, _) => ValueType::Float,
            (_, 0) => ValueType::Boolean,
            (_, _) => ValueType::String,
        };
        let categorical = value_type == ValueType::String && kind == 3;
        Field { nullable: (schema >> (place + 2)) & 1 == 1, categorical, ..Field::new(name, value_type) }
    };
    let mut fields: Vec<Field> = names.iter().enumerate().map(field).collect();
    if schema & 64 == 64 {
        fields.reverse();
    }
    let id = names.last().filter(|_| schema & 128 == 128).cloned();
    let schema = Schema::new("Fuzzed", fields).ok()?;
    Some(Arc::new(Target::new(&schema, Vec::new()).with_record_id(id.as_deref())))
}

/// Two readings say the same. If the `chunks` were the same, so are the batches, and how much an error of the file
/// shows of it.
fn same(first: Option<Outcome>, second: Outcome, chunks: bool) -> Outcome {
    let Some(first) = first else { return second };
    let errors = [&first, &second].map(|outcome| outcome.fatal.as_ref());
    let [one, other] = errors.map(|error| error.map(ToString::to_string));
    assert_eq!(one, other);
    assert_eq!(first.errors, second.errors);
    assert_eq!(first.rejects, second.rejects);
    assert_eq!(first.rows, second.rows);
    assert_eq!(first.milliseconds_line, second.milliseconds_line);
    if chunks {
        let [one, other] = errors.map(|error| error.map(CsvError::to_record_error));
        assert_eq!(one, other);
        assert_eq!(first.batches, second.batches);
    }
    second
}
