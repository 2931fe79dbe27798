//! S7: a put is one atomic batch of individual rows, durable when it returns.

use std::sync::Arc;

use restock::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use restock::{Durability, Error, LimitSet, Schema, Store, View, record};

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

fn batch(ids: &[&str], prices: ArrayRef) -> RecordBatch {
    let texts = |texts: &[&str]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let columns = [("PRICE", prices), ("GENRE", texts(&vec!["Mine"; ids.len()])), ("ITEM_ID", texts(ids))];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn a_batch_is_put_as_an_import_takes_it_or_refused_with_its_rows() {
    let shop = Catalog::in_memory();
    let put = |batch: &RecordBatch| shop.items.put_batch(batch, Durability::Synced);
    put(&batch(&["i1", "i2"], Arc::new(Int64Array::from(vec![Some(2), None])))).unwrap();
    assert_eq!(rows(&shop.items, View::Merged), ["i1,Mine,2", "i2,Mine,"]);

    let refused = batch(&["i3", "", "i4"], Arc::new(Float64Array::from(vec![f64::NAN, 1.0, f64::INFINITY])));
    let Error::Rejected { errors, error_count, message } = put(&refused).unwrap_err() else { panic!() };
    let places: Vec<_> = errors.iter().map(|error| (error.line, error.column.as_deref().unwrap())).collect();
    assert_eq!(places, [(1, "PRICE"), (2, "ITEM_ID"), (3, "PRICE")]);
    assert_eq!(error_count, 3);
    assert!(message.contains("nothing was put"), "{message}");

    let good = batch(&["i5"], Arc::new(Float64Array::from(vec![1.0])));
    let more = RecordBatch::try_from_iter_with_nullable(
        good.schema()
            .fields()
            .iter()
            .zip(good.columns())
            .map(|(f, c)| (f.name().clone(), c.clone(), true))
            .chain([("COST".to_owned(), good.column(0).clone(), true)]),
    );
    assert!(put(&more.unwrap()).unwrap_err().to_string().contains("COST"));
    assert!(put(&good.project(&[0, 2]).unwrap()).unwrap_err().to_string().contains("GENRE is missing"));
    assert_eq!(rows(&shop.items, View::Merged).len(), 2);
}

#[test]
fn a_batch_is_held_to_the_limits_of_its_dataset() {
    let store = Store::in_memory().unwrap();
    let schema = Schema::from_avro(catalog::ITEMS).unwrap();
    let limits = LimitSet::Personalize;
    let items =
        store.new_dataset("items", restock::DatasetType::Items, schema).limits(limits).create().unwrap();
    let long = "x".repeat(257);
    let put = |id: &str| {
        items.put_batch(&batch(&[id], Arc::new(Float64Array::from(vec![1.0]))), Durability::Synced)
    };
    let error = put(&long).unwrap_err().to_string();
    assert!(error.contains("is longer than 256 characters"), "{error}");
    put(&long[1..]).unwrap();
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

#[test]
fn a_batch_of_several_datasets_is_one_commit_and_one_fault_keeps_all_of_it_out() {
    let shop = Catalog::in_memory();
    put(&shop.items, "i1,Mine,1");
    let before = shop.store.snapshot().version();
    let mut batch = shop.store.batch();
    batch.put(&shop.items, [record! { "ITEM_ID" => "i2", "PRICE" => 2.0 }]);
    batch.delete(&shop.items, &["i1", "i7"]);
    batch.put(&shop.interactions, [catalog::record(&shop.interactions, "u1,i2,100")]);
    batch.put(&shop.items, [record! { "ITEM_ID" => "i2", "PRICE" => 3.0 }]);
    assert_eq!(batch.commit().unwrap(), before + 1);
    assert_eq!(rows(&shop.items, View::Merged), ["i2,,3"]);
    assert_eq!(rows(&shop.interactions, View::Merged), ["u1,i2,100"]);

    let mut flawed = shop.store.batch();
    flawed.delete(&shop.items, &["i2"]);
    flawed.put(&shop.interactions, [record! { "USER_ID" => "u1" }]);
    flawed.commit().unwrap_err();
    let mut keyless = shop.store.batch();
    keyless.put(&shop.items, [record! { "ITEM_ID" => "i3" }]);
    keyless.delete(&shop.interactions, &["u1"]);
    keyless.commit().unwrap_err();
    assert_eq!(shop.store.batch().commit().unwrap(), before + 1);
    assert_eq!(rows(&shop.items, View::Merged), ["i2,,3"]);
}
