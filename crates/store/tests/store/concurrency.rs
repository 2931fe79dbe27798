//! Many threads and readers at once, checked by invariants.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use restock_store::{Durability, ImportMode, Snapshot, View};

use crate::rig::{Rig, name, rows_of};

const TIME: Duration = Duration::from_millis(1500);

/// In each version all bulk rows carry one number, and each put batch is there whole.
fn check(snapshot: &Snapshot) {
    let bulk = rows_of(snapshot, "items", View::Bulk);
    let number = |row: &String| row.split(' ').nth(2).unwrap().to_owned();
    assert!(bulk.iter().all(|row| number(row) == number(&bulk[0])), "bulk rows of one import: {bulk:?}");
    assert_eq!(bulk.len(), 50);
    let pairs = rows_of(snapshot, "interactions", View::Individual);
    assert_eq!(pairs.len() % 2, 0, "a put of two rows is atomic");
    for pair in pairs.chunks(2) {
        assert_eq!(
            pair[0].replace("first", ""),
            pair[1].replace("second", ""),
            "rows of a put stand together"
        );
    }
    let merged = rows_of(snapshot, "items", View::Merged);
    let counts = snapshot.dataset(&name("items")).unwrap().counts().unwrap();
    assert_eq!((counts.bulk, counts.merged), (50, merged.len() as u64));
    let mut ids: Vec<&str> = merged.iter().filter_map(|row| row.split(' ').next()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), merged.len(), "a record ID is shown once");
}

/// S6, S7, S9 under load: FULL imports, puts from eight threads, flushes and compactions, while snapshots of
/// this process and of readers from outside are checked.
#[test]
fn every_snapshot_shows_whole_imports_and_whole_puts() {
    let rig = Rig::on_disk();
    let rows = |n: usize| -> Vec<String> { (0..50).map(|i| format!("i{i} x {n}")).collect() };
    let import = |n: usize| rig.full("items", &rows(n).iter().map(String::as_str).collect::<Vec<_>>());
    import(0);
    let (stop, began) = (AtomicBool::new(false), Instant::now());
    let puts: u64 = thread::scope(|scope| {
        let (rig, stop) = (&rig, &stop);
        let putting: Vec<_> = (0..8)
            .map(|writer| {
                scope.spawn(move || {
                    let mut puts = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let row = |which: &str| format!("u{writer} {which} {puts} put");
                        rig.put("interactions", &[&row("first"), &row("second")]);
                        let durability =
                            if puts % 2 == 0 { Durability::Synced } else { Durability::Buffered };
                        rig.put_as(
                            "items",
                            &[&format!("i{} mine {puts}", (writer * 7 + puts) % 80)],
                            durability,
                        )
                        .unwrap();
                        puts += 1;
                    }
                    puts as u64
                })
            })
            .collect();
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                rig.compact();
                rig.store.flush().unwrap();
                thread::sleep(Duration::from_millis(20));
            }
        });
        scope.spawn(move || {
            let mut last = 0;
            while !stop.load(Ordering::Relaxed) {
                let snapshot = rig.store.snapshot();
                assert!(snapshot.version() >= last, "versions rise");
                last = snapshot.version();
                check(&snapshot);
            }
        });
        scope.spawn(move || {
            let reader = rig.reader();
            while !stop.load(Ordering::Relaxed) {
                let before = reader.snapshot().version();
                reader.refresh().unwrap();
                assert!(reader.snapshot().version() >= before);
                check(&reader.snapshot());
            }
        });
        let mut n = 1;
        while began.elapsed() < TIME {
            import(n);
            n += 1;
        }
        stop.store(true, Ordering::Relaxed);
        putting.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(rig.counts("interactions").individual, 2 * puts, "each acknowledged put is there");
    check(&rig.store.snapshot());
    rig.verify();
    let rig = rig.reopen();
    assert_eq!(rig.counts("interactions").individual, 2 * puts);
    rig.verify();
}

/// Puts and deletes that race the commit of an import are probed again there: shadows and counts fit.
#[test]
fn puts_and_deletes_race_the_commit_of_an_import() {
    let rig = Rig::in_memory();
    let rows: Vec<String> = (0..2000).map(|i| format!("i{i} bulk 1")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    rig.full("items", &rows);
    for round in 0..8 {
        let mode = if round % 2 == 0 { ImportMode::Incremental } else { ImportMode::Full };
        thread::scope(|scope| {
            scope.spawn(|| rig.import("items", mode, &rows).unwrap());
            scope.spawn(|| {
                (0..40).for_each(|i| {
                    rig.put("items", &[&format!("i{} mine {round}", i * 37)]);
                });
            });
            scope.spawn(|| {
                (0..40).for_each(|i| {
                    rig.delete("items", &[&format!("i{}", i * 41)]);
                });
            });
        });
        rig.verify();
    }
}
