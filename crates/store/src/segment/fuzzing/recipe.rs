//! Segments that the writer would not write: columns of any type, buffers of any length, counts that do not fit.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::Block;

use super::NAMES;
use crate::fuzzing::Input;
use crate::segment::affix::Affix;
use crate::segment::dictionary::Encoding;
use crate::segment::ipc::{self, BodyLayout, buffers_of};
use crate::segment::sums::padding;
use crate::segment::write::{ROWS, RUNS, SUMS};

/// A file made as the bytes say; its sums are to be repaired.
pub(super) fn file(input: &mut Input) -> Vec<u8> {
    let odd = input.u8();
    let columns = 1 + usize::from(input.u8()) % 3;
    let fields: Vec<Field> = (0..columns).map(|_| column(input)).collect();
    let schema = Schema::new(fields);
    let mut file = ipc::preamble(&schema);
    let mut batches = Vec::new();
    let mut rows = 0;
    for _ in 0..usize::from(input.u8()) % 4 {
        let length = count(input, odd);
        rows += length;
        let types = schema.fields().iter().map(|field| match field.data_type() {
            DataType::Dictionary(codes, _) => codes.as_ref(),
            other => other,
        });
        let (layout, body) = body(input, length, types, odd);
        let message = ipc::batch(length as usize, &layout);
        batches.push(append(&mut file, &message, &body));
    }
    let mut dictionaries = Vec::new();
    for id in 0..i64::from(input.u8() % 4) {
        let length = count(input, odd);
        let (layout, body) = body(input, length, [&DataType::Utf8].into_iter(), odd);
        let message = ipc::dictionary(id, length as usize, &layout);
        dictionaries.push(append(&mut file, &message, &body));
    }
    let sums = 1 + batches.len() * (1 + columns) + 2 * dictionaries.len();
    let runs = match input.u8() % 4 {
        0 => format!("{}*0", rows),
        1 => String::from_utf8_lossy(input.bytes(12)).into_owned(),
        more => format!("{}*{more},{}*0,1*7", u64::from(more), rows - u64::from(more).min(rows)),
    };
    let metadata = HashMap::from([
        (SUMS.to_owned(), "0".repeat(16 * sums)),
        (RUNS.to_owned(), runs),
        (ROWS.to_owned(), rows.to_string()),
    ]);
    file.extend(ipc::footer(&schema, &dictionaries, &batches, &metadata));
    file
}

/// A few rows, or any number.
fn count(input: &mut Input, odd: u8) -> u64 {
    let count = u64::from(input.u8());
    if odd & 1 == 0 || count < 200 { count % 16 } else { input.u64() >> (count % 64).max(2) }
}

fn column(input: &mut Input) -> Field {
    let codes = |codes| DataType::Dictionary(Box::new(codes), Box::new(DataType::Utf8));
    let data_type = match input.u8() % 24 {
        0..=2 => DataType::Utf8,
        3 | 4 => codes(DataType::UInt8),
        5 => codes(DataType::UInt16),
        6 => codes(DataType::Int32),
        7 => codes(DataType::Int64),
        8 => DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Int32)),
        9 | 10 => DataType::Int32,
        11 | 12 => DataType::Int64,
        13 => DataType::Float32,
        14 => DataType::Float64,
        15 | 16 => DataType::Boolean,
        17 => DataType::Null,
        18 => DataType::LargeUtf8,
        19 => DataType::FixedSizeBinary(i32::from(input.u8()) - 2),
        20 => DataType::List(Field::new("item", DataType::Int32, true).into()),
        21 => DataType::Decimal128(38, 3),
        22 => DataType::UInt32,
        _ => DataType::UInt64,
    };
    let choice = input.u8();
    let is_number = matches!(data_type, DataType::UInt32 | DataType::UInt64);
    let field = Field::new(NAMES[usize::from(choice) % 3], data_type, choice & 4 == 0);
    let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    if is_number && choice >= 32 {
        let (prefix, digits) = (["", "user_", "\u{e9}", "a prefix that is longer than any"], input.u8());
        return field.with_metadata(HashMap::from([
            entry(Encoding::METADATA_KEY, "affix"),
            entry(Affix::PREFIX_KEY, prefix[usize::from(digits) / 32 % 4]),
            entry(Affix::DIGITS_KEY, &(digits % 32).to_string()),
        ]));
    }
    let encoding = match choice / 8 % 8 {
        0 | 1 => return field,
        2..=4 => "plain",
        5 | 6 => "codes",
        _ => "unknown",
    };
    field.with_metadata(HashMap::from([entry(Encoding::METADATA_KEY, encoding)]))
}

/// The buffers of a batch: lengths that suit the rows or any others, and what the input has as their content.
fn body<'a>(
    input: &mut Input,
    rows: u64,
    types: impl Iterator<Item = &'a DataType>,
    odd: u8,
) -> (BodyLayout, Vec<u8>) {
    let mut layout = BodyLayout::default();
    let mut body = Vec::new();
    for data_type in types {
        let choice = input.u8();
        let has_nulls = choice & 1 == 1;
        let mut content = Vec::new();
        for buffer in 0..buffers_of(data_type) {
            let length = match (buffer, data_type) {
                (0, _) if !has_nulls => 0,
                (0, _) | (1, DataType::Boolean) => rows.div_ceil(8) as usize,
                (1, DataType::Utf8) => 4 * (rows as usize).saturating_add(1),
                (1, other) => other.primitive_width().unwrap_or(1).saturating_mul(rows as usize),
                _ => usize::from(input.u8()),
            };
            let length = if odd & 2 == 2 { usize::from(input.u8()) } else { length.min(1024) };
            let mut bytes = if buffer == 1 && *data_type == DataType::Utf8 && choice & 2 == 0 {
                offsets(input, rows)
            } else {
                input.bytes(length).to_vec()
            };
            bytes.resize(length, 0);
            content.push(bytes);
        }
        let nulls = content.first().map_or(0, |bits| match bits.len() {
            0 => 0,
            _ => (0..rows as usize).take(8 * bits.len()).filter(|n| bits[n / 8] >> (n % 8) & 1 == 0).count(),
        });
        let nulls = if odd & 4 == 4 { usize::from(input.u8()) } else { nulls };
        let length = if odd & 8 == 8 { rows as usize ^ usize::from(choice / 128) } else { rows as usize };
        layout.column(length, nulls, content.iter().map(Vec::as_slice));
        for bytes in content {
            body.extend_from_slice(&bytes);
            body.extend_from_slice(padding(bytes.len()));
        }
    }
    if odd & 16 == 16 {
        layout.move_buffer(usize::from(input.u8()), input.u64() as i64, input.u64() as i64);
    }
    (layout, body)
}

/// Offsets that rise by a few bytes.
fn offsets(input: &mut Input, rows: u64) -> Vec<u8> {
    let mut offset = 0i32;
    let mut bytes = offset.to_le_bytes().to_vec();
    for _ in 0..rows.min(256) {
        offset += i32::from(input.u8() % 5);
        bytes.extend_from_slice(&offset.to_le_bytes());
    }
    bytes
}

fn append(file: &mut Vec<u8>, message: &[u8], body: &[u8]) -> Block {
    let block = Block::new(file.len() as i64, message.len() as i32, body.len() as i64);
    file.extend_from_slice(message);
    file.extend_from_slice(body);
    block
}
