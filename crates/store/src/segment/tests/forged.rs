//! Files that the writer would not write, with right sums: refused by name, or read as they are.

use std::collections::HashMap;
use std::io::Write;

use arrow::datatypes::{Field as ArrowField, Schema as ArrowSchema};
use arrow::ipc::Block;
use xxhash_rust::xxh3::xxh3_64;

use super::*;
use crate::segment::dictionary::Encoding;
use crate::segment::ipc::{self, BodyLayout};
use crate::segment::sums::{SumTable, padded_sum, padding};
use crate::segment::write::{ROWS, RUNS, SUMS};

/// A file of one row in one column `A` of these buffers, and where its footer begins.
fn file(data_type: DataType, buffers: &[&[u8]]) -> (Vec<u8>, usize) {
    file_of(1, data_type, buffers)
}

fn file_of(rows: usize, data_type: DataType, buffers: &[&[u8]]) -> (Vec<u8>, usize) {
    let encoding = HashMap::from([(Encoding::METADATA_KEY.to_owned(), "plain".to_owned())]);
    let schema = ArrowSchema::new(vec![ArrowField::new("A", data_type, true).with_metadata(encoding)]);
    let mut file = ipc::preamble(&schema);
    let preamble = xxh3_64(&file);
    let mut layout = BodyLayout::default();
    layout.column(rows, 0, buffers.iter().copied());
    let message = ipc::batch(rows, &layout);
    let block = Block::new(file.len() as i64, message.len() as i32, layout.length as i64);
    file.extend_from_slice(&message);
    for buffer in buffers {
        file.extend_from_slice(buffer);
        file.extend_from_slice(padding(buffer.len()));
    }
    let batches = vec![xxh3_64(&message), padded_sum(buffers.iter().copied())];
    let sums = SumTable { preamble, batches, dictionaries: Vec::new() };
    let metadata = [(SUMS, sums.to_text()), (RUNS, format!("{rows}*0")), (ROWS, rows.to_string())];
    let metadata = metadata.into_iter().map(|(key, text)| (key.to_owned(), text)).collect();
    let footer_at = file.len();
    file.extend(ipc::footer(&schema, &[], &[block], &metadata));
    (file, footer_at)
}

fn opened(rows: usize, file: &[u8], footer_at: usize) -> Arc<Segment> {
    let storage = MemoryStorage::new();
    storage.create_dir(files::SEGMENTS).unwrap();
    storage.create(&files::segment(1)).unwrap().write_all(file).unwrap();
    let meta = SegmentMeta {
        id: 1,
        commit: 1,
        rows: rows as u64,
        bytes: file.len() as u64,
        footer_at: footer_at as u64,
        footer_sum: xxh3_64(&file[footer_at..]),
        keys: None,
    };
    Arc::new(Segment::open(&storage, meta).unwrap())
}

fn column(file: &[u8], footer_at: usize, value_type: ValueType) -> Result<ArrayRef, String> {
    let field = Field { nullable: true, ..Field::new("A", value_type) };
    opened(1, file, footer_at).column(0, &field).map_err(|error| error.to_string())
}

#[test]
fn a_column_of_a_type_that_no_segment_stores_is_refused_by_its_name() {
    let refused = "column `A` has a type that no segment stores";
    let item = Arc::new(ArrowField::new("item", DataType::Int32, true));
    let others = [
        DataType::Null,
        DataType::LargeUtf8,
        DataType::Int16,
        DataType::Float16,
        DataType::FixedSizeBinary(3),
        DataType::List(item),
        DataType::Decimal128(38, 3),
    ];
    for data_type in others {
        let (file, footer_at) = file(data_type.clone(), &[&[], &[0; 16]]);
        let error = column(&file, footer_at, ValueType::Int).unwrap_err();
        assert!(error.contains(refused), "{data_type}: {error}");
    }
    for data_type in [DataType::UInt32, DataType::UInt64] {
        let (file, footer_at) = file(data_type.clone(), &[&[], &[0; 16]]);
        let error = column(&file, footer_at, ValueType::String).unwrap_err();
        assert!(error.contains("stored as numbers without a prefix"), "{data_type}: {error}");
    }
    // Integers of 24 bits, which Arrow has no type for: wherever 32 stands, one place is their width.
    let (file, footer_at) = file(DataType::Int32, &[&[], &[0; 4]]);
    column(&file, footer_at, ValueType::Int).unwrap();
    let places = (footer_at..file.len() - 4).filter(|at| file[*at..at + 4] == 32i32.to_le_bytes());
    let refusals = places.filter(|at| {
        let mut odd = file.clone();
        odd[*at] = 24;
        column(&odd, footer_at, ValueType::Int).is_err_and(|error| error.contains(refused))
    });
    assert_eq!(refusals.count(), 1);
}

#[test]
fn a_column_without_one_value_for_each_row_is_refused() {
    let long = file(DataType::Int64, &[&[], &[0; 12]]);
    let short = file(DataType::Int64, &[&[], &[]]);
    let offsets = file(DataType::Utf8, &[&[], &[0; 9], &[]]);
    let texts = file(DataType::Utf8, &[&[], &[0; 4], &[]]);
    for ((file, footer_at), value_type) in [
        (long, ValueType::Long),
        (short, ValueType::Long),
        (offsets, ValueType::String),
        (texts, ValueType::String),
    ] {
        let error = column(&file, footer_at, value_type).unwrap_err();
        assert!(error.contains("a column has not one value for each row"), "{error}");
    }
}

/// A column that the file does not have reads as nulls, which take memory and no bytes of the file.
#[test]
fn a_column_that_is_not_there_is_no_longer_than_the_values_that_are() {
    let newer = Field { nullable: true, ..Field::new("NEWER", ValueType::String) };
    let nulls = |rows| {
        let (file, footer_at) = file_of(rows, DataType::Boolean, &[&[], &[0; 64]]);
        opened(rows, &file, footer_at).column(0, &newer).map(|column| column.len())
    };
    assert_eq!(nulls(512).unwrap(), 512);
    for rows in [513, 1 << 40, i64::MAX as usize] {
        let error = nulls(rows).unwrap_err().to_string();
        assert!(error.contains("a column has not one value for each row"), "{error}");
    }
}

/// Two datasets of a forged manifest may share a segment and differ in their schemas.
#[test]
fn a_column_has_the_type_that_is_asked_for_each_time() {
    let mut bench = Bench::new(schema(), None);
    bench.append(&batch(&[(None, Some(1), None, None, None, None, None)]));
    let (segment, _, schema) = bench.finish();
    let coded = schema.fields().iter().find(|field| field.categorical).unwrap();
    let text = Field { categorical: false, ..coded.clone() };
    for field in [coded, &text, coded] {
        assert_eq!(*segment.column(0, field).unwrap().data_type(), field.arrow_type());
    }
}
