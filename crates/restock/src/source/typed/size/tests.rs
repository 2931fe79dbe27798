use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{Int8Type, Int32Type};

use super::bytes;

fn of(array: impl Array + 'static) -> usize {
    bytes(&RecordBatch::try_from_iter([("A", Arc::new(array) as ArrayRef)]).unwrap())
}

#[test]
fn a_value_that_rows_share_counts_for_each_of_them() {
    let long = "x".repeat(10_000);
    let rows = || std::iter::repeat_n(Some(long.as_str()), 100).chain([None, Some("y")]);
    let least = 100 * 10_000;
    let plain = of(rows().collect::<StringArray>());
    assert!((least..least + 10_000).contains(&plain), "{plain}");
    for size in [
        of(rows().collect::<DictionaryArray<Int8Type>>()),
        of(rows().collect::<RunArray<Int32Type>>()),
        of(rows().collect::<StringViewArray>()),
    ] {
        assert!((least..least + 30_000).contains(&size), "{size}");
    }
}

#[test]
fn slices_count_their_own_rows() {
    let texts = ["x".repeat(1_000), "y".to_owned()];
    let coded: DictionaryArray<Int32Type> =
        (0..100).map(|row| Some(texts[usize::from(row >= 10)].as_str())).collect();
    let runs: RunArray<Int32Type> =
        (0..100).map(|row| Some(texts[usize::from(row >= 10)].as_str())).collect();
    for (array, name) in [(Arc::new(coded) as ArrayRef, "codes"), (Arc::new(runs), "runs")] {
        let batch = RecordBatch::try_from_iter([("A", array)]).unwrap();
        assert_eq!(bytes(&batch.slice(5, 10)), 5 * 1_004 + 5 * 5, "{name}");
    }
    let empty: DictionaryArray<Int32Type> = [None::<&str>, None].into_iter().collect();
    assert_eq!(of(empty), 8);
}
