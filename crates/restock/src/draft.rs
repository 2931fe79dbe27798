//! A schema proposed for a file.

use std::io::{self, Read};
use std::path::Path;

use ahash::AHashSet;
use restock_schema::{DatasetType, Draft, Field, MAX_COLUMNS, Schema, ValueType, check, draft};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::source::{ByteStream, Format, Input, Watch, display};

/// Records of a file that a proposal is made from.
const SAMPLE: usize = 10_000;
/// The most text of a file that a proposal is made from: what is behind it is not looked at.
const SAMPLE_BYTES: u64 = 8 << 20;
/// The most values that a proposal is made from: of many columns fewer records are looked at.
const SAMPLE_VALUES: usize = 4 << 20;

type Rows = Vec<Vec<Option<String>>>;

/// Proposes a schema for a CSV or JSON Lines file from its first 10,000 records, compressed or not: a starting point
/// for a person, never part of an import.
///
/// # Errors
/// A file that cannot be read or is of another format; no column with a usable name.
pub fn draft_schema(path: impl AsRef<Path>, dataset_type: DatasetType) -> Result<Draft> {
    let path = path.as_ref();
    let name = display(path);
    let (input, format) = match path.to_str() {
        Some("-") => (Input::Stdin, Ok(Format::Csv)),
        _ => (Input::File(path.to_owned()), Format::from_path(path)),
    };
    let format = format.map_err(|detail| Error::Refused(format!("{name}: {detail}")))?;
    let refused = |error: &dyn std::fmt::Display| Error::Refused(format!("{name}: {error}"));
    let head = Head::read(ByteStream::open(&input, &Watch::default())?).map_err(|error| refused(&error))?;
    match format {
        Format::Csv => {
            let (header, rows) = csv_sample(&head).map_err(|error| refused(&error))?;
            Ok(draft(&header, rows.into_iter(), dataset_type)?)
        }
        Format::JsonLines => {
            let sample = Sample::read(&head, &name)?;
            let drafted = draft(&sample.names, sample.rows.into_iter(), dataset_type)?;
            keep_texts(drafted, &sample.texts, dataset_type)
        }
        other => {
            Err(Error::Refused(format!("{name}: a schema is drafted from CSV or JSON Lines, not {other}")))
        }
    }
}

/// The first lines of a file, whole.
struct Head {
    bytes: Vec<u8>,
    /// There are more, so that the last record may be a part of one.
    cut: bool,
}

impl Head {
    fn read(stream: ByteStream) -> io::Result<Head> {
        let mut bytes = Vec::new();
        stream.take(SAMPLE_BYTES + 1).read_to_end(&mut bytes)?;
        let cut = bytes.len() as u64 > SAMPLE_BYTES;
        if cut && let Some(end) = memchr::memrchr(b'\n', &bytes) {
            bytes.truncate(end + 1);
        }
        Ok(Head { bytes, cut })
    }
}

fn csv_sample(head: &Head) -> csv::Result<(Vec<String>, Rows)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(head.bytes.as_slice());
    let header = reader.headers()?;
    if header.len() > MAX_COLUMNS {
        let message = format!("{} columns, and a dataset has at most {MAX_COLUMNS}", header.len());
        return Err(io::Error::other(message).into());
    }
    let header: Vec<String> = header.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records().take(sample_rows(header.len())) {
        rows.push(
            record?
                .iter()
                .take(header.len())
                .map(|field| (!field.is_empty()).then(|| field.to_owned()))
                .collect(),
        );
    }
    // The line end it ends with may stand in quotes.
    if head.cut && rows.len() > 1 {
        rows.pop();
    }
    Ok((header, rows))
}

/// How many records of so many columns are looked at.
fn sample_rows(columns: usize) -> usize {
    SAMPLE.min(SAMPLE_VALUES / columns.max(1)).max(1)
}

/// Records of a JSON Lines file as if they stood in a table.
#[derive(Default)]
struct Sample {
    /// Keys in the order they first appear.
    names: Vec<String>,
    rows: Rows,
    /// Keys that had a JSON string.
    texts: AHashSet<String>,
}

impl Sample {
    fn read(head: &Head, name: &str) -> Result<Sample> {
        let mut sample = Sample::default();
        for (number, line) in head.bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            if sample.rows.len() >= sample_rows(sample.names.len()) {
                break;
            }
            let refused = |detail: String| Error::Refused(format!("{name}:{}: {detail}", number + 1));
            let row: serde_json::Map<String, Value> =
                serde_json::from_slice(line).map_err(|error| refused(format!("no JSON object: {error}")))?;
            sample.add(row).map_err(refused)?;
        }
        Ok(sample)
    }

    fn add(&mut self, record: serde_json::Map<String, Value>) -> Result<(), String> {
        let mut row = vec![None; self.names.len()];
        for (key, value) in record {
            let text = match value {
                Value::Null => None,
                Value::String(text) => {
                    self.texts.insert(key.clone());
                    Some(text)
                }
                Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
                Value::Array(_) | Value::Object(_) => {
                    return Err(format!("`{key}` is nested; a dataset is flat"));
                }
            };
            match self.names.iter().position(|name| *name == key) {
                Some(place) => {
                    if let Some(cell) = row.get_mut(place) {
                        *cell = text;
                    }
                }
                None if self.names.len() == MAX_COLUMNS => {
                    return Err(format!(
                        "more than {MAX_COLUMNS} keys, and a dataset has at most so many columns"
                    ));
                }
                None => {
                    self.names.push(key);
                    row.push(text);
                }
            }
        }
        self.rows.push(row);
        Ok(())
    }
}

/// A JSON string is no number, even if it reads like one: an import would refuse it in a column of numbers. Where the
/// dataset type wants a number, the file is at fault and not the draft.
fn keep_texts(drafted: Draft, texts: &AHashSet<String>, dataset_type: DatasetType) -> Result<Draft> {
    let Draft { mut schema, mut notes } = drafted;
    for place in 0..schema.fields().len() {
        let mut fields: Vec<Field> = schema.fields().to_vec();
        let Some(field) = fields.get_mut(place) else { continue };
        if field.value_type == ValueType::String || !texts.contains(&field.name) {
            continue;
        }
        let (name, wanted) = (field.name.clone(), field.value_type);
        field.value_type = ValueType::String;
        let changed = Schema::new(schema.name(), fields)?;
        if check(&changed, dataset_type, None, None).is_ok() {
            schema = changed;
        } else {
            notes.push(format!(
                "{name} has JSON strings, and must be of type {wanted}: an import will refuse them"
            ));
        }
    }
    Ok(Draft { schema, notes })
}

#[cfg(test)]
mod tests;
