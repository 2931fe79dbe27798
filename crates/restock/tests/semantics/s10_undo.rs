//! S10: undo takes back the last import of a dataset.

use restock::{CommitKind, Schema, View};

use crate::catalog::{Catalog, full, incremental, put, rows};

#[test]
fn undo_restores_the_bulk_rows_in_their_order_and_leaves_what_was_put_since() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2", "i3,Drama,3"]);
    incremental(&shop.items, &["i1,Comedy,10", "i4,Comedy,40"]);
    put(&shop.items, "i2,Mine,20");
    shop.store.compact(None).unwrap();
    let report = shop.items.undo().unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1", "i2,Drama,2", "i3,Drama,3"]);
    assert_eq!(rows(&shop.items, View::Merged), ["i1,Drama,1", "i3,Drama,3", "i2,Mine,20"]);
    assert_eq!((report.rows_before.bulk, report.rows.bulk), (4, 3));
    let last = shop.store.history().pop().unwrap();
    assert_eq!((last.what, last.version), (CommitKind::Undo, report.version));
}

#[test]
fn one_import_can_be_taken_back_unless_more_are_kept() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1"]);
    full(&shop.items, &["i2,Drama,2"]);
    shop.items.undo().unwrap();
    let error = shop.items.undo().unwrap_err().to_string();
    assert!(error.contains("no longer kept") && error.contains("undo-depth"), "{error}");
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1"]);

    shop.store.set_undo_depth(3).unwrap();
    for price in 2..=5 {
        full(&shop.items, &[&format!("i1,Drama,{price}")]);
    }
    for price in [4, 3, 2] {
        shop.items.undo().unwrap();
        assert_eq!(rows(&shop.items, View::Bulk), [format!("i1,Drama,{price}")]);
    }
    shop.items.undo().unwrap_err();
}

#[test]
fn a_depth_of_zero_turns_undo_off() {
    let shop = Catalog::in_memory();
    shop.store.set_undo_depth(0).unwrap();
    full(&shop.items, &["i1,Drama,1"]);
    shop.items.undo().unwrap_err();
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1"]);
}

#[test]
fn vacuum_drops_what_is_kept() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1"]);
    shop.store.vacuum().unwrap();
    shop.items.undo().unwrap_err();
}

#[test]
fn the_schema_stays_and_restored_rows_are_null_in_newer_columns() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1"]);
    full(&shop.items, &["i2,Drama,2"]);
    let wider = Schema::from_avro(
        r#"{"type": "record", "name": "Items", "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "GENRE", "type": ["null", "string"], "categorical": true},
            {"name": "PRICE", "type": ["null", "double"]},
            {"name": "STOCK", "type": ["null", "long"]}]}"#,
    );
    shop.items.alter(&wider.unwrap()).unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), ["i2,Drama,2,"]);
    shop.items.undo().unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1,"]);
    incremental(&shop.items, &["i1,Drama,1,7"]);
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1,7"]);
}

#[test]
fn a_dry_run_says_what_undo_would_do() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2"]);
    full(&shop.items, &["i3,Drama,3"]);
    put(&shop.items, "i1,Mine,10");
    let foretold = shop.store.undo("items", true).unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), ["i3,Drama,3"]);
    let done = shop.items.undo().unwrap();
    assert_eq!((foretold.rows, foretold.rows_before), (done.rows, done.rows_before));
    assert_eq!(done.rows.merged, 2);
}
