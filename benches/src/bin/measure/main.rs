//! One piece of work by Restock, timed, as one line of JSON: what `benches/compare/run.py` runs beside the others.
//!
//! `measure full interactions|items DATA STORE`, `measure incremental FILE DATA STORE`,
//! `measure scan interactions STORE`, `measure get FILE DATA STORE`, `measure put STORE`, `measure wear STORE`, `measure size ROWS STORE`,
//! `measure open STORE...`, `measure csv interactions|items DATA`, `measure watched TABLE DATA`. Each is a process of its own; what is synced is synced
//! when its time ends; answers are counted after it.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use restock::arrow::array::{ArrayAccessor, AsArray, RecordBatch, StringArray};
use restock::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use restock::{Cancel, DatasetName, DatasetType, ImportMode, Progress, Record, Schema, Store, View};
use restock_benches::answers::{self, Result};
use restock_benches::{
    AnonymousPeak, Csv, INTERACTIONS, ITEMS, PUTS, Sample, Sums, TURNS, USERS, Users, gets, median, put_item,
    timed,
};
use serde_json::{Value, json};

const USAGE: &str = "usage: measure full TABLE DATA STORE | incremental FILE DATA STORE | scan TABLE STORE \
                     | get FILE DATA STORE | put STORE | wear STORE | size ROWS STORE | open STORE... | csv TABLE DATA \
                     | watched TABLE DATA";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let measured = match *arguments {
        ["full", table, data, store] => full(table, data.as_ref(), store.as_ref())?,
        ["incremental", file, data, store] => incremental(file, data.as_ref(), store.as_ref())?,
        ["scan", table, store] => scan(table, store.as_ref())?,
        ["open", ref stores @ ..] => open(stores)?,
        ["get", file, data, store] => get(file, data.as_ref(), store.as_ref())?,
        ["put", store] => put(store.as_ref())?,
        ["size", rows, store] => size(rows.parse()?, store.as_ref())?,
        ["wear", store] => wear(store.as_ref())?,
        ["csv", table, data] => csv(table, data.as_ref())?,
        ["watched", table, data] => watched(table, data.as_ref())?,
        _ => return Err(USAGE.into()),
    };
    println!("{measured}");
    Ok(())
}

fn schema(table: &str) -> Result<(DatasetType, Schema)> {
    Ok(match table {
        "interactions" => (DatasetType::Interactions, Schema::from_avro(INTERACTIONS)?),
        "items" => (DatasetType::Items, Schema::from_avro(ITEMS)?),
        other => return Err(format!("no table {other}").into()),
    })
}

fn full(table: &str, data: &Path, store: &Path) -> Result<Value> {
    let peak = AnonymousPeak::watch();
    let (dataset_type, schema) = schema(table)?;
    let began = Instant::now();
    let opened = Store::create(store)?;
    let dataset = opened.create_dataset(table, dataset_type, schema)?;
    let report = dataset.import(data.join(format!("{table}.csv"))).run()?;
    drop((dataset, opened));
    let seconds = began.elapsed().as_secs_f64();
    let peak = peak.megabytes();
    let answers = answers::of(table, &Store::open_read_only(store)?)?;
    let bytes = folder_bytes(store)?;
    Ok(json!({
        "seconds": seconds, "peak_mb": peak, "disk_bytes": bytes, "phases": report.phases, "work": report.work,
        "answers": answers,
    }))
}

/// What it costs to watch a FULL and to be able to cancel it: as many without as with both, by turns, in memory.
fn watched(table: &str, data: &Path) -> Result<Value> {
    let file = data.join(format!("{table}.csv"));
    let looks = Arc::new(AtomicU64::new(0));
    let once = |is_watched: bool| -> Result<Duration> {
        let (dataset_type, schema) = schema(table)?;
        let store = Store::in_memory()?;
        let mut import = store.create_dataset(table, dataset_type, schema)?.import(&file);
        if is_watched {
            let looks = Arc::clone(&looks);
            let watcher = move |_: &Progress| {
                looks.fetch_add(1, Ordering::Relaxed);
            };
            import = import.progress(watcher).cancel(Cancel::new());
        }
        let (done, time) = timed(|| import.run());
        done?;
        Ok(time)
    };
    let (mut alone, mut watched) = (Vec::new(), Vec::new());
    for turn in 0..4 * TURNS {
        // Neither is always the first.
        let is_watched = matches!(turn % 4, 1 | 2);
        if is_watched { &mut watched } else { &mut alone }.push(once(is_watched)?);
    }
    let (alone, watched) = (median(alone), median(watched));
    Ok(json!({
        "seconds": alone, "watched_seconds": watched, "looks": looks.load(Ordering::Relaxed), "answers": {},
    }))
}

