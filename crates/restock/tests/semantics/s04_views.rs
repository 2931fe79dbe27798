//! S4: no import changes an individual row; what a reader sees of both is its view.

use restock::{RowCounts, View};

use crate::catalog::{Catalog, full, incremental, put, rows};

#[test]
fn of_two_rows_of_an_id_the_merged_view_shows_the_individual_and_the_newest_view_the_later() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2", "i3,Drama,3"]);
    put(&shop.items, "i1,Mine,10");
    put(&shop.items, "i2,Mine,20");
    incremental(&shop.items, &["i1,Comedy,100"]);
    assert_eq!(rows(&shop.items, View::Bulk), ["i2,Drama,2", "i3,Drama,3", "i1,Comedy,100"]);
    assert_eq!(rows(&shop.items, View::Individual), ["i1,Mine,10", "i2,Mine,20"]);
    assert_eq!(rows(&shop.items, View::Merged), ["i3,Drama,3", "i1,Mine,10", "i2,Mine,20"]);
    assert_eq!(rows(&shop.items, View::Newest), ["i3,Drama,3", "i1,Comedy,100", "i2,Mine,20"]);
    let counts = shop.items.snapshot().unwrap().counts().unwrap();
    assert_eq!(counts, RowCounts { bulk: 3, individual: 2, merged: 3 });
}

#[test]
fn get_sees_what_the_view_sees() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1"]);
    put(&shop.items, "i1,Mine,10");
    incremental(&shop.items, &["i1,Comedy,100"]);
    let items = shop.items.snapshot().unwrap();
    let price = |view| items.get_in("i1", view).unwrap().unwrap().get("PRICE").cloned();
    assert_eq!(price(View::Merged), Some(10.0.into()));
    assert_eq!(price(View::Newest), Some(100.0.into()));
    assert_eq!(price(View::Bulk), Some(100.0.into()));
    assert_eq!(price(View::Individual), Some(10.0.into()));
    assert_eq!(items.get("i2").unwrap(), None);
}

#[test]
fn thousands_of_ids_come_in_the_order_asked_without_those_that_are_not_there() {
    let shop = Catalog::in_memory();
    let lines: Vec<String> = (0..5000).map(|item| format!("i{item},Genre {},{item}", item % 7)).collect();
    full(&shop.items, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    put(&shop.items, "i77,Mine,10");
    let items = shop.items.snapshot().unwrap();
    // In no order that the rows have, some twice, and some that are not there.
    let numbers: Vec<u32> = (0..6000).map(|number| number * 4999 % 5500).collect();
    let ids: Vec<String> = numbers.iter().map(|number| format!("i{number}")).collect();
    let expected: Vec<_> = ids.iter().map(|id| items.get(id).unwrap()).collect();
    assert_eq!(expected.iter().flatten().count(), numbers.iter().filter(|number| **number < 5000).count());
    assert_eq!(items.get_many(&ids, View::Merged).unwrap(), expected);
    let batch = items.get_batch(&ids, View::Merged).unwrap();
    assert_eq!(restock::records(&batch).unwrap(), expected.into_iter().flatten().collect::<Vec<_>>());
    assert_eq!(items.get_batch::<&str>(&[], View::Merged).unwrap().num_rows(), 0);
    assert_eq!(items.get_batch(&["none"], View::Bulk).unwrap().num_columns(), 3);
}

#[test]
fn without_record_id_merged_and_newest_are_all_rows() {
    let shop = Catalog::in_memory();
    full(&shop.interactions, &["u1,i1,100", "u2,i1,200"]);
    put(&shop.interactions, "u1,i1,100");
    for view in [View::Merged, View::Newest] {
        assert_eq!(rows(&shop.interactions, view), ["u1,i1,100", "u2,i1,200", "u1,i1,100"]);
    }
    assert_eq!(rows(&shop.interactions, View::Individual), ["u1,i1,100"]);
}
