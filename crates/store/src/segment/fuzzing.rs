//! Fuzz target: segments, from their footer to each value.

mod recipe;
mod repair;

pub(crate) use repair::repair;

use arrow::array::{Array, ArrayRef};
use restock_schema::{Field, ValueType};

use super::{Segment, SegmentMeta};
use crate::files;
use crate::fuzzing::{Input, storage_with};

const ID: u64 = 1;
/// Rows of which the record ID is asked for.
const ROWS_ASKED: u64 = 300;
/// Names that the columns of a recipe have, and one that none has.
const NAMES: [&str; 4] = ["A", "B", "C", "D"];

/// Reads a file of which the bytes are the content or the recipe; its sums are right.
pub fn segment(data: &[u8]) {
    let mut input = Input::new(data);
    let bytes = match input.u8() % 2 {
        0 => input.rest().to_vec(),
        _ => recipe::file(&mut input),
    };
    let mut bytes = bytes;
    let Some(meta) = repair(&mut bytes, ID) else { return };
    read(&bytes, &meta);
    // A manifest that says otherwise.
    for rows in [0, meta.rows.wrapping_add(1), u64::MAX] {
        read(&bytes, &SegmentMeta { rows, ..meta.clone() });
    }
}

/// Reads all there is, as columns of every type; each value that is given is valid, and none is missing.
fn read(bytes: &[u8], meta: &SegmentMeta) {
    let storage = storage_with(&files::segment(ID), bytes);
    let Ok(segment) = Segment::open(&storage, meta.clone()) else { return };
    let is_whole = segment.verify().is_ok();
    let Ok(batches) = segment.batches() else { return };
    assert!(segment.rows_of(batches).is_err());
    let mut rows = 0;
    for batch in 0..batches {
        let Ok(range) = segment.rows_of(batch) else { panic!("batch {batch} is missing") };
        assert_eq!(range.start, rows);
        rows = range.end;
        for field in fields(&segment) {
            if let Ok(column) = segment.column(batch, &field) {
                check(&column, &field, range.end - range.start);
            }
        }
    }
    assert_eq!(rows, meta.rows);
    assert!(segment.locate(rows).is_err());
    for row in (0..rows.min(ROWS_ASKED)).chain(rows.checked_sub(1)) {
        assert!(segment.locate(row).is_ok());
        for field in fields(&segment) {
            drop(segment.with_key(row as u32, &field, <[u8]>::len));
        }
    }
    assert!(segment.runs().is_ok_and(|runs| runs.rows() == rows) || !is_whole);
}

/// Every name that there is as a column of every type.
fn fields(segment: &Segment) -> Vec<Field> {
    let types = [
        (ValueType::String, false),
        (ValueType::String, true),
        (ValueType::Int, false),
        (ValueType::Long, false),
        (ValueType::Float, false),
        (ValueType::Double, false),
        (ValueType::Boolean, false),
    ];
    let there = segment.contents().map(|contents| contents.schema.fields().clone()).unwrap_or_default();
    let there = there.iter().map(|field| field.name().as_str()).take(8);
    let names: Vec<&str> = there.chain(NAMES.last().copied()).collect();
    let field = |name: &str, (value_type, categorical)| Field {
        categorical,
        nullable: true,
        ..Field::new(name, value_type)
    };
    types.into_iter().flat_map(|kind| names.iter().map(move |name| field(name, kind))).collect()
}

fn check(column: &ArrayRef, field: &Field, rows: u64) {
    assert_eq!(column.len() as u64, rows);
    assert_eq!(*column.data_type(), field.arrow_type());
    if let Err(error) = column.to_data().validate_full() {
        panic!("a column that is not valid: {error}");
    }
}
