//! S10: undo takes back the last import, and only that.

use restock_store::{CommitKind, Error, ImportMode, View};

use crate::rig::{Rig, name};

#[test]
fn bulk_rows_and_their_order_are_as_before_the_import() {
    for mode in [ImportMode::Full, ImportMode::Incremental] {
        for compacted in [false, true] {
            let rig = Rig::on_disk();
            rig.full("items", &["c x 1", "a x 2", "b x 3"]);
            rig.incremental("items", &["a y 4"]);
            rig.put("items", &["b mine 5"]);
            let before = rig.rows("items", View::Bulk);
            rig.import("items", mode, &["b new 6", "d new 7"]).unwrap();
            rig.put("items", &["c mine 8"]);
            let individual = rig.rows("items", View::Individual);
            if compacted {
                rig.compact();
            }
            let foreseen = rig.store.undo(&name("items"), true).unwrap();
            let report = rig.undo("items").unwrap();
            assert_eq!((&foreseen.rows, &foreseen.rows_before), (&report.rows, &report.rows_before));
            assert_eq!((foreseen.undone, report.undone.mode), (report.undone.clone(), mode));
            assert_eq!(report.rows, rig.counts("items"));
            assert_eq!(rig.rows("items", View::Bulk), before, "{mode}, compacted: {compacted}");
            assert_eq!(rig.rows("items", View::Individual), individual);
            rig.verify();
            let rig = rig.reopen();
            assert_eq!(rig.rows("items", View::Bulk), before);
            rig.verify();
        }
    }
}

#[test]
fn there_is_one_step_unless_more_are_kept_and_no_redo() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    rig.full("items", &["b x 2"]);
    rig.undo("items").unwrap();
    let error = rig.undo("items").unwrap_err();
    assert!(matches!(&error, Error::NothingToUndo(text) if text.contains("no longer kept")), "{error}");
    assert_eq!(rig.merged("items"), ["a x 1.0"]);
    let never = rig.undo("users").unwrap_err();
    assert!(
        matches!(&never, Error::NothingToUndo(text) if text.contains("no import to take back")),
        "{never}"
    );
}

#[test]
fn the_depth_is_configurable_and_zero_turns_undo_off() {
    let rig = Rig::on_disk();
    rig.store.set_undo_depth(3).unwrap();
    let rig = rig.reopen();
    for n in 1..=5 {
        rig.full("items", &[&format!("a x {n}")]);
    }
    assert_eq!(rig.store.info().unwrap().datasets[1].undo_kept, 3);
    for n in [4, 3, 2] {
        rig.undo("items").unwrap();
        assert_eq!(rig.merged("items"), [format!("a x {n}.0")]);
    }
    assert!(rig.undo("items").is_err());
    rig.full("items", &["b x 1"]);
    rig.full("items", &["b x 2"]);
    rig.store.set_undo_depth(1).unwrap();
    rig.undo("items").unwrap();
    assert!(rig.undo("items").is_err(), "lowering the depth drops what is beyond it");
    rig.store.set_undo_depth(0).unwrap();
    rig.full("items", &["c x 1"]);
    assert!(rig.undo("items").is_err());
    rig.verify();
}

#[test]
fn puts_flushes_and_compactions_do_not_count_and_vacuum_drops_what_is_kept() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    rig.full("items", &["b x 2"]);
    rig.put("items", &["c mine 3"]);
    rig.store.flush().unwrap();
    rig.compact();
    rig.undo("items").unwrap();
    assert_eq!(rig.merged("items"), ["a x 1.0", "c mine 3.0"]);
    rig.full("items", &["b x 2"]);
    rig.vacuum();
    assert!(matches!(rig.undo("items"), Err(Error::NothingToUndo(_))));
    assert_eq!(rig.merged("items"), ["b x 2.0", "c mine 3.0"]);
}

#[test]
fn an_undo_is_a_commit_in_the_history() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    rig.undo("items").unwrap();
    let history = rig.store.history();
    let last = history.last().unwrap();
    assert_eq!((last.what, last.dataset.clone()), (CommitKind::Undo, Some(name("items"))));
    assert_eq!((last.version, last.rows.bulk), (rig.store.snapshot().version(), 0));
    let kinds: Vec<CommitKind> = history.iter().map(|commit| commit.what).collect();
    assert_eq!(&kinds[3..], [CommitKind::ImportFull, CommitKind::Undo], "flushes are not told");
    assert!(history.is_sorted_by(|a, b| a.version < b.version && a.time_ms <= b.time_ms));
}

#[test]
fn the_schema_stays_and_restored_rows_read_null_in_newer_columns() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    rig.full("items", &["b x 2"]);
    crate::alter::add_stock(&rig);
    rig.undo("items").unwrap();
    assert_eq!(rig.merged("items"), ["a x 1.0 -"]);
    rig.verify();
}

/// What was put while the import stood shadows the rows that come back, and only as far as it still lives.
#[test]
fn shadows_are_those_of_the_individual_rows_of_now() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1", "b x 2", "c x 3"]);
    rig.full("items", &["d y 4"]);
    rig.put("items", &["a mine 5"]);
    rig.store.flush().unwrap();
    rig.put("items", &["b mine 6"]);
    rig.delete("items", &["a"]);
    let foreseen = rig.store.undo(&name("items"), true).unwrap();
    rig.undo("items").unwrap();
    assert_eq!(rig.merged("items"), ["c x 3.0", "b mine 6.0"]);
    assert_eq!(foreseen.rows, rig.counts("items"));
    assert_eq!((foreseen.rows.bulk, foreseen.rows.merged), (2, 2));
    rig.verify();
}
