//! S7: a put is one atomic batch of individual rows, durable when it returns.

use restock::{Durability, Store, View, record};

use crate::catalog::{self, Catalog, full, put, rows};

#[test]
fn a_put_replaces_the_individual_record_of_its_id_as_a_whole() {
    let shop = Catalog::in_memory();
    put(&shop.items, "i1,Mine,1");
    put(&shop.items, "i2,Mine,2");
    let report = shop.items.put([record! { "ITEM_ID" => "i1", "PRICE" => 3.0 }]).unwrap();
    assert_eq!((report.accepted, report.replaced, report.appended), (1, 1, 0));
    assert_eq!(rows(&shop.items, View::Merged), ["i2,Mine,2", "i1,,3"]);
}

#[test]
fn a_put_of_an_interaction_appends() {
    let shop = Catalog::in_memory();
    put(&shop.interactions, "u1,i1,100");
    put(&shop.interactions, "u1,i1,100");
    assert_eq!(rows(&shop.interactions, View::Merged), ["u1,i1,100"; 2]);
}

#[test]
fn of_equal_ids_in_one_batch_the_last_is_put() {
    let shop = Catalog::in_memory();
    let batch = ["i1,Mine,1", "i2,Mine,2", "i1,Mine,3"].map(|line| catalog::record(&shop.items, line));
    let report = shop.items.put(batch).unwrap();
    assert_eq!((report.accepted, report.appended), (2, 2));
    assert_eq!(rows(&shop.items, View::Individual), ["i2,Mine,2", "i1,Mine,3"]);
}

#[test]
fn a_batch_with_one_record_at_fault_puts_none() {
    let shop = Catalog::in_memory();
    let good = record! { "ITEM_ID" => "i1", "PRICE" => 1.0 };
    for bad in [
        record! { "ITEM_ID" => "i2", "PRICE" => "cheap" },
        record! { "ITEM_ID" => "i2", "COST" => 1.0 },
        record! { "ITEM_ID" => "", "PRICE" => 1.0 },
        record! { "PRICE" => 1.0 },
    ] {
        shop.items.put([good.clone(), bad]).unwrap_err();
    }
    let lines = "{\"ITEM_ID\":\"i1\"}\n{\"ITEM_ID\":2}\n".as_bytes();
    let error = shop.items.put_json_lines(lines, "stdin").unwrap_err().to_string();
    assert!(error.contains("stdin:2") && error.contains("ITEM_ID"), "{error}");
    assert!(rows(&shop.items, View::Merged).is_empty());
}

#[test]
fn what_a_put_returned_for_is_in_the_files() {
    let shop = Catalog::on_disk();
    full(&shop.items, &["i1,Drama,1"]);
    put(&shop.items, "i1,Mine,10");
    shop.items.put_with([catalog::record(&shop.items, "i2,Mine,20")], Durability::Buffered).unwrap();
    // What a process that dies now leaves: the files as they are, nothing closed.
    let image = shop.path("image");
    for (path, content) in shop.files() {
        let inside = path.strip_prefix(shop.store.path().unwrap()).unwrap().to_owned();
        shop.file(image.join(inside).to_str().unwrap(), content);
    }
    let reopened = Store::open_existing(&image).unwrap();
    assert_eq!(rows(&reopened.dataset("items").unwrap(), View::Merged), ["i1,Mine,10", "i2,Mine,20"]);
    assert!(reopened.verify().unwrap().is_ok());
}