/// The file, or all files whose name begins so: merging of segments is done when the time ends.
fn incremental(file: &str, data: &Path, store: &Path) -> Result<Value> {
    let files = files_like(file, data)?;
    let peak = AnonymousPeak::watch();
    let began = Instant::now();
    let opened = Store::open_existing(store)?;
    for file in &files {
        opened.dataset("items")?.import(file).mode(ImportMode::Incremental).run()?;
    }
    drop(opened);
    let seconds = began.elapsed().as_secs_f64();
    let (peak, files) = (peak.megabytes(), files.len());
    let answers = answers::of("items", &Store::open_read_only(store)?)?;
    Ok(json!({"seconds": seconds, "peak_mb": peak, "files": files, "answers": answers}))
}

/// The files whose names begin so, in order.
fn files_like(file: &str, data: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<_> = std::fs::read_dir(data)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(file)));
    files.sort();
    Ok(files)
}

fn scan(table: &str, store: &Path) -> Result<Value> {
    let store = Store::open_read_only(store)?;
    let snapshot = store.snapshot().dataset(table)?;
    if table == "items" {
        let (sum, count) = (
            || answers::sum_and_max(snapshot.scan(), "CREATION_TIMESTAMP"),
            || answers::rows_by(snapshot.scan(), "CATEGORY_L1"),
        );
        let ((_, sum_seconds), (_, count_seconds)) = (warm(sum)?, warm(count)?);
        return Ok(json!({"sum_seconds": sum_seconds, "count_seconds": count_seconds, "answers": {}}));
    }
    let ((rows, sum, max), sum_seconds) = warm(|| answers::sum_and_max(snapshot.scan(), "TIMESTAMP"))?;
    let (events, events_seconds) = warm(|| answers::rows_by(snapshot.scan(), "EVENT_TYPE"))?;
    let (top, top_seconds) = warm(|| answers::top_items(snapshot.scan()))?;
    let answers = json!({
        "rows": rows, "timestamp_sum": sum, "timestamp_max": max, "events": events, "top_items": top,
    });
    Ok(json!({
        "sum_seconds": sum_seconds, "events_seconds": events_seconds, "top_seconds": top_seconds, "answers": answers,
    }))
}

/// What work gives, and the median of its times.
fn warm<T>(mut work: impl FnMut() -> Result<T>) -> Result<(T, f64)> {
    let (first, time) = timed(&mut work);
    let (mut done, mut times) = (first?, vec![time]);
    for _ in 1..TURNS {
        let (again, time) = timed(&mut work);
        done = again?;
        times.push(time);
    }
    Ok((done, median(times)))
}

/// All of the stores, and the number of their rows.
fn open(stores: &[&str]) -> Result<Value> {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..TURNS {
        let (counted, time) = timed(|| -> Result<u64> { stores.iter().map(count).sum() });
        rows = counted?;
        times.push(time);
    }
    Ok(json!({"seconds": median(times), "answers": {"rows": rows}}))
}

/// Gets of decoded rows, of a table with the changes of files whose names begin so.
fn get(file: &str, data: &Path, store: &Path) -> Result<Value> {
    let mut files = vec![data.join("items.csv")];
    files.extend(files_like(file, data)?.into_iter().filter(|path| *path != data.join("items.csv")));
    let sample = Sample::of(&files)?;
    let items = Store::open_read_only(store)?.snapshot().dataset("items")?;
    gets(
        &sample,
        |id, sums| -> Result<()> { add(&items.get(id)?.ok_or("an item is not there")?, sums) },
        |ids, sums| -> Result<()> { add_batch(&items.get_batch(ids, View::Merged)?, sums) },
    )
}

fn add(item: &Record, sums: &mut Sums) -> Result<()> {
    let mut values = item.iter().map(|(_, value)| value).skip(1);
    let mut next = || values.next().ok_or("too few columns");
    let (price, category, created, description) = (next()?, next()?, next()?, next()?);
    match (price, category.as_str(), created, description.as_str()) {
        (restock::Value::Float(price), Some(category), restock::Value::Int(created), Some(description)) => {
            sums.add(*price, category, *created, description);
            Ok(())
        }
        _ => Err("other types".into()),
    }
}

fn add_batch(items: &RecordBatch, sums: &mut Sums) -> Result<()> {
    let column = |number: usize| items.columns().get(number).ok_or("too few columns");
    let price = column(1)?.as_primitive_opt::<Float32Type>().ok_or("another type")?;
    let category =
        column(2)?.as_dictionary_opt::<Int32Type>().and_then(|coded| coded.downcast_dict::<StringArray>());
    let category = category.ok_or("another type")?;
    let created = column(3)?.as_primitive_opt::<Int64Type>().ok_or("another type")?;
    let description = column(4)?.as_string_opt::<i32>().ok_or("another type")?;
    for row in 0..items.num_rows() {
        sums.add(price.value(row).into(), category.value(row), created.value(row), description.value(row));
    }
    Ok(())
}

