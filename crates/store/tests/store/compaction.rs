//! Compaction and vacuum: nothing a reader sees changes, and what is dead is gone.

use restock_store::{Cancel, Error, View};

use crate::rig::{Rig, name};

#[test]
fn a_dataset_becomes_one_segment_of_each_origin_without_dead_rows() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1", "b x 2", "c x 3"]);
    rig.incremental("items", &["b y 4"]);
    rig.put("items", &["c mine 5"]);
    rig.store.flush().unwrap();
    rig.put("items", &["c mine 6", "d mine 7"]);
    rig.delete("items", &["a"]);
    rig.store.set_undo_depth(0).unwrap();
    let (rows, newest) = (rig.merged("items"), rig.rows("items", View::Newest));
    let info = |rig: &Rig| rig.store.info().unwrap().datasets[1].clone();
    assert!(info(&rig).deleted > 0 && info(&rig).bytes_dead > 0);
    let foreseen = info(&rig).rows;
    let report = rig.store.compact(Some(&name("items")), &Cancel::new()).unwrap();
    assert_eq!(report.version, rig.store.snapshot().version());
    let after = info(&rig);
    assert_eq!((after.segments, after.deleted, after.bytes_dead, after.rows), (2, 0, 0, foreseen));
    assert_eq!((rig.merged("items"), rig.rows("items", View::Newest)), (rows, newest));
    rig.verify();
    let files = rig.files();
    rig.store.compact(None, &Cancel::new()).unwrap();
    assert_eq!(rig.files(), files, "nothing to do is nothing done");
}

#[test]
fn a_dataset_whose_rows_all_died_has_no_segment() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1"]);
    rig.put("items", &["b mine 2"]);
    rig.delete("items", &["a", "b"]);
    rig.vacuum();
    assert_eq!(rig.store.info().unwrap().datasets[1].segments, 0);
    assert_eq!(crate::rig::files_in(&rig.path().join("segments")).len(), 0);
    rig.verify();
    rig.incremental("items", &["c x 3"]);
    assert_eq!(rig.merged("items"), ["c x 3.0"]);
    rig.verify();
}

#[test]
fn vacuum_frees_what_undo_kept_and_says_how_much() {
    let rig = Rig::on_disk();
    let rows: Vec<String> = (0..5000).map(|n| format!("i{n} x {n}")).collect();
    rig.full("items", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    rig.full("items", &["a x 1"]);
    let kept = rig.store.info().unwrap().datasets[1].bytes_dead;
    let before: u64 = rig.files().iter().map(|(_, content)| content.len() as u64).sum();
    let report = rig.store.vacuum(&Cancel::new()).unwrap();
    let after: u64 = rig.files().iter().map(|(_, content)| content.len() as u64).sum();
    assert!(kept > 100_000, "{kept}");
    assert!(report.bytes_freed >= kept && before - after >= report.bytes_freed, "{report:?}");
}

#[test]
fn a_cancelled_compaction_changes_nothing() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1"]);
    rig.incremental("items", &["b x 1"]);
    let before = rig.files();
    let cancel = Cancel::new();
    cancel.cancel();
    assert!(matches!(rig.store.compact(None, &cancel), Err(Error::Cancelled)));
    assert_eq!(rig.files(), before);
}

/// Puts and deletes go on while segments are merged: they are carried over to the merged one.
#[test]
fn rows_that_die_while_segments_are_merged_stay_dead() {
    let rig = Rig::in_memory();
    for round in 0..3 {
        let rows: Vec<String> = (0..3000).map(|n| format!("i{round}-{n} x {n}")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        if round == 0 {
            rig.full("items", &rows)
        } else {
            rig.incremental("items", &rows)
        };
    }
    std::thread::scope(|scope| {
        let compacting = scope.spawn(|| rig.compact());
        let mut n = 0;
        while !compacting.is_finished() || n < 50 {
            rig.delete("items", &[&format!("i1-{n}")]);
            rig.put("items", &[&format!("i2-{n} mine 0")]);
            n = (n + 1).min(2999);
        }
        let deleted = n;
        compacting.join().unwrap();
        assert!((0..deleted).all(|n| rig.get("items", &format!("i1-{n}"), View::Merged).is_none()));
        assert_eq!(rig.counts("items").merged, 9000 - deleted as u64);
    });
    rig.verify();
}
