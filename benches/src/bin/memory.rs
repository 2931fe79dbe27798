//! How much anonymous memory a FULL import takes, whatever its size: `memory [ROWS]` (10,000,000).
//!
//! Linux only, where the kernel tells. The rows are made as they are read, so that no file is in the way.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use restock::{DatasetType, Schema, Store};
use restock_benches::{INTERACTIONS, Interactions};

static PEAK_KB: AtomicU64 = AtomicU64::new(0);

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().nth(1).map_or(Ok(10_000_000), |rows| rows.parse())?;
    let folder = std::env::temp_dir().join(format!("restock-memory-{}", std::process::id()));
    std::thread::spawn(|| {
        loop {
            PEAK_KB.fetch_max(anonymous_kb().unwrap_or(0), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let store = Store::create(&folder)?;
    let interactions =
        store.create_dataset("interactions", DatasetType::Interactions, Schema::from_avro(INTERACTIONS)?)?;
    let report = interactions.import_reader(Interactions::new(rows, 1), "generated").run();
    drop((interactions, store));
    std::fs::remove_dir_all(&folder)?;
    let report = report?;
    println!(
        "{} rows, {} MB of CSV, {:.1} s, peak anonymous memory {} MB",
        report.bulk_rows,
        report.bytes / 1_000_000,
        report.seconds,
        PEAK_KB.load(Ordering::Relaxed) * 1024 / 1_000_000
    );
    Ok(())
}

fn anonymous_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
