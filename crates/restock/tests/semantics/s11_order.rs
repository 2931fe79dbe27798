//! S11: the same inputs give the same rows in the same order.

use restock::{ImportMode, View};

use crate::catalog::{Catalog, csv, full, incremental, put, rows};
use crate::export::{FORMATS, bytes};

#[test]
fn a_scan_gives_bulk_rows_in_import_order_then_individual_rows_in_put_order() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i3,Drama,3", "i1,Drama,1", "i2,Drama,2"]);
    put(&shop.items, "i9,Mine,9");
    put(&shop.items, "i8,Mine,8");
    incremental(&shop.items, &["i0,Comedy,0", "i3,Comedy,3"]);
    put(&shop.items, "i9,Mine,90");
    let order = ["i1,Drama,1", "i2,Drama,2", "i0,Comedy,0", "i3,Comedy,3", "i8,Mine,8", "i9,Mine,90"];
    assert_eq!(rows(&shop.items, View::Merged), order);
    shop.store.compact(None).unwrap();
    assert_eq!(rows(&shop.items, View::Merged), order);
    full(&shop.items, &["i5,Comedy,5"]);
    shop.items.undo().unwrap();
    assert_eq!(rows(&shop.items, View::Merged), order);
}

#[test]
fn a_folder_and_a_glob_are_read_by_path_bytes_and_skip_hidden_files() {
    let shop = Catalog::in_memory();
    for name in ["b.csv", "a.csv", "B.csv", "a10.csv", "a2.csv", ".hidden.csv", "_part.csv"] {
        shop.file(&format!("bulk/{name}"), csv(&shop.items, &[&format!("{name},Drama,1")]));
    }
    let order = ["B.csv,Drama,1", "a.csv,Drama,1", "a10.csv,Drama,1", "a2.csv,Drama,1", "b.csv,Drama,1"];
    let report = shop.items.import(shop.path("bulk")).run().unwrap();
    assert_eq!(report.files, 5);
    assert_eq!(rows(&shop.items, View::Bulk), order);
    shop.items.import(shop.path("bulk/*.csv")).run().unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), order);
    shop.items.import_all([shop.path("bulk/b.csv"), shop.path("bulk/a.csv")]).run().unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), ["b.csv,Drama,1", "a.csv,Drama,1"]);
}

#[test]
fn sources_that_are_not_there_are_an_error() {
    let shop = Catalog::in_memory();
    std::fs::create_dir(shop.path("empty")).unwrap();
    for source in ["empty", "nothing*.csv", "missing.csv"] {
        let error = shop.items.import(shop.path(source)).mode(ImportMode::Full).run().unwrap_err();
        assert!(error.to_string().contains(source), "{error}");
    }
}

#[test]
fn an_export_is_the_same_bytes_after_the_store_was_opened_again() {
    let shop = Catalog::on_disk();
    full(&shop.items, &["i1,Drama,1", "i2,,", "i3,\"a,b\",0.1"]);
    put(&shop.items, "i2,Mine,20");
    let export = |shop: &Catalog| {
        let items = shop.items.snapshot().unwrap();
        FORMATS.map(|format| bytes(&items, format, View::Merged).unwrap())
    };
    let before = export(&shop);
    let path = shop.store.path().unwrap();
    let reader = restock::Store::open_read_only(path).unwrap();
    let items = reader.dataset("items").unwrap().snapshot().unwrap();
    assert_eq!(FORMATS.map(|format| bytes(&items, format, View::Merged).unwrap()), before);
}
