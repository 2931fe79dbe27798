//! Copies of a snapshot as stores of their own.

use std::sync::Arc;

use restock_store::{Error, MemoryStorage, Storage, Store, View};

use crate::rig::{Rig, name, rows_of};

fn prepared() -> Rig {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1", "b x 2"]);
    rig.full("items", &["a y 3", "c y 4"]);
    rig.put("items", &["c mine 5"]);
    rig.store.flush().unwrap();
    rig.put("items", &["d mine 6"]);
    rig.delete("items", &["c"]);
    rig
}

#[test]
fn a_copy_holds_rows_history_and_what_undo_needs() {
    let rig = prepared();
    let target = tempfile::tempdir().unwrap();
    let snapshot = rig.store.snapshot();
    rig.store.copy_to(&snapshot, target.path().join("copy")).unwrap();
    let copy = Store::open(target.path().join("copy")).unwrap();
    assert_eq!(copy.snapshot().version(), snapshot.version());
    assert_eq!(copy.history(), rig.store.history());
    for view in [View::Merged, View::Newest, View::Bulk, View::Individual] {
        assert_eq!(rows_of(&copy.snapshot(), "items", view), rig.rows("items", view));
    }
    let report = copy.verify().unwrap();
    assert!(report.is_ok() && report.leftover.is_empty(), "{report:?}");
    copy.undo(&name("items"), false).unwrap();
    assert_eq!(rows_of(&copy.snapshot(), "items", View::Merged), ["a x 1.0", "b x 2.0", "d mine 6.0"]);
    rig.put("items", &["e mine 7"]);
    assert_eq!(rig.merged("items"), ["a y 3.0", "d mine 6.0", "e mine 7.0"], "each goes its own way");
    rig.verify();
}

/// The files of an old snapshot may be gone from the folder; the snapshot holds them.
#[test]
fn a_snapshot_whose_files_were_removed_is_copied_all_the_same() {
    let rig = prepared();
    let (snapshot, rows) = (rig.store.snapshot(), rig.merged("items"));
    rig.full("items", &["z z 1"]);
    rig.put("items", &["y z 2"]);
    rig.delete("items", &["d"]);
    rig.compact();
    rig.vacuum();
    let target = tempfile::tempdir().unwrap();
    rig.store.copy_to(&snapshot, target.path()).unwrap();
    let copy = Store::open_read_only(target.path()).unwrap();
    assert_eq!(rows_of(&copy.snapshot(), "items", View::Merged), rows);
    assert!(copy.verify().unwrap().is_ok());
    let memory = MemoryStorage::new();
    rig.store.copy_into(&snapshot, Arc::new(memory.clone())).unwrap();
    let copy = Rig::on(memory);
    assert_eq!(copy.merged("items"), rows);
    copy.verify();
}

#[test]
fn a_reader_copies_beside_a_busy_writer() {
    let rig = prepared();
    let reader = rig.reader();
    let target = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| {
            for n in 0..20 {
                reader.refresh().unwrap();
                let path = target.path().join(n.to_string());
                reader.copy_to(&reader.snapshot(), &path).unwrap();
                let copy = Store::open_read_only(path).unwrap();
                assert_eq!(copy.snapshot().version(), reader.snapshot().version());
                assert!(copy.verify().unwrap().is_ok());
            }
        });
        while !copying.is_finished() {
            rig.full("items", &["a z 1", "b z 2"]);
            rig.put("items", &["a mine 2"]);
        }
        copying.join().unwrap();
    });
}

#[test]
fn a_folder_that_is_in_use_is_refused() {
    let rig = prepared();
    let target = tempfile::tempdir().unwrap();
    std::fs::write(target.path().join("thesis.txt"), "mine").unwrap();
    let refused = rig.store.copy_to(&rig.store.snapshot(), target.path());
    assert!(matches!(refused, Err(Error::NotEmpty { .. })));
    assert!(matches!(rig.store.copy_to(&rig.store.snapshot(), rig.path()), Err(Error::NotEmpty { .. })));
    assert!(matches!(Store::create(target.path()), Err(Error::NotEmpty { .. })));
}

#[test]
fn a_place_that_a_writer_has_or_a_dead_copy_left_is_refused() {
    let rig = prepared();
    let memory = MemoryStorage::new();
    let copy = |target: &MemoryStorage| rig.store.copy_into(&rig.store.snapshot(), Arc::new(target.clone()));
    let busy = memory.lock("LOCK", "pid 1").unwrap();
    assert!(matches!(copy(&memory), Err(Error::Locked { .. })));
    drop(busy);
    memory.create_dir("segments").unwrap();
    drop(memory.create("segments/1.arrow").unwrap());
    assert!(matches!(copy(&memory), Err(Error::NotEmpty { .. })));
    memory.remove("segments/1.arrow").unwrap();
    copy(&memory).unwrap();
    assert!(matches!(copy(&memory), Err(Error::NotEmpty { .. })));
}
