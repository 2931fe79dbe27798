//! How much anonymous memory a FULL import takes, whatever its size: `memory [ROWS]` (10,000,000).
//!
//! Linux only, where the kernel tells. The rows are made as they are read, so that no file is in the way.

use std::error::Error;

use restock::{DatasetType, Schema, Store};
use restock_benches::{AnonymousPeak, Csv, INTERACTIONS, Interactions};

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().nth(1).map_or(Ok(10_000_000), |rows| rows.parse())?;
    let folder = std::env::temp_dir().join(format!("restock-memory-{}", std::process::id()));
    let peak = AnonymousPeak::watch();
    let store = Store::create(&folder)?;
    let interactions =
        store.create_dataset("interactions", DatasetType::Interactions, Schema::from_avro(INTERACTIONS)?)?;
    let report = interactions.import_reader(Csv::new(Interactions::new(rows, 1)), "generated").run();
    drop((interactions, store));
    std::fs::remove_dir_all(&folder)?;
    let report = report?;
    println!(
        "{} rows, {} MB of CSV, {:.1} s, peak anonymous memory {} MB",
        report.bulk_rows,
        report.bytes / 1_000_000,
        report.seconds,
        peak.megabytes()
    );
    Ok(())
}
