//! FULL imports of interactions, by the number of threads.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use restock::{Dataset, DatasetType, Schema, Store};
use restock_benches::{Csv, INTERACTIONS, Interactions};

const ROWS: u64 = 1_000_000;

fn dataset(folder: &tempfile::TempDir) -> Result<Dataset, restock::Error> {
    let store = Store::open(folder.path().join("bench.restock"))?;
    store.create_dataset("interactions", DatasetType::Interactions, Schema::from_avro(INTERACTIONS)?)
}

fn full(criterion: &mut Criterion) {
    let mut text = Vec::new();
    let read = std::io::Read::read_to_end(&mut Csv::new(Interactions::new(ROWS, 1)), &mut text);
    assert!(read.is_ok());
    let mut group = criterion.benchmark_group("full");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    for threads in [1, 2] {
        group.bench_function(format!("1M interactions, {threads} threads"), |bencher| {
            bencher.iter_batched(
                || (tempfile::tempdir(), std::io::Cursor::new(text.clone())),
                |(folder, csv)| {
                    let folder = folder.map_err(|e| e.to_string())?;
                    let dataset = dataset(&folder).map_err(|e| e.to_string())?;
                    let report = dataset.import_reader(csv, "generated").threads(threads).run();
                    let report = report.map_err(|e| e.to_string())?;
                    // A benchmark that computes a wrong answer is worth nothing.
                    assert_eq!(report.bulk_rows, ROWS);
                    Ok::<_, String>(folder)
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, full);
criterion_main!(benches);
