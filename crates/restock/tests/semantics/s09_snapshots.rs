//! S9: a snapshot never changes.

use restock::{DatasetSnapshot, Store, View};

use crate::catalog::{Catalog, full, incremental, put, rows_of};

const VIEWS: [View; 4] = [View::Merged, View::Newest, View::Bulk, View::Individual];

fn all(items: &DatasetSnapshot) -> Vec<Vec<String>> {
    VIEWS.iter().map(|view| rows_of(items, *view)).collect()
}

fn shop() -> Catalog {
    let shop = Catalog::on_disk();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2"]);
    put(&shop.items, "i1,Mine,10");
    shop
}

/// Everything that changes rows or files.
fn disturb(shop: &Catalog) {
    put(&shop.items, "i1,Mine,11");
    incremental(&shop.items, &["i2,Comedy,20", "i5,Comedy,50"]);
    shop.items.delete(&["i5"], false).unwrap();
    shop.store.compact(None).unwrap();
    full(&shop.items, &["i6,Comedy,60"]);
    shop.items.undo().unwrap();
    shop.store.vacuum().unwrap();
    shop.store.drop_dataset("items").unwrap();
}

#[test]
fn a_snapshot_stays_as_it_is_whatever_is_committed_and_cleaned() {
    let shop = shop();
    let before = shop.store.snapshot();
    // Nothing of it is read before the files are gone.
    disturb(&shop);
    let items = before.dataset("items").unwrap();
    let bulk = ["i1,Drama,1", "i2,Drama,2"];
    let merged = ["i2,Drama,2", "i1,Mine,10"];
    assert_eq!(all(&items), [&merged[..], &merged[..], &bulk[..], &["i1,Mine,10"][..]]);
    assert_eq!(items.get("i1").unwrap().unwrap().get("PRICE"), Some(&10.0.into()));
    assert!(shop.store.snapshot().dataset("items").is_err());
}

#[test]
fn a_read_only_handle_sees_one_version_until_it_is_refreshed() {
    let shop = shop();
    let reader = Store::open_read_only(shop.store.path().unwrap()).unwrap();
    let before = all(&reader.snapshot().dataset("items").unwrap());
    put(&shop.items, "i7,Mine,70");
    assert_eq!(all(&reader.snapshot().dataset("items").unwrap()), before);
    reader.refresh().unwrap();
    assert_eq!(reader.snapshot().version(), shop.store.snapshot().version());
    assert_eq!(all(&reader.snapshot().dataset("items").unwrap()), all(&shop.items.snapshot().unwrap()));
    let before = reader.snapshot();
    disturb(&shop);
    assert_eq!(rows_of(&before.dataset("items").unwrap(), View::Individual), ["i1,Mine,10", "i7,Mine,70"]);
    reader.refresh().unwrap();
    assert!(reader.snapshot().dataset("items").is_err());
}

#[test]
fn a_snapshot_spans_all_datasets() {
    let shop = shop();
    let before = shop.store.snapshot();
    full(&shop.users, &["u1,DE,"]);
    put(&shop.interactions, "u1,i1,100");
    let empty = |name: &str| rows_of(&before.dataset(name).unwrap(), View::Merged).is_empty();
    assert!(empty("users") && empty("interactions"));
}

#[test]
fn a_copy_of_a_snapshot_holds_what_it_shows_whatever_came_since() {
    let shop = shop();
    let before = shop.store.snapshot();
    let expected = all(&before.dataset("items").unwrap());
    let copied = |name: &str| {
        before.copy_to(shop.path(name)).unwrap();
        let copy = Store::open_read_only(shop.path(name)).unwrap();
        assert_eq!(all(&copy.snapshot().dataset("items").unwrap()), expected, "{name}");
        assert!(copy.verify().unwrap().is_ok(), "{name}");
    };
    copied("beside");
    disturb(&shop);
    copied("after");
    std::fs::remove_dir_all(shop.store.path().unwrap()).unwrap();
    copied("alone");
    assert!(before.copy_to(shop.path("alone")).is_err());

    let memory = Catalog::in_memory();
    full(&memory.items, &["i1,Drama,1"]);
    memory.store.snapshot().copy_to(shop.path("memory")).unwrap();
    let copy = Store::open_read_only(shop.path("memory")).unwrap();
    assert_eq!(rows_of(&copy.snapshot().dataset("items").unwrap(), View::Bulk), ["i1,Drama,1"]);
}
