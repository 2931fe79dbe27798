//! S6: until its commit an import is invisible, and one that ends otherwise leaves nothing behind.

use restock_store::{Cancel, Error, ImportMode, ImportRequest, View};

use crate::rig::{Rig, name};

fn begun(rig: &Rig, mode: ImportMode, cancel: &Cancel) -> restock_store::Import {
    let request = ImportRequest { mode, label: None, cancel: cancel.clone() };
    let mut import = rig.store.import(&name("items"), request).unwrap();
    let batch = rig.batch("items", &["a new 1", "b new 2"]);
    import.append(import.encoder().encode(&batch).unwrap()).unwrap();
    import
}

#[test]
fn a_running_import_is_invisible_to_every_reader() {
    let rig = Rig::on_disk();
    rig.full("items", &["a old 0"]);
    let import = begun(&rig, ImportMode::Full, &Cancel::new());
    assert_eq!(rig.merged("items"), ["a old 0.0"]);
    let reader = rig.reader();
    assert_eq!(crate::rig::rows_of(&reader.snapshot(), "items", View::Merged), ["a old 0.0"]);
    import.commit().unwrap();
    assert_eq!(rig.merged("items"), ["a new 1.0", "b new 2.0"]);
}

#[test]
fn a_dropped_or_cancelled_import_leaves_the_store_byte_for_byte() {
    let rig = Rig::on_disk();
    rig.full("items", &["a old 0"]);
    rig.put("items", &["c mine 1"]);
    let before = rig.files();
    drop(begun(&rig, ImportMode::Full, &Cancel::new()));
    assert_eq!(rig.files(), before, "dropped");
    let cancel = Cancel::new();
    let mut import = begun(&rig, ImportMode::Incremental, &cancel);
    cancel.cancel();
    let batch = import.encoder().encode(&rig.batch("items", &["d new 4"])).unwrap();
    assert!(matches!(import.append(batch), Err(Error::Cancelled)));
    assert!(matches!(import.commit(), Err(Error::Cancelled)));
    assert_eq!(rig.files(), before, "cancelled");
    rig.verify();
}

#[test]
fn what_a_killed_import_left_is_swept_at_the_next_opening_for_writing() {
    let rig = Rig::on_disk();
    rig.full("items", &["a old 0"]);
    // The files of an import whose process died; a folder and a foreign file are none of ours.
    for left in
        ["segments/99.arrow", "segments/99.keys", "segments/100.run", "segments/7777.del", "log/9.log"]
    {
        std::fs::write(rig.path().join(left), b"half").unwrap();
    }
    std::fs::write(rig.path().join("MANIFEST.next"), b"half").unwrap();
    std::fs::write(rig.path().join("segments/notes.txt"), b"mine").unwrap();
    assert_eq!(rig.store.verify().unwrap().leftover.len(), 5);
    let rig = rig.reopen();
    assert_eq!(rig.merged("items"), ["a old 0.0"]);
    rig.verify();
    assert!(!rig.path().join("MANIFEST.next").exists());
    assert!(rig.path().join("segments/notes.txt").exists(), "only files of ours are removed");
}

#[test]
fn an_import_waits_its_turn_and_can_be_cancelled_while_it_waits() {
    let rig = Rig::in_memory();
    let first = begun(&rig, ImportMode::Full, &Cancel::new());
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let request = ImportRequest { cancel: cancel.clone(), ..ImportRequest::default() };
            rig.store.import(&name("users"), request).map(|_| ())
        });
        std::thread::sleep(std::time::Duration::from_millis(30));
        assert!(!waiting.is_finished(), "one import runs at a time in a store");
        cancel.cancel();
        assert!(matches!(waiting.join().unwrap(), Err(Error::Cancelled)));
    });
    first.commit().unwrap();
    rig.full("users", &["u1 DE hello"]);
}

#[test]
fn batches_that_are_not_the_datasets_columns_are_refused() {
    let rig = Rig::in_memory();
    let import = rig.store.import(&name("items"), ImportRequest::default()).unwrap();
    let error = import.encoder().encode(&rig.batch("interactions", &["u a 1 view"])).unwrap_err();
    assert!(error.to_string().contains("4 columns"), "{error}");
    let three = rig.batch("interactions", &["u a 1 view"]).project(&[0, 2, 3]).unwrap();
    let error = import.encoder().encode(&three).unwrap_err();
    assert!(error.to_string().contains("column `CATEGORY` is Int64"), "{error}");
    let empty_id = rig.batch("items", &["a x 1"]).project(&[1, 1, 2]).unwrap();
    assert!(import.encoder().encode(&empty_id).is_ok(), "a dictionary may stand for strings");
}
