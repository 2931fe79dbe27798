//! Strings that are a prefix and a number, and then are not.

use super::*;
use crate::row::Cells;

fn texts_schema() -> Schema {
    let text = |name: &str| Field { nullable: true, ..Field::new(name, ValueType::String) };
    Schema::new("Rows", vec![text("A"), text("B")]).unwrap()
}

fn texts(a: &[Option<String>], b: &[Option<String>]) -> RecordBatch {
    let column = |texts: &[Option<String>]| -> ArrayRef {
        Arc::new(texts.iter().map(Option::as_deref).collect::<StringArray>())
    };
    RecordBatch::try_from_iter([("A", column(a)), ("B", column(b))]).unwrap()
}

fn ids(range: std::ops::Range<u64>, prefix: &str, digits: usize) -> Vec<Option<String>> {
    range.map(|number| (number % 7 != 3).then(|| format!("{prefix}{number:0digits$}"))).collect()
}

/// The types the file has the columns in.
fn stored_types(storage: &MemoryStorage, segment: &Segment) -> Vec<DataType> {
    let reader = FileReader::try_new(Cursor::new(content(storage, segment)), None).unwrap();
    reader.schema().fields().iter().map(|field| field.data_type().clone()).collect()
}

/// Writes the batches, checks what comes back, gives the types in the file.
fn stored(batches: &[RecordBatch]) -> Vec<DataType> {
    let mut bench = Bench::new(texts_schema(), Some(0));
    batches.iter().for_each(|batch| bench.append(batch));
    let storage = bench.storage.clone();
    let segment = check(bench, batches);
    stored_types(&storage, &segment)
}

use DataType::{UInt32, UInt64, Utf8};

#[test]
fn batches_that_fit_together_are_stored_as_numbers() {
    let wide = |range: std::ops::Range<u64>| {
        range.map(|number| Some(format!("{:010}", number * 9_999_999))).collect::<Vec<_>>()
    };
    let batches = [
        texts(&ids(0..500, "u", 6), &wide(0..500)),
        texts(&ids(400_000..400_300, "u", 6), &wide(700..1000)),
        texts(&vec![None; 5], &vec![None; 5]),
        texts(&ids(2_000_000..2_000_300, "u", 6), &wide(500..800)),
        texts(&ids(7..8, "u", 6), &wide(1..2)),
    ];
    assert_eq!(stored(&batches), [UInt32, UInt64]);
}

#[test]
fn the_zeros_in_front_may_show_in_a_later_batch() {
    let batches = [
        texts(&ids(1000..1500, "u", 4), &ids(1000..1500, "", 1)),
        texts(&ids(0..500, "u", 4), &ids(0..500, "", 1)),
        texts(&ids(70_000..70_500, "u", 4), &ids(70_000..70_500, "", 1)),
    ];
    assert_eq!(stored(&batches), [UInt32, UInt32]);
}

#[test]
fn a_batch_that_does_not_fit_makes_the_file_begin_again_with_strings() {
    let usual = || ids(0..500, "u", 6);
    let guest = [ids(0..300, "u", 6), vec![Some("guest".to_owned())]].concat();
    for odd in [guest, ids(0..501, "v", 6), ids(0..501, "u", 5), vec![Some("7".to_owned()); 501]] {
        let batches = [
            texts(&usual(), &usual()),
            texts(&usual(), &usual()),
            texts(&ids(0..odd.len() as u64, "u", 6), &odd),
            texts(&usual(), &usual()),
        ];
        // The other column with it: no second surprise is waited for.
        assert_eq!(stored(&batches), [Utf8, Utf8], "{:?}", odd[0]);
    }
    let large = ids(u64::from(u32::MAX) - 3..u64::from(u32::MAX) + 300, "u", 6);
    let batches = [texts(&usual(), &usual()), texts(&large, &large)];
    assert_eq!(stored(&batches), [Utf8, Utf8]);
}

#[test]
fn small_or_other_first_batches_make_strings() {
    let few = texts(&ids(0..20, "u", 6), &ids(0..20, "u", 6));
    let many = texts(&ids(0..200, "u", 6), &ids(0..200, "u", 6));
    assert_eq!(stored(&[few.clone(), many.clone()]), [Utf8, Utf8]);
    // A last batch is often small.
    assert_eq!(stored(&[many, few]), [UInt32, UInt32]);
}

#[test]
fn single_values_and_keys_are_those_of_the_strings() {
    let schema = texts_schema();
    let mut bench = Bench::new(schema.clone(), Some(0));
    let batch = texts(&ids(0..300, "u", 6), &ids(5..305, "", 1));
    bench.append(&batch);
    let (segment, ..) = bench.finish();
    for row in 0..300 {
        let mut found = Vec::new();
        segment.cells(row as u64, schema.fields(), |cell| found.push(format!("{cell:?}"))).unwrap();
        let expected =
            batch.columns().iter().map(|column| format!("{:?}", Cells::new(column).unwrap().get(row)));
        assert_eq!(found, expected.collect::<Vec<_>>());
        let key = batch.column(0).as_string::<i32>();
        let key = if key.is_null(row) { "" } else { key.value(row) };
        segment.with_key(row as u32, &schema.fields()[0], |found| assert_eq!(found, key.as_bytes())).unwrap();
    }
}
