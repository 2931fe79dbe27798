//! What the reference reader makes of a file, and whether the fast one says the same.

use std::sync::Arc;

use arrow::array::{BooleanArray, Float32Array, Float64Array};
use restock_schema::{Field, ValueType};

use super::outcome::{Outcome, Row, run_target, text};
use super::records;
use crate::plan::Tuning;
use crate::{CsvError, CsvErrorKind, Options, Target};

/// What the reference reader makes of a file without header.
struct Expected {
    rows: Vec<Row>,
    places: Vec<(u64, Option<String>, u64)>,
    rejects: Vec<(u64, u64, Vec<u8>)>,
    records: u64,
    fatal: Option<(u64, u64)>,
}

fn expected(input: &[u8], target: &Target, names: &[String], options: &Options) -> Expected {
    let start = if input.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let (records, broken) = records(input, start, options);
    let mut out = Expected {
        rows: Vec::new(),
        places: Vec::new(),
        rejects: Vec::new(),
        records: records.len() as u64,
        fatal: broken.map(|broken| (broken.line, broken.at as u64)),
    };
    for record in records {
        let mut places = Vec::new();
        let name_at = |at: usize| {
            let field = record.fields.iter().rposition(|field| field.start <= at).unwrap();
            names.get(field).cloned()
        };
        if record.fields.len() != names.len() {
            places.push((None, record.start));
        }
        if let Some(at) = record.lone_cr {
            places.push((name_at(at), at));
        }
        if let Err(error) = std::str::from_utf8(&input[record.start..record.end]) {
            let at = record.start + error.valid_up_to();
            places.push((name_at(at), at));
        }
        for (number, field) in record.fields.iter().enumerate() {
            if field.end - field.start > options.limits.field_bytes {
                places.push((names.get(number).cloned(), field.start));
            }
        }
        let mut row = Row::new();
        if places.is_empty() {
            for (wanted, _, is_id) in target.fields() {
                let number = names.iter().position(|name| *name == wanted.name).unwrap();
                match value(&record.fields[number], wanted, is_id) {
                    Ok(value) => row.push(value),
                    Err(()) => places.push((Some(wanted.name.clone()), record.fields[number].start)),
                }
            }
        }
        if places.is_empty() {
            out.rows.push(row);
            continue;
        }
        places.sort_by_key(|(_, at)| *at);
        out.places.extend(places.into_iter().map(|(name, at)| (record.line, name, at as u64)));
        out.rejects.push((record.line, record.start as u64, input[record.start..record.end].to_vec()));
    }
    out
}

fn value(field: &super::Field, wanted: &Field, is_id: bool) -> Result<Option<String>, ()> {
    let read = String::from_utf8(field.value.clone()).unwrap();
    if read.is_empty() && wanted.nullable && (!field.quoted || wanted.value_type != ValueType::String) {
        return Ok(None);
    }
    if read.is_empty() && (is_id || !(field.quoted && wanted.value_type == ValueType::String)) {
        return Err(());
    }
    let value = match wanted.value_type {
        ValueType::String => Some(read),
        ValueType::Long => whole(&read).map(|value| value.to_string()),
        ValueType::Int => {
            whole(&read).and_then(|value| i32::try_from(value).ok()).map(|value| value.to_string())
        }
        ValueType::Float => {
            let value = read.parse::<f32>().ok().filter(|value| value.is_finite());
            value.and_then(|value| text(&Float32Array::from(vec![value]), 0))
        }
        ValueType::Double => {
            let value = read.parse::<f64>().ok().filter(|value| value.is_finite());
            value.and_then(|value| text(&Float64Array::from(vec![value]), 0))
        }
        ValueType::Boolean => {
            let value = match read.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            };
            value.and_then(|value| text(&BooleanArray::from(vec![value]), 0))
        }
    };
    value.map(Some).ok_or(())
}

/// A whole number, with a fraction of zeros perhaps.
fn whole(text: &str) -> Option<i64> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_whole = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
    digits.parse().ok().filter(|_| is_whole)
}

/// The fast reader says what the reference says. What it says.
pub(crate) fn compare(
    input: &[u8],
    target: &Arc<Target>,
    names: &[String],
    options: &Options,
    threads: usize,
    tuning: Tuning,
) -> Outcome {
    let got = run_target(input, target.clone(), options, threads, tuning);
    if matches!(&got.fatal, Some(error) if error.kind() == CsvErrorKind::Encoding) {
        return got;
    }
    let wanted = expected(input, target, names, options);
    let place = |error: &CsvError| (error.line().unwrap(), error.byte().unwrap());
    assert_eq!(got.fatal.as_ref().map(place), wanted.fatal, "{:?}", got.fatal);
    assert_eq!(got.rows, wanted.rows);
    let places: Vec<_> = wanted.places.iter().map(|(line, name, at)| (*line, name.as_deref(), *at)).collect();
    assert_eq!(got.places(), places, "{:?}", got.errors);
    assert_eq!(got.records_read, wanted.records);
    assert_eq!(got.error_count, wanted.places.len() as u64);
    let rejects = got.rejects.iter().map(|reject| (reject.line, reject.byte, reject.raw.clone()));
    assert_eq!(rejects.collect::<Vec<_>>(), wanted.rejects);
    got
}
