//! S3: the first import of a dataset is FULL.

use restock::{ImportMode, View};

use crate::catalog::{Catalog, full, import, incremental, rows};

fn refusal(shop: &Catalog) -> String {
    import(&shop.items, ImportMode::Incremental, &["i1,Drama,1"]).unwrap_err().to_string()
}

#[test]
fn an_incremental_before_any_full_says_what_to_do() {
    let shop = Catalog::in_memory();
    let error = refusal(&shop);
    assert!(error.contains("`items`") && error.contains("FULL"), "{error}");
    full(&shop.users, &["u1,DE,"]);
    assert_eq!(refusal(&shop), error, "a FULL of another dataset does not count");
}

#[test]
fn a_failed_full_does_not_count() {
    let shop = Catalog::in_memory();
    import(&shop.items, ImportMode::Full, &["i1,Drama,cheap"]).unwrap_err();
    assert!(refusal(&shop).contains("FULL"));
}

#[test]
fn puts_do_not_count_and_an_undone_full_no_longer_does() {
    let shop = Catalog::in_memory();
    crate::catalog::put(&shop.items, "i1,Mine,1");
    assert!(refusal(&shop).contains("FULL"));
    full(&shop.items, &["i1,Drama,1"]);
    shop.items.undo().unwrap();
    assert!(refusal(&shop).contains("FULL"));
}

#[test]
fn after_a_full_that_was_allowed_to_be_empty_an_incremental_runs() {
    let shop = Catalog::in_memory();
    let empty = std::io::Cursor::new(crate::catalog::csv(&shop.items, &[]));
    shop.items.import_reader(empty, "empty").allow_empty(true).run().unwrap();
    incremental(&shop.items, &["i1,Drama,1"]);
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1"]);
}
