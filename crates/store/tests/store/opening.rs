//! Opening: the lock, reading beside a writer, what is no store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use restock_store::{Error, MemoryStorage, Storage, Store, View};

use crate::rig::{Double, Rig, image_of, name, new_dataset, rows_of, write};

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let rig = Rig::on_disk();
    let error = Store::open(rig.path()).unwrap_err();
    assert!(matches!(&error, Error::Locked { holder, .. } if holder == "this process already"), "{error}");
    let lock = std::fs::read_to_string(rig.path().join("LOCK")).unwrap();
    assert_eq!(lock, format!("pid {}\n", std::process::id()));
    drop(rig.store.clone());
    assert!(Store::open(rig.path()).is_err(), "the handle that is left holds the lock");
}

/// Another process's lock names that process, if it can be the holder: what the last one wrote stands there until
/// the next has come to writing.
#[cfg(unix)]
#[test]
fn a_lock_names_no_process_that_is_gone() {
    let rig = Rig::on_disk();
    let held_by = |text: &str| {
        std::fs::write(rig.path().join("LOCK"), text).unwrap();
        Store::open(rig.path()).unwrap_err().to_string()
    };
    let alive = std::os::unix::process::parent_id();
    let told = held_by(&format!("pid {alive}\n"));
    assert!(told.contains(&format!("open for writing by process {alive};")), "{told}");
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let told = held_by(&format!("pid {}\n", child.id()));
    assert!(told.contains("by another process, which process"), "{told}");
    assert!(held_by("").contains("by another process;"));
}

#[test]
fn a_lock_that_was_freed_in_good_order_names_nobody() {
    let rig = Rig::on_disk();
    let path = rig.path().join("LOCK");
    drop(rig.store.clone());
    assert_ne!(std::fs::read(&path).unwrap(), b"");
    let kept = rig.close();
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    drop(kept);
}

#[test]
fn the_lock_is_free_when_the_last_handle_is_gone() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1"]);
    let snapshot = rig.store.snapshot();
    let rig = rig.reopen();
    assert_eq!(rows_of(&snapshot, "items", View::Merged), ["a x 1.0"], "a snapshot outlives its handle");
    assert!(rig.path().join("LOCK").exists(), "the lock's file is never deleted");
}

#[test]
fn a_reader_works_beside_a_writer_and_refuses_to_write() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1"]);
    let reader = rig.reader();
    rig.put("items", &["b mine 2"]);
    assert_eq!(rows_of(&reader.snapshot(), "items", View::Merged), ["a x 1.0"]);
    reader.refresh().unwrap();
    assert_eq!(rows_of(&reader.snapshot(), "items", View::Merged), ["a x 1.0", "b mine 2.0"]);
    assert_eq!(reader.snapshot().version(), rig.store.snapshot().version());
    assert!(reader.is_read_only());
    for error in [
        reader.flush().unwrap_err(),
        reader.create_dataset(new_dataset("x", restock_schema::DatasetType::Items)).unwrap_err(),
        reader.delete(&name("items"), &["a"], false).map(|_| ()).unwrap_err(),
        reader.undo(&name("items"), false).map(|_| ()).unwrap_err(),
        reader.vacuum(&Default::default()).map(|_| ()).unwrap_err(),
    ] {
        assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
    }
    assert!(reader.verify().unwrap().is_ok());
}

#[test]
fn what_is_no_store_is_said_to_be_none_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nowhere");
    for opened in [Store::open_existing(&missing), Store::open_read_only(&missing)] {
        assert!(
            matches!(opened, Err(Error::NotAStore { detail, .. }) if detail.starts_with("there is no such folder"))
        );
    }
    assert!(!missing.exists());
    for opened in [Store::open_existing(dir.path()), Store::open_read_only(dir.path())] {
        assert!(
            matches!(opened, Err(Error::NotAStore { detail, .. }) if detail.starts_with("it has no MANIFEST"))
        );
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(Store::open_existing(&file), Err(Error::NotAStore { .. })));
    assert!(matches!(Store::open(&file), Err(Error::NotEmpty { .. })));
    assert!(matches!(Store::create(dir.path()), Err(Error::NotEmpty { .. })));
    let store = Store::open(dir.path().join("deep/below")).unwrap();
    drop(store);
    assert!(matches!(Store::create(dir.path().join("deep/below")), Err(Error::NotEmpty { .. })));
}

