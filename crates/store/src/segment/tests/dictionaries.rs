//! Dictionaries that grow while the file is written.

use std::collections::BTreeSet;

use arrow::array::{DictionaryArray, UInt16Array};
use arrow::datatypes::{Int32Type, UInt16Type};

use super::*;

fn coded_schema() -> Schema {
    let coded = Field { nullable: true, categorical: true, ..Field::new("C", ValueType::String) };
    Schema::new("Rows", vec![Field::new("N", ValueType::Long), coded]).unwrap()
}

/// A batch whose column has these values as a dictionary, or as plain strings.
fn coded(values: &[Option<String>], as_dictionary: bool) -> RecordBatch {
    let numbers: ArrayRef = Arc::new((0..values.len() as i64).collect::<Int64Array>());
    let strings: ArrayRef = Arc::new(values.iter().map(Option::as_deref).collect::<StringArray>());
    let strings = match as_dictionary {
        true => cast(&strings, &coded_schema().fields()[1].arrow_type()).unwrap(),
        false => strings,
    };
    RecordBatch::try_from_iter([("N", numbers), ("C", strings)]).unwrap()
}

fn values(range: std::ops::Range<usize>, distinct: usize) -> Vec<Option<String>> {
    range.map(|n| (n % 11 != 3).then(|| format!("value {}", n % distinct))).collect()
}

/// The type the file has the column in.
fn stored_type(storage: &MemoryStorage, segment: &Segment) -> DataType {
    let reader = FileReader::try_new(Cursor::new(content(storage, segment)), None).unwrap();
    reader.schema().field(1).data_type().clone()
}

fn codes(width: DataType) -> DataType {
    DataType::Dictionary(Box::new(width), Box::new(DataType::Utf8))
}

/// Batches whose distinct values add up: the file begins again with wider codes in the middle of it.
#[test]
fn codes_widen_from_8_to_16_to_32_bits() {
    for (steps, width) in [
        (vec![100], codes(DataType::UInt8)),
        (vec![100, 256], codes(DataType::UInt8)),
        (vec![100, 257], codes(DataType::UInt16)),
        (vec![100, 150, 3000, 100], codes(DataType::UInt16)),
        (vec![100, 66_000, 100, 80_000], codes(DataType::Int32)),
    ] {
        let mut bench = Bench::new(coded_schema(), Some(0));
        let mut appended = Vec::new();
        for distinct in steps.iter().copied() {
            let batch = coded(&values(0..(distinct * 12 / 5).max(300), distinct), true);
            bench.append(&batch);
            appended.push(batch);
        }
        let storage = bench.storage.clone();
        let segment = check(bench, &appended);
        assert_eq!(stored_type(&storage, &segment), width, "{steps:?}");
    }
}

#[test]
fn a_column_of_too_many_values_becomes_plain() {
    let mut bench = Bench::new(coded_schema(), None);
    let few = coded(&values(0..300, 10), true);
    bench.append(&few);
    let mut appended = vec![few];
    for part in 0..9 {
        let many: Vec<Option<String>> =
            (0..130_000).map(|n| Some(format!("{}", part * 130_000 + n))).collect();
        appended.push(coded(&many, true));
        bench.append(&appended[appended.len() - 1]);
    }
    let storage = bench.storage.clone();
    let segment = check(bench, &appended);
    assert_eq!(stored_type(&storage, &segment), DataType::Utf8);
}

#[test]
fn a_first_batch_of_distinct_values_is_plain_and_takes_dictionaries_later() {
    let mut bench = Bench::new(coded_schema(), None);
    let appended = [
        coded(&values(0..2000, 1900), true),
        coded(&values(0..500, 5), true),
        coded(&values(0..9, 3), false),
    ];
    appended.iter().for_each(|batch| bench.append(batch));
    let storage = bench.storage.clone();
    let segment = check(bench, &appended);
    assert_eq!(stored_type(&storage, &segment), DataType::Utf8);
}

#[test]
fn plain_strings_join_a_dictionary() {
    let mut bench = Bench::new(coded_schema(), None);
    let appended =
        [coded(&values(0..500, 5), true), coded(&values(7..100, 9), false), coded(&[None, None], false)];
    appended.iter().for_each(|batch| bench.append(batch));
    let storage = bench.storage.clone();
    let segment = check(bench, &appended);
    assert_eq!(stored_type(&storage, &segment), codes(DataType::UInt8));
}

