//! S1: a FULL import replaces all bulk rows, and nothing else.

use std::io::Cursor;

use restock::{ImportMode, View};

use crate::catalog::{Catalog, csv, full, import, put, rows};

#[test]
fn a_full_replaces_all_bulk_rows_and_says_how_many_ids_are_gone() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2", "i3,Drama,3"]);
    let report = full(&shop.items, &["i3,Comedy,30", "i4,Comedy,40"]);
    assert_eq!((report.removed, report.gone, report.appended, report.replaced), (3, Some(2), 2, 0));
    assert_eq!(report.bulk_rows, 2);
    assert_eq!(rows(&shop.items, View::Bulk), ["i3,Comedy,30", "i4,Comedy,40"]);
}

#[test]
fn a_full_leaves_individual_rows_byte_for_byte() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1"]);
    put(&shop.items, "i1,Mine,0.5");
    put(&shop.items, "i9,Mine,");
    full(&shop.items, &["i1,Comedy,2", "i2,Comedy,3"]);
    assert_eq!(rows(&shop.items, View::Individual), ["i1,Mine,0.5", "i9,Mine,"]);
    assert_eq!(rows(&shop.items, View::Merged), ["i2,Comedy,3", "i1,Mine,0.5", "i9,Mine,"]);
}

#[test]
fn a_full_that_read_no_row_is_refused_unless_that_is_allowed() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1"]);
    put(&shop.items, "i9,Mine,9");
    let error = import(&shop.items, ImportMode::Full, &[]).unwrap_err().to_string();
    assert!(error.contains("read no row") && error.contains("--allow-empty"), "{error}");
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1"]);

    let empty = shop.items.import_reader(Cursor::new(csv(&shop.items, &[])), "empty");
    let report = empty.allow_empty(true).run().unwrap();
    assert_eq!((report.removed, report.bulk_rows), (1, 0));
    assert_eq!(rows(&shop.items, View::Merged), ["i9,Mine,9"]);
}
