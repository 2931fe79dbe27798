//! The format: a store of this version, checked in, must be read by every later one; newer ones are refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restock_store::{Error, MemoryStorage, Storage, Store, View};

use crate::rig::{Rig, files_in, name, rows_of, write};

fn asset() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/format-1")
}

/// A store with every kind of file: plain and coded segments, key indexes, deletion vectors, an import kept
/// for undo, and a log that was not sealed.
fn build(rig: &Rig) {
    rig.full("items", &["i1 shoes 10.5", "i2 hats -", "i3 - 7", "i4 shoes 0"]);
    rig.full("users", &["u1 DE first", "u2 - \"\"", "u3 ÅX -"]);
    rig.full("interactions", &["u1 i1 1700000000 view", "u2 i2 1700000001 buy"]);
    rig.put("items", &["i2 mine 99", "i9 mine -"]);
    rig.incremental("items", &["i3 hats 8", "i5 shoes 5"]);
    rig.delete("items", &["i4"]);
    rig.incremental("interactions", &["u3 i5 1700000002 view"]);
    rig.put("items", &["i1 mine 1", "i2 again 98"]);
    rig.put("interactions", &["u1 i9 1700000003 buy"]);
    rig.delete("items", &["i9"]);
}

const ITEMS: [(View, &[&str]); 4] = [
    (View::Merged, &["i3 hats 8.0", "i5 shoes 5.0", "i1 mine 1.0", "i2 again 98.0"]),
    (View::Newest, &["i3 hats 8.0", "i5 shoes 5.0", "i1 mine 1.0", "i2 again 98.0"]),
    (View::Bulk, &["i1 shoes 10.5", "i2 hats -", "i3 hats 8.0", "i5 shoes 5.0"]),
    (View::Individual, &["i1 mine 1.0", "i2 again 98.0"]),
];

fn check(store: &Store) {
    for (view, rows) in ITEMS {
        assert_eq!(rows_of(&store.snapshot(), "items", view), rows, "{view:?}");
    }
    assert_eq!(rows_of(&store.snapshot(), "users", View::Merged), ["u1 DE first", "u2 - \"\"", "u3 ÅX -"]);
    assert_eq!(
        rows_of(&store.snapshot(), "interactions", View::Merged),
        ["u1 i1 1700000000 view", "u2 i2 1700000001 buy", "u3 i5 1700000002 view", "u1 i9 1700000003 buy"]
    );
    let report = store.verify().unwrap();
    assert!(report.is_ok() && report.leftover.is_empty(), "{report:?}");
    let snapshot = store.snapshot();
    let dataset = snapshot.dataset(&name("items")).unwrap();
    assert!(
        dataset.get("i9", View::Merged).unwrap().is_none()
            && dataset.get("i4", View::Merged).unwrap().is_none()
    );
}

/// The checked-in store, in memory.
fn loaded() -> MemoryStorage {
    let memory = MemoryStorage::new();
    for dir in ["segments", "log"] {
        memory.create_dir(dir).unwrap();
    }
    for (path, content) in files_in(&asset()) {
        write(&memory, path.strip_prefix(asset()).unwrap().to_str().unwrap(), &content);
    }
    memory
}

#[test]
fn the_store_of_format_1_is_read_exactly_and_written_on() {
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in files_in(&asset()) {
        let target = dir.path().join(path.strip_prefix(asset()).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, content).unwrap();
    }
    check(&Store::open_read_only(dir.path()).unwrap());
    let store = Store::open_existing(dir.path()).unwrap();
    check(&store);
    store.undo(&name("items"), false).unwrap();
    assert_eq!(
        rows_of(&store.snapshot(), "items", View::Bulk),
        ["i1 shoes 10.5", "i2 hats -", "i3 - 7.0"],
        "what was deleted since stays deleted"
    );
    drop(store);
    let store = Store::open_existing(dir.path()).unwrap();
    assert_eq!(
        rows_of(&store.snapshot(), "items", View::Merged),
        ["i3 - 7.0", "i1 mine 1.0", "i2 again 98.0"]
    );
    assert!(store.verify().unwrap().is_ok());
}

#[test]
fn the_store_of_format_1_holds_every_kind_of_file() {
    let files = files_in(&asset());
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    assert!(bytes < 100_000, "{bytes} bytes");
    for ending in ["arrow", "keys", "del", "log"] {
        assert!(files.iter().any(|(path, _)| path.extension().is_some_and(|e| e == ending)), "{ending}");
    }
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let memory = loaded();
    let manifest = memory.read("MANIFEST").unwrap();
    let newer = String::from_utf8(manifest).unwrap().replacen("restock-store 1 ", "restock-store 2 ", 1);
    write(&memory, "MANIFEST", newer.as_bytes());
    for opened in [
        Store::open_storage(Arc::new(memory.clone())),
        Store::open_storage_read_only(Arc::new(memory.clone())),
    ] {
        let error = opened.unwrap_err();
        assert!(matches!(&error, Error::NewerFormat { found, .. } if found == "format 2"), "{error}");
        assert!(error.to_string().contains("open the store with a newer Restock"), "{error}");
    }
    assert_eq!(memory.list("segments").unwrap().len(), loaded().list("segments").unwrap().len());
}

/// Writes the store of this format anew: `cargo test -p restock-store --test store -- --ignored write_the`.
#[test]
#[ignore = "writes tests/assets/format-1, once a format"]
fn write_the_store_of_this_format() {
    let memory = MemoryStorage::new();
    let rig = Rig::on(memory.clone()).with_datasets();
    build(&rig);
    check(&rig.store);
    // As a killed process leaves it: the log is not sealed.
    drop(fs::remove_dir_all(asset()));
    for dir in ["", "segments", "log"] {
        fs::create_dir_all(asset().join(dir)).unwrap();
        for file in memory.list(dir).unwrap().iter().filter(|file| *file != "LOCK") {
            let path = Path::new(dir).join(file);
            fs::write(asset().join(&path), memory.read(path.to_str().unwrap()).unwrap()).unwrap();
        }
    }
}
