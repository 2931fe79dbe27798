//! What rows take once they are unpacked: a value that many rows share counts for each of them.

use arrow::array::{AnyDictionaryArray, Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int16Type, Int32Type, Int64Type, RunEndIndexType};

/// Bytes of the rows of a batch, converted.
pub(super) fn bytes(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(unpacked).sum()
}

fn unpacked(array: &ArrayRef) -> usize {
    let own = || array.to_data().get_slice_memory_size().unwrap_or(array.get_array_memory_size());
    match array.data_type() {
        DataType::Dictionary(..) => array.as_any_dictionary_opt().map_or_else(own, of_dictionary),
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => of_runs::<Int16Type>(array),
            DataType::Int32 => of_runs::<Int32Type>(array),
            _ => of_runs::<Int64Type>(array),
        },
        DataType::Utf8View => array
            .as_string_view_opt()
            .map_or_else(own, |texts| texts.views().iter().map(|view| OFFSET + length_of(*view)).sum()),
        _ => own(),
    }
}

/// What a row takes beside its text.
const OFFSET: usize = 4;

/// A view begins with the length of its text.
fn length_of(view: u128) -> usize {
    (view as u32) as usize
}

fn of_dictionary(array: &dyn AnyDictionaryArray) -> usize {
    let length = lengths(array.values());
    if array.values().is_empty() {
        return array.len() * OFFSET;
    }
    array.normalized_keys().into_iter().map(|key| OFFSET + length(key)).sum()
}

fn of_runs<E: RunEndIndexType>(array: &ArrayRef) -> usize {
    let Some(runs) = array.as_run_opt::<E>() else { return array.get_array_memory_size() };
    let length = lengths(runs.values());
    let ends = runs.run_ends();
    (0..array.len()).map(|row| OFFSET + length(ends.get_physical_index(row))).sum()
}

/// How long each value is; those of one width are their width.
fn lengths(values: &ArrayRef) -> Box<dyn Fn(usize) -> usize + '_> {
    if let Some(texts) = values.as_string_opt::<i32>() {
        return Box::new(|at| texts.value_length(at).cast_unsigned() as usize);
    }
    if let Some(texts) = values.as_string_opt::<i64>() {
        return Box::new(|at| usize::try_from(texts.value_length(at)).unwrap_or(usize::MAX));
    }
    if let Some(texts) = values.as_string_view_opt() {
        return Box::new(|at| texts.views().get(at).map_or(0, |view| length_of(*view)));
    }
    let width = values.data_type().primitive_width().unwrap_or(1);
    Box::new(move |_| width)
}

#[cfg(test)]
mod tests;
