//! Writes the files that the benchmarks read, and `answers.json`: `generate FOLDER [SCALE]`.
//!
//! At scale 1, which is what there is without, these are 10 M and 50 M interactions, and 1 M items with their deltas:
//! 3.4 GB.

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::Path;

use restock_benches::{Csv, Interactions, Items, Rows};
use serde_json::json;

/// How many INCREMENTALs wear a table, and which part of its rows each replaces.
const WORN: u64 = 30;
const WORN_PART: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: generate FOLDER [SCALE]")?;
    let scale: f64 = arguments.next().map_or(Ok(1.0), |scale| scale.parse())?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let rows = |count: u64| ((count as f64 * scale) as u64).max(100);
    let (events, items) = (rows(10_000_000), rows(1_000_000));

    let interactions = write(folder, "interactions.csv", Interactions::new(events, 1))?;
    let table = write(folder, "items.csv", Items::new(items, 1))?;
    let small = rows(100_000);
    let small = write(folder, "items-small.csv", Items::delta(items, small, small / 2, 2))?;
    let large = write(folder, "items-large.csv", Items::delta(items, items, items / 2, 3))?;
    std::fs::create_dir_all(folder.join("large"))?;
    let large_interactions = write(folder, "large/interactions.csv", Interactions::new(5 * events, 1))?;
    let mut worn = Vec::new();
    for turn in 0..WORN {
        let rows = Items::delta(items, items / WORN_PART, 0, 100 + turn);
        worn.push(write(folder, &format!("items-worn-{turn:02}.csv"), rows)?);
    }
    let mut changes: Vec<&Items> = worn.iter().collect();
    let worn = table.answers(&changes);
    changes.push(&small);
    let answers = json!({
        "interactions": interactions.truth().answers(),
        "large": large_interactions.truth().answers(),
        "items": table.answers(&[]),
        "items-small": table.answers(&[&small]),
        "items-large": table.answers(&[&large]),
        "items-worn": worn,
        "items-worn-small": table.answers(&changes),
    });
    std::fs::write(folder.join("answers.json"), serde_json::to_vec_pretty(&answers)?)?;
    Ok(())
}

fn write<R: Rows>(folder: &Path, name: &str, rows: R) -> io::Result<R> {
    let mut csv = Csv::new(rows);
    io::copy(&mut csv, &mut File::create(folder.join(name))?)?;
    Ok(csv.into_rows())
}
