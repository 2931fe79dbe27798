//! S2: an INCREMENTAL import replaces whole records by ID and appends the others.

use restock::View;

use crate::catalog::{Catalog, full, incremental, rows};

#[test]
fn a_new_row_replaces_the_whole_record_of_its_id() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2"]);
    let report = incremental(&shop.items, &["i1,,10", "i3,Comedy,3"]);
    assert_eq!((report.replaced, report.appended, report.removed, report.gone), (1, 1, 0, None));
    // The genre of the old i1 is not merged into the new one.
    assert_eq!(rows(&shop.items, View::Bulk), ["i2,Drama,2", "i1,,10", "i3,Comedy,3"]);
}

#[test]
fn rows_without_record_id_are_appended_even_if_they_are_equal() {
    let shop = Catalog::in_memory();
    full(&shop.interactions, &["u1,i1,100"]);
    let report = incremental(&shop.interactions, &["u1,i1,100", "u1,i1,100"]);
    assert_eq!((report.replaced, report.appended, report.superseded), (0, 2, 0));
    assert_eq!(rows(&shop.interactions, View::Merged), ["u1,i1,100"; 3]);
}
