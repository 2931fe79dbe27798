//! Power cuts while many threads put, and imports and compactions run beside them.
//!
//! Whose put had returned finds it, whole; every other put is there whole or not at all, and so is every import.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::thread;

use restock::{DatasetType, ImportMode, Schema, Store, View, record};

use super::disk::Disk;
use super::platter::Platter;
use crate::model::{Check, Dice, failed, number, same, scan, verifies};

/// Distinct cuts unless `RESTOCK_CRASH_POINTS` says otherwise.
const CUTS: u64 = 1000;
const THREADS: usize = 6;
const PUTS: usize = 8;
/// Rows of a put, all with its number.
const BATCH: usize = 3;
/// Rows of an import, all with its number.
const IMPORTED: usize = 20;

const SCHEMA: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}]}"#;

/// By the number of a put or import, how many events there had been when it returned.
type Returned = Mutex<BTreeMap<String, usize>>;

fn work(disk: &Disk, seed: u64) -> (Returned, Returned) {
    let store = Store::open_storage(Arc::new(disk.clone())).unwrap();
    let rows =
        store.create_dataset("rows", DatasetType::Interactions, Schema::from_avro(SCHEMA).unwrap()).unwrap();
    let (puts, imports) = (Returned::default(), Returned::default());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (rows, puts) = (&rows, &puts);
            scope.spawn(move || {
                for put in 0..PUTS {
                    let id = format!("put {thread} {put}");
                    let batch = (0..BATCH).map(|n| {
                        record! { "USER_ID" => id.as_str(), "ITEM_ID" => "i", "TIMESTAMP" => n as i64 }
                    });
                    rows.put(batch).unwrap();
                    puts.lock().unwrap().insert(id, disk.length());
                }
            });
        }
        let mut dice = Dice::new(seed);
        for import in 0..3 {
            let id = format!("import {import}");
            let lines: String = (0..IMPORTED).map(|n| format!("{id},i,{n}\n")).collect();
            let csv = format!("USER_ID,ITEM_ID,TIMESTAMP\n{lines}");
            let mode = if import == 0 { ImportMode::Full } else { ImportMode::Incremental };
            rows.import_reader(Cursor::new(csv), "rows").mode(mode).run().unwrap();
            imports.lock().unwrap().insert(id, disk.length());
            if dice.one_in(2) {
                store.compact(None).unwrap();
            }
        }
    });
    (puts, imports)
}

/// How many rows each put or import has.
fn counted(store: &Store, view: View) -> Check<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    if store.dataset("rows").is_ok() {
        for row in scan(&store.snapshot(), "rows", view)? {
            *counts.entry(crate::shelf::id_text(&row[0])).or_default() += 1;
        }
    }
    Ok(counts)
}

fn look(store: &Store, events: usize, (puts, imports): (&Returned, &Returned)) -> Check {
    verifies(store)?;
    for (view, returned, size) in [(View::Individual, puts, BATCH), (View::Bulk, imports, IMPORTED)] {
        let counts = counted(store, view)?;
        let torn: Vec<_> = counts.iter().filter(|(_, rows)| **rows != size).collect();
        same("puts and imports that are not whole", &torn, &Vec::<(&String, &usize)>::new())?;
        let returned = returned.lock().unwrap();
        let lost = returned.iter().filter(|(id, at)| **at <= events && !counts.contains_key(*id));
        same("puts and imports that had returned and are lost", &lost.collect::<Vec<_>>(), &Vec::new())?;
    }
    Ok(())
}

#[test]
fn puts_of_many_threads() {
    let points = number("RESTOCK_CRASH_POINTS").unwrap_or(CUTS);
    let (mut cuts, mut seed) = (0, number("RESTOCK_CRASH_SEED").unwrap_or(1));
    while cuts < points {
        let disk = Disk::default();
        let (puts, imports) = work(&disk, seed);
        let (mut platter, mut dice) = (Platter::default(), Dice::new(seed));
        for (number, event) in disk.events().iter().enumerate() {
            platter.apply(event);
            if platter.is_settled() || !dice.one_in(4) {
                continue;
            }
            let image = platter.cut(&mut dice);
            let opened = Store::open_storage(Arc::new(image)).map_err(failed("opening"));
            let looked = opened.and_then(|store| look(&store, number + 1, (&puts, &imports)));
            looked.unwrap_or_else(|why| panic!("seed {seed}, after {number} events, {event:.200?}: {why}"));
            cuts += 1;
        }
        seed += 1;
    }
    println!("crash points: {cuts} distinct of {cuts} tried, 0 in a recovery: puts_of_many_threads");
}
