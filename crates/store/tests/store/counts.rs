//! Counts and lists come from the manifest: no row is read for them.

use restock_store::{ImportMode, RowCounts, Storage, Store};

use crate::rig::{Rig, image_of, write};

#[test]
fn info_tells_what_the_store_holds() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1", "b x 2", "c x 3"]);
    rig.incremental("items", &["b y 4"]);
    rig.put("items", &["a mine 5", "z mine 6"]);
    let info = rig.store.info().unwrap();
    assert_eq!((info.version, info.format, info.undo_depth), (rig.store.snapshot().version(), 1, 1));
    let names: Vec<String> = info.datasets.iter().map(|dataset| dataset.name.to_string()).collect();
    assert_eq!(names, ["interactions", "items", "users"]);
    let items = &info.datasets[1];
    assert_eq!(items.rows, RowCounts { bulk: 3, individual: 2, merged: 4 });
    assert_eq!((items.shadowed, items.deleted, items.segments, items.undo_kept), (1, 1, 2, 1));
    let last = items.last_import.as_ref().unwrap();
    assert_eq!((last.mode, last.version), (ImportMode::Incremental, 6));
    rig.store.flush().unwrap();
    assert_eq!(rig.store.info().unwrap().datasets[1].rows, items.rows);
    let reader = rig.reader();
    assert_eq!(reader.info().unwrap().datasets[1].rows, items.rows);
}

/// Opening, info and history of a store whose segments hold nothing but zeros.
#[test]
fn neither_opening_nor_info_reads_a_segment_body() {
    let memory = restock_store::MemoryStorage::new();
    let rig = Rig::on(memory.clone()).with_datasets();
    rig.full("items", &["a x 1", "b x 2", "c x 3"]);
    rig.put("items", &["b mine 4"]);
    rig.delete("items", &["c"]);
    rig.store.flush().unwrap();
    let expected = rig.store.info().unwrap();
    let image = image_of(&memory);
    for file in image.list("segments").unwrap() {
        let path = format!("segments/{file}");
        let length = image.read(&path).unwrap().len();
        write(&image, &path, &vec![0; length]);
    }
    let store = Store::open_storage_read_only(std::sync::Arc::new(image)).unwrap();
    let info = store.info().unwrap();
    assert_eq!(format!("{info:?}"), format!("{expected:?}"));
    assert_eq!(store.history(), rig.store.history());
    assert!(store.snapshot().dataset(&crate::rig::name("items")).unwrap().scan().batches().is_err());
}
