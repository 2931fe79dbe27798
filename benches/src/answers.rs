//! What is asked of every table, over Arrow batches.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use restock::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use restock::arrow::compute::{max, sum};
use restock::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use restock::{Scan, Store, View};
use serde_json::{Value, json};

use crate::top;

/// Any failure ends a piece of work.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The answers of a stored table's bulk rows.
///
/// # Errors
/// Damage, or a table without the columns that it should have.
pub fn of(table: &str, store: &Store) -> Result<Value> {
    let scan = store.snapshot().dataset(table)?.scan().view(View::Bulk);
    of_batches(table, scan.batches()?.map(|batch| Ok(batch?)))
}

/// The answers of batches.
///
/// # Errors
/// Damage, or a table without the columns that it should have.
pub fn of_batches(table: &str, batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<Value> {
    let batches = batches.collect::<Result<Vec<_>>>()?;
    if table == "interactions" {
        let (rows, sum, max) = sum_and_max_of(batches.iter().cloned().map(Ok), "TIMESTAMP")?;
        let events = rows_by_of(batches.iter().cloned().map(Ok), "EVENT_TYPE")?;
        let top = top_items_of(&batches)?;
        return Ok(json!({
            "rows": rows, "timestamp_sum": sum, "timestamp_max": max, "events": events, "top_items": top,
        }));
    }
    let (mut rows, mut cents, mut created, mut bytes) = (0, 0, 0, 0);
    for batch in &batches {
        rows += batch.num_rows();
        let prices = column(batch, "PRICE")?.as_primitive::<Float32Type>();
        cents += prices.values().iter().map(|price| (f64::from(*price) * 100.0).round() as i64).sum::<i64>();
        created += sum(column(batch, "CREATION_TIMESTAMP")?.as_primitive::<Int64Type>()).unwrap_or(0);
        bytes += strings(batch, "DESCRIPTION")?.value_data().len();
    }
    Ok(json!({"rows": rows, "price_cents": cents, "created_sum": created, "description_bytes": bytes}))
}

/// Rows, sum and maximum of a column of times.
///
/// # Errors
/// Damage, or a table without the columns that it should have.
pub fn sum_and_max(scan: Scan, name: &str) -> Result<(usize, i64, i64)> {
    sum_and_max_of(scan.columns([name]).batches()?.map(|batch| Ok(batch?)), name)
}

fn sum_and_max_of(
    batches: impl Iterator<Item = Result<RecordBatch>>,
    name: &str,
) -> Result<(usize, i64, i64)> {
    let batches = batches.collect::<Result<Vec<_>>>()?;
    let times = batches.iter().map(|batch| Ok(column(batch, name)?.as_primitive::<Int64Type>()));
    let parts = on_threads(&times.collect::<Result<Vec<_>>>()?, |times| {
        let rows: usize = times.iter().map(|times| times.len()).sum();
        let total: i64 = times.iter().filter_map(|times| sum(times)).sum();
        (rows, total, times.iter().filter_map(|times| max(times)).max().unwrap_or(i64::MIN))
    })?;
    Ok(parts
        .into_iter()
        .fold((0, 0, i64::MIN), |all, part| (all.0 + part.0, all.1 + part.1, all.2.max(part.2))))
}

/// Rows by the values of a column.
///
/// # Errors
/// Damage, or a table without the columns that it should have.
pub fn rows_by(scan: Scan, name: &str) -> Result<BTreeMap<String, u64>> {
    rows_by_of(scan.columns([name]).batches()?.map(|batch| Ok(batch?)), name)
}

fn rows_by_of(
    batches: impl Iterator<Item = Result<RecordBatch>>,
    name: &str,
) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for batch in batches {
        let batch = batch?;
        let events = column(&batch, name)?;
        if let Some(coded) = events.as_dictionary_opt::<Int32Type>() {
            let mut of_code = vec![0_u64; coded.values().len()];
            for code in coded.keys().values() {
                if let Some(count) = of_code.get_mut(*code as usize) {
                    *count += 1;
                }
            }
            let names = coded.values().as_string::<i32>();
            for (name, count) in names.iter().zip(of_code).filter(|(_, count)| *count > 0) {
                *counts.entry(name.unwrap_or_default().to_owned()).or_insert(0) += count;
            }
        } else {
            let mut of_name: HashMap<&str, u64> = HashMap::new();
            for name in events.as_string::<i32>().iter().flatten() {
                *of_name.entry(name).or_insert(0) += 1;
            }
            for (name, count) in of_name {
                *counts.entry(name.to_owned()).or_insert(0) += count;
            }
        }
    }
    Ok(counts)
}

/// The 100 items of most rows; of equal ones the smaller ID first.
///
/// # Errors
/// Damage, or a table without the columns that it should have.
pub fn top_items(scan: Scan) -> Result<Vec<(String, u64)>> {
    top_items_of(&scan.columns(["ITEM_ID"]).batches()?.collect::<std::result::Result<Vec<_>, _>>()?)
}

fn top_items_of(batches: &[RecordBatch]) -> Result<Vec<(String, u64)>> {
    top::top(&batches.iter().map(|batch| strings(batch, "ITEM_ID")).collect::<Result<Vec<_>>>()?)
}

/// The results of parts of a list, in order, by as many threads as there are.
pub(crate) fn on_threads<I: Sync, T: Send>(list: &[I], work: impl Fn(&[I]) -> T + Sync) -> Result<Vec<T>> {
    let part = list.len().div_ceil(std::thread::available_parallelism()?.get()).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = list.chunks(part).map(|part| scope.spawn(|| work(part))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".into())).collect()
    })
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a restock::arrow::array::ArrayRef> {
    Ok(batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))?)
}

fn strings<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    Ok(column(batch, name)?.as_string_opt::<i32>().ok_or_else(|| format!("{name} is no string column"))?)
}