/// So many threads put at once.
const CALLERS: usize = 16;

/// Puts, one a call and durable: by one caller, and by many at once.
fn put(store: &Path) -> Result<Value> {
    let items = Store::open_existing(store)?.dataset("items")?;
    let mut times = Vec::new();
    for number in 0..PUTS {
        let item = record(number)?;
        let (done, time) = timed(|| items.put([item]));
        done?;
        times.push(time);
    }
    let (done, together) = timed(|| {
        std::thread::scope(|scope| {
            let caller = |caller: usize| {
                let items = &items;
                scope.spawn(move || -> std::result::Result<(), String> {
                    for number in 0..PUTS {
                        let item = record((caller + 1) * PUTS + number).map_err(|e| e.to_string())?;
                        items.put([item]).map_err(|e| e.to_string())?;
                    }
                    Ok(())
                })
            };
            let callers: Vec<_> = (0..CALLERS).map(caller).collect();
            callers
                .into_iter()
                .try_for_each(|caller| caller.join().map_err(|_| "a caller panicked".to_owned())?)
        })
    });
    done?;
    let each = together.as_secs_f64() / (CALLERS * PUTS) as f64;
    Ok(json!({"one_seconds": median(times), "together_seconds": each, "answers": {}}))
}

/// How many rows change.
const CHANGED: u64 = 100_000;
/// No table has more.
const NEW_FROM: u64 = 60_000_000;

/// INCREMENTAL of the same number of rows into users of any number, in a store that is opened afresh for each, and in
/// one that stays open.
fn size(rows: u64, store: &Path) -> Result<Value> {
    let opened = Store::create(store)?;
    let users = opened.create_dataset("users", DatasetType::Users, Schema::from_avro(USERS)?)?;
    let (report, full) = timed(|| users.import_reader(Csv::new(Users::new(rows, 1)), "generated").run());
    report?;
    drop((users, opened));
    let mut afresh = Vec::new();
    for turn in 0..TURNS {
        afresh.push(change(&Store::open_existing(store)?, turn)?);
    }
    // What was checked once is not checked again.
    let opened = Store::open_existing(store)?;
    change(&opened, TURNS)?;
    let kept = (TURNS + 1..=2 * TURNS).map(|turn| change(&opened, turn)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "seconds": median(afresh), "kept_seconds": median(kept), "full_seconds": full.as_secs_f64(), "answers": {},
    }))
}

/// How long the INCREMENTAL takes.
fn change(store: &Store, turn: usize) -> Result<Duration> {
    let mut delta = Vec::new();
    let turn = turn as u64;
    Csv::new(Users::delta(CHANGED, NEW_FROM + turn * CHANGED, 2 + turn)).read_to_end(&mut delta)?;
    let users = store.dataset("users")?;
    let import = users.import_reader(Cursor::new(delta), "delta").mode(ImportMode::Incremental);
    let (report, time) = timed(|| import.run());
    let report = report?;
    if (report.replaced, report.appended) != (CHANGED / 2, CHANGED / 2) {
        return Err(format!("{} replaced, {} appended", report.replaced, report.appended).into());
    }
    Ok(time)
}

/// Individual rows of one put, not flushed: what a store that was used for a while has.
fn wear(store: &Path) -> Result<Value> {
    let items = Store::open_existing(store)?.dataset("items")?;
    let records = (0..UNFLUSHED).map(record).collect::<Result<Vec<_>>>()?;
    let (done, time) = timed(|| items.put(records));
    done?;
    Ok(json!({"seconds": time.as_secs_f64(), "answers": {}}))
}

const UNFLUSHED: usize = 10_000;

fn record(number: usize) -> Result<Record> {
    Ok(Record::from_serialize(&put_item(number))?)
}

fn count(store: &&str) -> Result<u64> {
    let snapshot = Store::open_read_only(store)?.snapshot();
    let rows = |name: &DatasetName| Ok(snapshot.dataset(&name.to_string())?.counts()?.merged);
    snapshot.names().iter().map(rows).sum()
}

/// CSV to Arrow in memory, all batches kept.
fn csv(table: &str, data: &Path) -> Result<Value> {
    let (_, schema) = schema(table)?;
    let target = Arc::new(restock_csv::Target::new(&schema, Vec::new()));
    let options = Arc::new(restock_csv::Options::default());
    let threads = std::thread::available_parallelism()?.get();
    let began = Instant::now();
    let file = std::fs::File::open(data.join(format!("{table}.csv")))?;
    let mut batches = Vec::new();
    restock_csv::read(file, table, target, options, threads, |block| {
        batches.extend(block.batches);
        Ok::<(), restock_csv::CsvError>(())
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let answers = answers::of_batches(table, batches.into_iter().map(Ok))?;
    Ok(json!({"seconds": seconds, "answers": answers}))
}

fn folder_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { folder_bytes(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
