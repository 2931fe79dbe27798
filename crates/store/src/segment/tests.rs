//! Segments written and read back, with Arrow's own reader as the oracle.

mod affixed;
mod damage;
mod dictionaries;
mod forged;

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, StringArray,
};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, UInt64Type};
use arrow::ipc::reader::FileReader;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use restock_schema::{Field, Schema, ValueType};

use super::*;
use crate::error::Error;
use crate::files;
use crate::ids::SegmentIds;
use crate::storage::{MemoryStorage, Storage};
use crate::turn::Cancel;

/// A column of every type, all of them nullable but the first.
fn schema() -> Schema {
    let field = |name: &str, value_type| Field { nullable: true, ..Field::new(name, value_type) };
    Schema::new(
        "Rows",
        vec![
            Field::new("KEY", ValueType::String),
            field("S", ValueType::String),
            Field { categorical: true, ..field("C", ValueType::String) },
            field("I", ValueType::Int),
            field("L", ValueType::Long),
            field("F", ValueType::Float),
            field("D", ValueType::Double),
            field("B", ValueType::Boolean),
        ],
    )
    .unwrap()
}

/// A value of each nullable column.
type Row = (Option<String>, Option<u8>, Option<i32>, Option<i64>, Option<f32>, Option<f64>, Option<bool>);

fn row() -> impl Strategy<Value = Row> {
    let text = prop_oneof![Just(None), Just(Some(String::new())), ".{0,12}".prop_map(Some)];
    let long = any::<Option<i64>>();
    (
        text,
        any::<Option<u8>>(),
        any::<Option<i32>>(),
        long,
        any::<Option<f32>>(),
        any::<Option<f64>>(),
        any::<Option<bool>>(),
    )
}

fn batch(rows: &[Row]) -> RecordBatch {
    let keys: StringArray = (0..rows.len()).map(|row| Some(format!("k{row}"))).collect();
    let coded: ArrayRef =
        Arc::new(rows.iter().map(|row| row.1.map(|c| format!("c{c}"))).collect::<StringArray>());
    let schema = schema().to_arrow();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(keys),
        Arc::new(rows.iter().map(|row| row.0.as_deref()).collect::<StringArray>()),
        cast(&coded, schema.field(2).data_type()).unwrap(),
        Arc::new(rows.iter().map(|row| row.2).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|row| row.3).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.4).collect::<Float32Array>()),
        Arc::new(rows.iter().map(|row| row.5).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.6).collect::<BooleanArray>()),
    ];
    RecordBatch::try_new(schema, columns).unwrap()
}

/// The writer's surroundings.
pub(super) struct Bench {
    pub storage: MemoryStorage,
    pub schema: Schema,
    encoder: Encoder,
    writer: SegmentWriter,
}

impl Bench {
    pub fn new(schema: Schema, key: Option<usize>) -> Bench {
        let storage = MemoryStorage::new();
        storage.create_dir(files::SEGMENTS).unwrap();
        let encoder = Encoder::new(schema.clone(), key);
        let ids = Arc::new(SegmentIds::new(1));
        let writer = SegmentWriter::new(Arc::new(storage.clone()), ids, encoder.clone());
        Bench { storage, schema, encoder, writer }
    }

    pub fn append(&mut self, batch: &RecordBatch) {
        let rows = batch.num_rows() as u64;
        self.writer.append(self.encoder.encode(batch).unwrap(), &[(rows, 0)]).unwrap();
    }

    /// The segment, its files, and what is left of the writer's surroundings.
    pub fn finish(self) -> (Arc<Segment>, MemoryStorage, Schema) {
        let segment = self.writer.finish().unwrap().unwrap().segment;
        segment.committed_by(5);
        (segment, self.storage, self.schema)
    }
}

/// A segment's columns in their logical types, batches put together; strings as plain strings.
fn read(segment: &Segment, schema: &Schema) -> Vec<ArrayRef> {
    let column = |field: &Field| {
        let parts = (0..segment.batches().unwrap()).map(|batch| {
            let column = segment.column(batch, field).unwrap();
            assert_eq!(*column.data_type(), field.arrow_type());
            plain(&column)
        });
        joined(parts.collect())
    };
    schema.fields().iter().map(column).collect()
}

/// The same by Arrow's own reader of files; numbers become strings as `docs/format.md` says.
fn read_by_arrow(bytes: Vec<u8>, columns: usize) -> Vec<ArrayRef> {
    let reader = FileReader::try_new(Cursor::new(bytes), None).unwrap();
    let schema = reader.schema();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let column = |at: usize| {
        let metadata = schema.field(at).metadata();
        let text = |column: &ArrayRef| match metadata.get("restock.prefix") {
            Some(prefix) => affixed(column, prefix, metadata["restock.digits"].parse().unwrap()),
            None => plain(column),
        };
        joined(batches.iter().map(|batch| text(batch.column(at))).collect())
    };
    (0..columns).map(column).collect()
}

