//! What is asked of every table, over Arrow batches.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;

use ahash::{AHashMap, RandomState};
use restock::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use restock::arrow::compute::{max, sum};
use restock::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use restock::{Scan, Store, View};
use serde_json::{Value, json};

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
    let (mut rows, mut total, mut most) = (0, 0, i64::MIN);
    for batch in batches {
        let batch = batch?;
        let times = column(&batch, name)?.as_primitive::<Int64Type>();
        rows += times.len();
        total += sum(times).unwrap_or(0);
        most = most.max(max(times).unwrap_or(i64::MIN));
    }
    Ok((rows, total, most))
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

/// On as many threads as there are, in two steps: each thread deals its part of the texts to `PARTS` by their hashes,
/// then each counts parts of all threads, whose maps fit the processor's cache.
fn top_items_of(batches: &[RecordBatch]) -> Result<Vec<(String, u64)>> {
    let columns = batches.iter().map(|batch| strings(batch, "ITEM_ID")).collect::<Result<Vec<_>>>()?;
    let threads = std::thread::available_parallelism()?.get();
    let dealt = on_threads(columns.chunks(columns.len().div_ceil(threads).max(1)), deal)?;
    let parts: Vec<usize> = (0..PARTS).collect();
    let ranked = on_threads(parts.chunks(PARTS.div_ceil(threads)), |parts| {
        parts
            .iter()
            .flat_map(|part| most(dealt.iter().filter_map(|dealt| dealt.get(*part))))
            .collect::<Vec<_>>()
    })?;
    let ranked = ranked.into_iter().flatten().map(|(item, count)| (item.to_string(), count));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_unstable_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    ranked.truncate(TOP);
    Ok(ranked)
}

const TOP: usize = 100;
const PARTS: usize = 64;

/// The results of each, in order.
fn on_threads<I: Send, T: Send>(
    items: impl Iterator<Item = I>,
    work: impl Fn(I) -> T + Sync,
) -> Result<Vec<T>> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = items.map(|item| scope.spawn(move || work(item))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".into())).collect()
    })
}

/// The texts of columns, by parts.
fn deal<'a>(columns: &[&'a StringArray]) -> Vec<Vec<Text<'a>>> {
    let hasher = RandomState::with_seed(0);
    let mut parts = vec![Vec::new(); PARTS];
    for item in columns.iter().flat_map(|column| column.iter()).flatten().map(Text::new) {
        if let Some(part) = parts.get_mut((hasher.hash_one(item) >> 32) as usize % PARTS) {
            part.push(item);
        }
    }
    parts
}

/// The texts that come most often, and all that come as often as the last of them.
fn most<'a>(lists: impl Iterator<Item = &'a Vec<Text<'a>>>) -> Vec<(Text<'a>, u64)> {
    let mut counts: AHashMap<Text<'_>, u64> = AHashMap::new();
    for item in lists.flatten() {
        *counts.entry(*item).or_insert(0) += 1;
    }
    let mut ranked: Vec<_> = counts.into_iter().collect();
    if ranked.len() > TOP {
        let last = ranked.select_nth_unstable_by_key(TOP - 1, |(_, count)| Reverse(*count)).1.1;
        ranked.retain(|(_, count)| *count >= last);
    }
    ranked
}

/// A text that is compared without following a pointer, if it is short.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Text<'a> {
    /// Up to fifteen bytes, and their number in the last one.
    Short([u8; 16]),
    Long(&'a str),
}

impl<'a> Text<'a> {
    fn new(text: &'a str) -> Self {
        let mut short = [0; 16];
        match short.get_mut(..text.len()) {
            Some(space) if text.len() < 16 => space.copy_from_slice(text.as_bytes()),
            _ => return Self::Long(text),
        }
        short[15] = text.len() as u8;
        Self::Short(short)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(short) => {
                let text = short.get(..usize::from(short[15])).unwrap_or_default();
                f.write_str(&String::from_utf8_lossy(text))
            }
            Self::Long(text) => f.write_str(text),
        }
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a restock::arrow::array::ArrayRef> {
    Ok(batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))?)
}

fn strings<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    Ok(column(batch, name)?.as_string_opt::<i32>().ok_or_else(|| format!("{name} is no string column"))?)
}
