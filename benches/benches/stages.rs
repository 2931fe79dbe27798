//! Each stage of an import, and what is done with a store: small data, to compare one change of the code with another.
//! `benches/compare` has the large data, and the others.

use std::error::Error;
use std::hint::black_box;
use std::io::{Cursor, Read};
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use restock::{Dataset, DatasetType, ImportMode, Record, Schema, Store, View};
use restock_benches::{Csv, INTERACTIONS, ITEMS, Interactions, Items, Rows, answers, put_item};
use tempfile::TempDir;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const EVENTS: u64 = 200_000;
const CATALOGUE: u64 = 50_000;
const DELTA: u64 = 5_000;

fn file(rows: impl Rows) -> Vec<u8> {
    let mut text = Vec::new();
    assert!(Csv::new(rows).read_to_end(&mut text).is_ok(), "what is generated can be read");
    text
}

fn interactions() -> Vec<u8> {
    file(Interactions::new(EVENTS, 1))
}

fn items() -> Vec<u8> {
    file(Items::new(CATALOGUE, 1))
}

/// A benchmark that fails or gives a wrong answer is worth nothing.
#[expect(clippy::panic, reason = "criterion has no other way to fail")]
fn sure<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// Rows of a CSV text as Arrow batches, one thread.
fn parse(text: &[u8], avro: &str) -> Result<usize> {
    let target = Arc::new(restock_csv::Target::new(&Schema::from_avro(avro)?, Vec::new()));
    let mut rows = 0;
    restock_csv::read(text, "generated", target, Arc::new(restock_csv::Options::default()), 1, |block| {
        rows += block.batches.iter().map(|batch| black_box(batch).num_rows()).sum::<usize>();
        Ok::<(), restock_csv::CsvError>(())
    })?;
    Ok(rows)
}

/// The parser: all columns, and next to none of them, so that fields are found but not converted.
fn csv(criterion: &mut Criterion) {
    const ONE: &str =
        r#"{"type": "record", "name": "Rows", "fields": [{"name": "TIMESTAMP", "type": "long"}]}"#;
    let (events, catalogue) = (interactions(), items());
    let mut group = criterion.benchmark_group("csv");
    group.throughput(Throughput::Bytes(events.len() as u64));
    group.bench_function("tokenise interactions", |bencher| {
        bencher.iter(|| assert_eq!(sure(parse(&events, ONE)), EVENTS as usize));
    });
    group.bench_function("convert interactions", |bencher| {
        bencher.iter(|| assert_eq!(sure(parse(&events, INTERACTIONS)), EVENTS as usize));
    });
    group.throughput(Throughput::Bytes(catalogue.len() as u64));
    group.bench_function("convert items", |bencher| {
        bencher.iter(|| assert_eq!(sure(parse(&catalogue, ITEMS)), CATALOGUE as usize));
    });
    group.finish();
}

fn dataset(store: &Store, name: &str) -> Result<Dataset> {
    let (dataset_type, avro) = match name {
        "items" => (DatasetType::Items, ITEMS),
        _ => (DatasetType::Interactions, INTERACTIONS),
    };
    Ok(store.create_dataset(name, dataset_type, Schema::from_avro(avro)?)?)
}

fn full(store: Store, name: &str, text: Vec<u8>, threads: usize) -> Result<Store> {
    let report =
        dataset(&store, name)?.import_reader(Cursor::new(text), "generated").threads(threads).run()?;
    assert_eq!(report.bulk_rows, if name == "items" { CATALOGUE } else { EVENTS });
    Ok(store)
}

fn on_disk() -> Result<(TempDir, Store)> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("bench.restock"))?;
    Ok((folder, store))
}