fn affixed(column: &ArrayRef, prefix: &str, digits: usize) -> ArrayRef {
    let numbers = cast(column, &DataType::UInt64).unwrap();
    let numbers = numbers.as_primitive::<UInt64Type>().iter();
    let text = |number: u64| format!("{prefix}{number:0digits$}");
    Arc::new(numbers.map(|number| number.map(text)).collect::<StringArray>())
}

fn plain(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Dictionary(..) => cast(column, &DataType::Utf8).unwrap(),
        _ => column.clone(),
    }
}

fn joined(parts: Vec<ArrayRef>) -> ArrayRef {
    concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).unwrap()
}

pub(super) fn content(storage: &MemoryStorage, segment: &Segment) -> Vec<u8> {
    storage.read(&files::segment(segment.id())).unwrap()
}

/// What was appended, what the segment gives and what Arrow reads are the same.
fn check(bench: Bench, appended: &[RecordBatch]) -> Arc<Segment> {
    let (segment, storage, schema) = bench.finish();
    let expected: Vec<ArrayRef> = (0..schema.fields().len())
        .map(|at| joined(appended.iter().map(|batch| plain(batch.column(at))).collect()))
        .collect();
    assert_eq!(read(&segment, &schema), expected);
    assert_eq!(read_by_arrow(content(&storage, &segment), expected.len()), expected);
    segment.verify().unwrap();
    let left = storage.list(files::SEGMENTS).unwrap();
    assert_eq!(left.len(), 1 + usize::from(segment.keys().is_some()), "{left:?}");
    segment
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Batches as readers give them, and slices of batches, whose buffers begin in the middle of a byte.
    #[test]
    fn rows_of_every_type_come_back(
        batches in prop::collection::vec((prop::collection::vec(row(), 1..40), 0usize..20), 1..5),
    ) {
        let mut bench = Bench::new(schema(), Some(0));
        let mut appended = Vec::new();
        for (rows, skip) in &batches {
            let whole = batch(rows);
            let skip = (*skip).min(rows.len() - 1);
            appended.push(whole.slice(skip, rows.len() - skip));
            bench.append(&appended[appended.len() - 1]);
        }
        check(bench, &appended);
    }
}

#[test]
fn columns_of_nothing_but_nulls_and_of_none_come_back() {
    let null: Row = (None, None, None, None, None, None, None);
    let full: Row = (Some("x".into()), Some(1), Some(1), Some(1), Some(1.0), Some(1.0), Some(true));
    for rows in [vec![null.clone(); 70], vec![full.clone(); 70], vec![full.clone()], vec![null, full]] {
        let mut bench = Bench::new(schema(), Some(0));
        let appended = batch(&rows);
        bench.append(&appended);
        check(bench, &[appended]);
    }
}

#[test]
fn every_buffer_of_the_file_is_aligned_to_64_bytes() {
    let mut bench = Bench::new(schema(), Some(0));
    let rows: Vec<Row> = (0..100u8)
        .map(|n| (Some(format!("t{n}")), Some(n % 3), Some(1), None, Some(0.5), Some(2.0), Some(n % 2 == 0)))
        .collect();
    (0..3).for_each(|_| bench.append(&batch(&rows)));
    let (segment, _, schema) = bench.finish();
    for field in schema.fields() {
        for number in 0..segment.batches().unwrap() {
            let numbers = segment.numbers(number, field).unwrap();
            let column =
                numbers.map_or_else(|| segment.column(number, field).unwrap(), |(_, numbers)| numbers);
            for buffer in column.to_data().buffers() {
                assert_eq!(buffer.as_ptr().align_offset(64), 0, "{}", field.name);
            }
        }
    }
}

#[test]
fn plain_columns_are_the_bytes_of_the_mapping() {
    let mut bench = Bench::new(schema(), None);
    let row: Row = (Some("text".into()), None, Some(1), Some(2), Some(0.5), Some(2.0), Some(true));
    bench.append(&batch(&vec![row; 1000]));
    let (segment, _, schema) = bench.finish();
    let (_, bytes) = segment.files().next().unwrap();
    let range = bytes.as_ptr_range();
    for name in ["S", "I", "L", "F", "D", "B"] {
        let column = segment.column(0, schema.field(name).unwrap().1).unwrap();
        for buffer in column.to_data().buffers() {
            assert!(range.contains(&buffer.as_ptr()), "column {name} was copied");
        }
    }
}

#[test]
fn each_row_knows_its_commit() {
    let mut bench = Bench::new(schema(), None);
    let rows = |n: usize| bench_rows(n);
    let encoded = |n| Encoder::new(schema(), None).encode(&batch(&rows(n))).unwrap();
    bench.writer.append(encoded(4), &[(3, 0), (1, 2)]).unwrap();
    bench.writer.append(encoded(3), &[(2, 2), (1, 0)]).unwrap();
    let (segment, storage, _) = bench.finish();
    let commits: Vec<u64> = (0..7).map(|row| segment.runs().unwrap().commit_of(row).unwrap()).collect();
    assert_eq!(commits, [5, 5, 5, 2, 2, 2, 5], "0 is the commit that added the segment");
    assert_eq!(segment.runs().unwrap().commit_of(7), None);
    let text = String::from_utf8_lossy(&content(&storage, &segment)).into_owned();
    assert!(text.contains("3*0,3*2,1*0"), "runs are joined over batches");
}

