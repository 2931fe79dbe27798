//! What is asked of every table, over Arrow batches.

use std::collections::{BTreeMap, HashMap};

use restock::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use restock::arrow::compute::{max, sum};
use restock::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use restock::{Scan, Store};
use serde_json::{Value, json};

use super::Result;

/// The answers of a stored table.
pub(crate) fn of(table: &str, store: &Store) -> Result<Value> {
    let scan = store.snapshot().dataset(table)?.scan();
    of_batches(table, scan.batches()?.map(|batch| Ok(batch?)))
}

/// The answers of batches.
pub(crate) fn of_batches(table: &str, batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<Value> {
    let batches = batches.collect::<Result<Vec<_>>>()?;
    if table == "interactions" {
        let (rows, sum, max) = sum_and_max_of(batches.iter().cloned().map(Ok))?;
        let events = by_event_of(batches.iter().cloned().map(Ok))?;
        let top = top_items_of(batches.into_iter().map(Ok))?;
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

/// Rows, sum and maximum of TIMESTAMP.
pub(crate) fn sum_and_max(scan: Scan) -> Result<(usize, i64, i64)> {
    sum_and_max_of(scan.columns(["TIMESTAMP"]).batches()?.map(|batch| Ok(batch?)))
}

fn sum_and_max_of(batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<(usize, i64, i64)> {
    let (mut rows, mut total, mut most) = (0, 0, i64::MIN);
    for batch in batches {
        let batch = batch?;
        let times = column(&batch, "TIMESTAMP")?.as_primitive::<Int64Type>();
        rows += times.len();
        total += sum(times).unwrap_or(0);
        most = most.max(max(times).unwrap_or(i64::MIN));
    }
    Ok((rows, total, most))
}

/// Rows by EVENT_TYPE.
pub(crate) fn by_event(scan: Scan) -> Result<BTreeMap<String, u64>> {
    by_event_of(scan.columns(["EVENT_TYPE"]).batches()?.map(|batch| Ok(batch?)))
}

fn by_event_of(batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for batch in batches {
        let batch = batch?;
        let events = column(&batch, "EVENT_TYPE")?;
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
pub(crate) fn top_items(scan: Scan) -> Result<Vec<(String, u64)>> {
    top_items_of(scan.columns(["ITEM_ID"]).batches()?.map(|batch| Ok(batch?)))
}

fn top_items_of(batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<Vec<(String, u64)>> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for batch in batches {
        let batch = batch?;
        for item in strings(&batch, "ITEM_ID")?.iter().flatten() {
            match counts.get_mut(item) {
                Some(count) => *count += 1,
                None => drop(counts.insert(item.to_owned(), 1)),
            }
        }
    }
    let mut ranked: Vec<(String, u64)> = counts.into_iter().collect();
    ranked.sort_unstable_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    ranked.truncate(100);
    Ok(ranked)
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a restock::arrow::array::ArrayRef> {
    Ok(batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))?)
}

fn strings<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    Ok(column(batch, name)?.as_string_opt::<i32>().ok_or_else(|| format!("{name} is no string column"))?)
}