/// FULL: of interactions the build of columns, of items also that of the key index; in memory, and to the disk.
fn imports(criterion: &mut Criterion) {
    let (events, catalogue) = (interactions(), items());
    let mut group = criterion.benchmark_group("import");
    group.sample_size(10);
    for (name, text) in [("interactions", &events), ("items", &catalogue)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("FULL {name}, in memory"), |bencher| {
            let store = || (Store::in_memory().map_err(Into::into), text.clone());
            let import =
                |(store, text): (Result<Store>, _)| sure(store.and_then(|store| full(store, name, text, 1)));
            bencher.iter_batched(store, import, BatchSize::PerIteration);
        });
        for threads in [1, 2] {
            group.bench_function(format!("FULL {name}, {threads} threads"), |bencher| {
                let store = || (sure(on_disk()), text.clone());
                let import = |((folder, store), text)| (folder, sure(full(store, name, text, threads)));
                bencher.iter_batched(store, import, BatchSize::PerIteration);
            });
        }
    }
    let delta = file(Items::delta(CATALOGUE, DELTA, DELTA / 2, 2));
    group.throughput(Throughput::Bytes(delta.len() as u64));
    group.bench_function("INCREMENTAL items", |bencher| {
        let store = || {
            let (folder, store) = sure(on_disk());
            (folder, sure(full(store, "items", catalogue.clone(), 2)), delta.clone())
        };
        let import = |(folder, store, delta): (TempDir, Store, Vec<u8>)| {
            let import =
                sure(store.dataset("items").map_err(Into::into)).import_reader(Cursor::new(delta), "delta");
            let report = sure(import.mode(ImportMode::Incremental).run().map_err(Into::into));
            assert_eq!((report.replaced, report.appended), (DELTA / 2, DELTA / 2));
            (folder, store)
        };
        bencher.iter_batched(store, import, BatchSize::PerIteration);
    });
    group.finish();
}

/// Durable puts, one a call.
fn puts(criterion: &mut Criterion) {
    let (_folder, store) = sure(on_disk());
    let items = sure(dataset(&store, "items"));
    let mut number = 0;
    criterion.bench_function("put", |bencher| {
        bencher.iter(|| {
            number += 1;
            let record = sure(Record::from_serialize(&put_item(number)).map_err(Into::into));
            assert_eq!(sure(items.put([record]).map_err(Into::into)).accepted, 1);
        });
    });
}

fn reads(criterion: &mut Criterion) {
    let (folder, store) = sure(on_disk());
    let store = sure(full(store, "items", items(), 2));
    let store = sure(full(store, "interactions", interactions(), 2));
    let snapshot = store.snapshot();
    let (items, events) =
        (sure(snapshot.dataset("items").map_err(Into::into)), snapshot.dataset("interactions"));
    let events = sure(events.map_err(Into::into));
    let ids: Vec<String> = (0..CATALOGUE).step_by(5).map(Items::id).collect();
    let mut next = ids.iter().cycle();
    criterion.bench_function("get", |bencher| {
        bencher.iter(|| assert!(next.next().is_some_and(|id| matches!(items.get(id), Ok(Some(_))))));
    });
    criterion.bench_function("get 10,000", |bencher| {
        bencher.iter(|| {
            let found = sure(items.get_many(&ids, View::Merged).map_err(Into::into));
            assert!(found.iter().all(Option::is_some));
        });
    });
    criterion.bench_function("scan: sum and maximum", |bencher| {
        bencher
            .iter(|| assert_eq!(sure(answers::sum_and_max(events.scan(), "TIMESTAMP")).0, EVENTS as usize));
    });
    criterion.bench_function("scan: rows by value", |bencher| {
        bencher.iter(|| {
            let counts = sure(answers::rows_by(events.scan(), "EVENT_TYPE"));
            assert_eq!(counts.values().sum::<u64>(), EVENTS);
        });
    });
    drop(store);
    let path = folder.path().join("bench.restock");
    criterion.bench_function("open and count", |bencher| {
        bencher.iter(|| {
            let count = || Ok(Store::open_read_only(&path)?.snapshot().dataset("items")?.counts()?.merged);
            assert_eq!(sure(count()), CATALOGUE);
        });
    });
}

criterion_group!(benches, csv, imports, puts, reads);
criterion_main!(benches);