/// A file for each row made a segment of 100,000 batches, whose footer was read 3,000 times when it was merged.
#[test]
fn many_small_batches_are_read_at_once_and_few_large_ones() {
    let parts = |batches: usize, rows: usize| {
        let mut bench = Bench::new(schema(), None);
        let piece = batch(&bench_rows(rows));
        (0..batches).for_each(|_| bench.append(&piece));
        let (segment, ..) = bench.finish();
        let mut ends = vec![segment.end_of_part(0).unwrap()];
        while let Some(end) = ends.last().copied().filter(|end| *end < batches) {
            ends.push(segment.end_of_part(end).unwrap());
        }
        ends
    };
    assert_eq!(parts(3000, 1), [3000]);
    assert_eq!(parts(3, 1), [32]);
    assert_eq!(parts(40, 128 << 10), [32, 64], "what is large fills the memory, however much there is of it");
}

fn bench_rows(rows: usize) -> Vec<Row> {
    vec![(None, Some(1), None, None, None, None, None); rows]
}

#[test]
fn runs_read_only_what_they_write() {
    let mut runs = Runs::default();
    for (rows, commit) in [(3, 7), (0, 8), (2, 7), (1, 9)] {
        runs.push(rows, commit);
    }
    assert_eq!(runs.to_text(), "5*7,1*9");
    assert_eq!(Runs::from_text("5*7,1*9", 1), Some(runs));
    for text in ["5", "5*", "*7", "a*7", "5*7;1*9", "-1*7", "18446744073709551615*1,1*1"] {
        assert_eq!(Runs::from_text(text, 1), None, "{text}");
    }
}

#[test]
fn rows_are_found_by_key_in_any_batch() {
    let mut bench = Bench::new(schema(), Some(0));
    (0..3).for_each(|_| bench.append(&batch(&bench_rows(50))));
    let (segment, _, schema) = bench.finish();
    let field = &schema.fields()[0];
    for row in [0u32, 49, 50, 149] {
        let key = segment.with_key(row, field, |key| String::from_utf8(key.to_vec()).unwrap()).unwrap();
        assert_eq!(key, format!("k{}", row % 50));
        let rows = crate::keys::rows_with_key(&segment, field, key.as_bytes()).unwrap();
        assert_eq!(rows, [row % 50, row % 50 + 50, row % 50 + 100]);
    }
    assert!(segment.with_key(150, field, |_| ()).is_err());
    let cancel = Cancel::new();
    let superseded = crate::keys::superseded(&segment, field, &cancel).unwrap();
    assert_eq!(superseded, (0..100).collect(), "all but the last of each key");
    let pairs = crate::keys::matches(&segment, &superseded, &segment, field, &cancel).unwrap();
    let rows = crate::keys::rows_matched(&segment, &superseded, &segment, field, &cancel).unwrap();
    assert_eq!((pairs.len(), rows), (150, (0..150).collect()), "each of the last has three of its key");
    cancel.cancel();
    let cancelled = |error: Error| matches!(error, Error::Cancelled);
    assert!(cancelled(crate::keys::superseded(&segment, field, &cancel).unwrap_err()));
    assert!(cancelled(
        crate::keys::rows_matched(&segment, &superseded, &segment, field, &cancel).unwrap_err()
    ));
}

#[test]
fn a_column_newer_than_the_segment_reads_null() {
    let mut bench = Bench::new(schema(), None);
    bench.append(&batch(&bench_rows(3)));
    let (segment, ..) = bench.finish();
    for (value_type, categorical) in
        [(ValueType::String, true), (ValueType::String, false), (ValueType::Boolean, false)]
    {
        let field = Field { nullable: true, categorical, ..Field::new("NEW", value_type) };
        let column = segment.column(0, &field).unwrap();
        assert_eq!((column.len(), column.logical_null_count()), (3, 3));
        assert_eq!(*column.data_type(), field.arrow_type());
    }
}

#[test]
fn a_batch_of_other_types_is_refused() {
    let encoder = Encoder::new(schema(), None);
    let good = batch(&bench_rows(2));
    let mut columns = good.columns().to_vec();
    columns.swap(3, 4);
    let swapped =
        RecordBatch::try_from_iter(["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().zip(columns));
    let error = encoder.encode(&swapped.unwrap()).unwrap_err();
    assert!(error.to_string().contains("column `I` is Int64, not Int32"), "{error}");
}

#[test]
fn a_writer_that_is_dropped_removes_its_files() {
    let mut bench = Bench::new(schema(), Some(0));
    bench.append(&batch(&bench_rows(3)));
    assert_eq!(bench.storage.list(files::SEGMENTS).unwrap(), ["1.arrow"]);
    let storage = bench.storage.clone();
    drop(bench);
    assert_eq!(storage.list(files::SEGMENTS).unwrap(), [""; 0]);
}
