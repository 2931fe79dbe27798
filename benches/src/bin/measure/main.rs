//! One piece of work by Restock, timed, as one line of JSON: what `benches/compare/run.py` runs beside the others.
//!
//! `measure full interactions|items DATA STORE`, `measure incremental FILE DATA STORE`,
//! `measure scan interactions STORE`, `measure open STORE`, `measure csv interactions|items DATA`. Each is a process of
//! its own; what is synced is synced when its time ends; answers are counted after it.

mod answers;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use restock::{DatasetType, ImportMode, Schema, Store};
use restock_benches::{AnonymousPeak, INTERACTIONS, ITEMS};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: measure full TABLE DATA STORE | incremental FILE DATA STORE | scan TABLE STORE \
                     | open STORE | csv TABLE DATA";
/// Warm work is done so many times, and the median of it told.
const TURNS: usize = 5;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let measured = match *arguments {
        ["full", table, data, store] => full(table, data.as_ref(), store.as_ref())?,
        ["incremental", file, data, store] => incremental(file, data.as_ref(), store.as_ref())?,
        ["scan", table, store] => scan(table, store.as_ref())?,
        ["open", store] => open(store.as_ref())?,
        ["csv", table, data] => csv(table, data.as_ref())?,
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
        "seconds": seconds, "peak_mb": peak, "disk_bytes": bytes, "phases": report.phases, "answers": answers,
    }))
}

/// The file, or all files whose name begins so: merging of segments is done when the time ends.
fn incremental(file: &str, data: &Path, store: &Path) -> Result<Value> {
    let mut files: Vec<_> = std::fs::read_dir(data)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with(file)));
    files.sort();
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

fn scan(table: &str, store: &Path) -> Result<Value> {
    let store = Store::open_read_only(store)?;
    let snapshot = store.snapshot().dataset(table)?;
    let mut times = [const { Vec::new() }; 3];
    let mut answers = json!({});
    for _ in 0..TURNS {
        let began = Instant::now();
        let (rows, sum, max) = answers::sum_and_max(snapshot.scan())?;
        let summed = began.elapsed();
        let events = answers::by_event(snapshot.scan())?;
        let counted = began.elapsed();
        let top = answers::top_items(snapshot.scan())?;
        let ranked = began.elapsed();
        for (times, time) in times.iter_mut().zip([summed, counted - summed, ranked - counted]) {
            times.push(time.as_secs_f64());
        }
        answers = json!({
            "rows": rows, "timestamp_sum": sum, "timestamp_max": max, "events": events, "top_items": top,
        });
    }
    let [sum, events, top] = times.map(median);
    Ok(json!({"sum_seconds": sum, "events_seconds": events, "top_seconds": top, "answers": answers}))
}

fn open(store: &Path) -> Result<Value> {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..TURNS {
        let began = Instant::now();
        let opened = Store::open_read_only(store)?;
        let snapshot = opened.snapshot();
        rows = 0;
        for name in snapshot.names() {
            rows += snapshot.dataset(&name.to_string())?.counts()?.merged;
        }
        times.push(began.elapsed().as_secs_f64());
    }
    Ok(json!({"seconds": median(times), "answers": {"rows": rows}}))
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

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
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
