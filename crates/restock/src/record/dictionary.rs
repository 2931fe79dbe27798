//! Dictionary encoding of one batch.

use ahash::AHashMap;
use arrow::array::{Array, ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow::datatypes::Int32Type;
use std::sync::Arc;

/// Few values in any case: a dictionary of them costs nothing.
const FEW: usize = 64;
/// More values than this are never a dictionary: no high-cardinality column needs a hash table.
const MANY: usize = 8192;

/// The values coded in order of first appearance, or `None` if they hardly repeat.
pub(crate) fn dictionary(values: &StringArray) -> Option<DictionaryArray<Int32Type>> {
    let most = (values.len() / 4).clamp(FEW, MANY);
    let mut codes: AHashMap<&str, i32> = AHashMap::new();
    let mut distinct = Vec::new();
    let mut keys = Vec::with_capacity(values.len());
    for value in values {
        let Some(text) = value else {
            keys.push(None);
            continue;
        };
        let next = distinct.len();
        let code = *codes.entry(text).or_insert_with(|| {
            distinct.push(text);
            next as i32
        });
        if distinct.len() > most {
            return None;
        }
        keys.push(Some(code));
    }
    let distinct: ArrayRef = Arc::new(StringArray::from_iter_values(distinct));
    DictionaryArray::try_new(Int32Array::from(keys), distinct).ok()
}