/// S8, S11: the dictionary holds what rows use, in the order in which they use it.
#[test]
fn only_values_that_rows_use_stand_in_the_file() {
    let mut bench = Bench::new(coded_schema(), None);
    let dictionary = StringArray::from(vec!["unused one", "later", "unused two", "first"]);
    let column = DictionaryArray::<Int32Type>::new(
        Int32Array::from(vec![Some(3), None, Some(1), Some(3)]),
        Arc::new(dictionary),
    );
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 2, 3]));
    let batch = RecordBatch::try_from_iter([("N", numbers), ("C", Arc::new(column) as ArrayRef)]).unwrap();
    bench.append(&batch);
    let (segment, storage, schema) = bench.finish();
    let text = String::from_utf8_lossy(&content(&storage, &segment)).into_owned();
    assert!(!text.contains("unused") && text.contains("firstlater"), "{text}");
    let read = segment.column(0, &schema.fields()[1]).unwrap();
    let distinct: BTreeSet<&str> =
        read.as_dictionary::<Int32Type>().values().as_string::<i32>().iter().flatten().collect();
    assert_eq!(distinct.into_iter().collect::<Vec<_>>(), ["first", "later"]);
}

/// A row may be null by its code or by the value that its code means.
#[test]
fn a_null_among_the_values_of_a_dictionary_stays_null() {
    let dictionary: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    let column: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::new(
        Int32Array::from(vec![Some(1), Some(0), None]),
        dictionary.clone(),
    ));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 2]));
    let batch = RecordBatch::try_from_iter([("N", numbers.clone()), ("C", column.clone())]).unwrap();
    let mut bench = Bench::new(coded_schema(), None);
    bench.append(&coded(&values(0..300, 5), true));
    bench.append(&batch);
    let (segment, _, schema) = bench.finish();
    let read = plain(&segment.column(1, &schema.fields()[1]).unwrap());
    assert_eq!(read.as_string::<i32>().iter().collect::<Vec<_>>(), [None, Some("a"), None]);
    let strict = Schema::new(
        "Rows",
        vec![Field::new("N", ValueType::Long), Field { nullable: false, ..schema.fields()[1].clone() }],
    );
    assert!(Encoder::new(strict.unwrap(), None).encode(&batch).is_err(), "null in a column that has none");
    let narrow = DictionaryArray::<UInt16Type>::new(UInt16Array::from(vec![0, 0, 0]), dictionary);
    let narrow = RecordBatch::try_from_iter([("N", numbers), ("C", Arc::new(narrow) as ArrayRef)]).unwrap();
    assert!(
        Encoder::new(coded_schema(), None).encode(&narrow).is_err(),
        "codes of another width are refused"
    );
}

/// A dictionary that is full to the last code of each width.
#[test]
fn the_last_code_of_a_width_is_used() {
    for distinct in [256, 65_536] {
        let all: Vec<Option<String>> =
            (0..distinct * 3).map(|n| Some(format!("v{}", n % distinct))).collect();
        let mut bench = Bench::new(coded_schema(), None);
        let appended = [coded(&all[..300], true), coded(&all, true)];
        appended.iter().for_each(|batch| bench.append(batch));
        check(bench, &appended);
    }
}

/// Offsets into a dictionary have 32 bits: long values go in plainly, however few they are.
#[test]
fn a_dictionary_of_too_many_bytes_becomes_plain_at_once() {
    let long = |from: usize| -> Vec<Option<String>> {
        (from..from + 20).map(|n| Some(format!("{n}").repeat((1 << 20) / format!("{n}").len()))).collect()
    };
    for as_dictionary in [true, false] {
        let mut bench = Bench::new(coded_schema(), None);
        let mut appended = vec![coded(&values(0..300, 10), true)];
        appended.extend([10, 30, 50, 70].map(|from| coded(&long(from), as_dictionary)));
        appended.iter().for_each(|batch| bench.append(batch));
        let storage = bench.storage.clone();
        let segment = check(bench, &appended);
        assert_eq!(stored_type(&storage, &segment), DataType::Utf8);
        assert_eq!(segment.id(), 2, "the file was begun again once");
    }
}

/// A batch of few codes may stand for more text than a column can hold.
#[test]
fn a_batch_of_more_text_than_offsets_reach_is_refused() {
    let value: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(1 << 20)]));
    let codes = Int32Array::from(vec![0; 2048]);
    let column: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::new(codes, value));
    let numbers: ArrayRef = Arc::new((0..2048).collect::<Int64Array>());
    let batch = RecordBatch::try_from_iter([("N", numbers), ("C", column)]).unwrap();
    let error = Encoder::new(coded_schema(), None).encode(&batch).unwrap_err().to_string();
    assert!(error.contains("`C`") && error.contains("2 GiB"), "{error}");
    Encoder::new(coded_schema(), None).encode(&batch.slice(0, 2000)).unwrap();
}
