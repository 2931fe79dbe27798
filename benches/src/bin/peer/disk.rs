//! What the disk itself takes for a small durable write: what no store can be faster than.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use restock_benches::{PUTS, median, timed};
use serde_json::{Value, json};

use super::Result;

/// About a record.
const BYTES: usize = 256;

/// Overwrites of a preallocated file, each synced.
pub(crate) fn put(work: &Path) -> Result<Value> {
    let file = File::create(work.join("preallocated"))?;
    file.write_all_at(&vec![1; PUTS * BYTES], 0)?;
    file.sync_all()?;
    let mut times = Vec::new();
    for number in 0..PUTS {
        let (done, time) = timed(|| {
            file.write_all_at(&[2; BYTES], (number * BYTES) as u64)?;
            file.sync_data()
        });
        done?;
        times.push(time);
    }
    Ok(json!({"one_seconds": median(times), "answers": {}}))
}