/// A process that died while it made a store leaves folders, perhaps `MANIFEST.next`: made again, in peace.
#[test]
fn making_a_store_may_be_interrupted_anywhere() {
    let whole = MemoryStorage::new();
    drop(Store::open_storage(Arc::new(whole.clone())).unwrap());
    let image = image_of(&whole);
    image.remove("MANIFEST").unwrap();
    write(&image, "MANIFEST.next", b"restock-sto");
    let rig = Rig::on(image).with_datasets();
    rig.full("items", &["a x 1"]);
    rig.verify();
}

/// An empty manifest in the place of a lost one would have every segment swept away.
#[test]
fn a_store_that_lost_its_manifest_is_damaged_and_not_made_anew() {
    let memory = MemoryStorage::new();
    let rig = Rig::on(memory.clone()).with_datasets();
    rig.full("items", &["a x 1"]);
    let image = image_of(&memory);
    image.remove("MANIFEST").unwrap();
    let error = Store::open_storage(Arc::new(image.clone())).unwrap_err();
    assert!(matches!(&error, Error::Damaged { file, .. } if file == "MANIFEST"), "{error}");
    assert!(error.to_string().contains("it is missing, though there is segments/"), "{error}");
    assert_eq!(image.list("segments").unwrap().len(), 2, "nothing was swept");
}

/// Two threads refresh one handle: the slower one read an older state, and must not put it in place.
#[test]
fn a_refresh_never_moves_a_handle_backwards() {
    let storage = Double::new();
    let rig = Rig::on(storage.clone()).with_datasets();
    let reader = Store::open_storage_read_only(Arc::new(storage.clone())).unwrap();
    let (writer, other, first) = (rig.store.clone(), reader.clone(), AtomicBool::new(true));
    storage.reading(move |path, bytes| {
        if path == "MANIFEST" && first.swap(false, Ordering::SeqCst) {
            writer.create_dataset(new_dataset("late", restock_schema::DatasetType::Items)).unwrap();
            other.refresh().unwrap();
        }
        bytes
    });
    reader.refresh().unwrap();
    assert_eq!(reader.snapshot().version(), rig.store.snapshot().version());
    assert!(reader.snapshot().names().contains(&name("late")));
}

#[test]
fn a_reader_notices_that_it_is_behind() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1"]);
    let reader = rig.reader();
    let behind = |after: &str| {
        assert!(reader.is_behind().unwrap(), "after {after}");
        assert!(reader.is_behind().unwrap(), "asking changes nothing");
        reader.refresh().unwrap();
        assert!(!reader.is_behind().unwrap(), "refreshed after {after}");
    };
    assert!(!reader.is_behind().unwrap());
    rig.put("items", &["b mine 2"]);
    behind("the put that begins the log");
    rig.put("items", &["c mine 3"]);
    behind("a put");
    rig.put("items", &["d mine 4"]);
    rig.delete("items", &["a"]);
    behind("a put and a delete");
    rig.compact();
    behind("a commit");
    rig.delete_users(&["u1"]);
    rig.vacuum();
    behind("a vacuum, which drops the log");
    assert!(!rig.store.is_behind().unwrap(), "a writer never is");
    rig.put("items", &["e mine 5"]);
    behind("the first put of the next log");
    let rig = rig.reopen();
    assert!(!reader.is_behind().unwrap(), "the seal of a log brings nothing");
    drop(rig);
}

/// Half a frame is nothing that a refresh would show.
#[test]
fn a_put_that_is_being_written_does_not_put_a_reader_behind() {
    let memory = MemoryStorage::new();
    let rig = Rig::on(memory.clone()).with_datasets();
    rig.put("items", &["a x 1"]);
    let image = image_of(&memory);
    let reader = Store::open_storage_read_only(Arc::new(image.clone())).unwrap();
    rig.put("items", &["b x 2"]);
    let log = format!("log/{}", memory.list("log").unwrap()[0]);
    let (before, mut bytes) = (image.read(&log).unwrap(), memory.read(&log).unwrap());
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    let start = before.iter().rposition(|byte| *byte != 0).unwrap();
    assert!(end > start + 48);
    for cut in start + 1..=end {
        bytes = memory.read(&log).unwrap();
        bytes[cut..].fill(0);
        write(&image, &log, &bytes);
        assert!(!reader.is_behind().unwrap(), "of the frame {} bytes are there", cut - start);
    }
    write(&image, &log, &memory.read(&log).unwrap());
    assert!(reader.is_behind().unwrap());
}
