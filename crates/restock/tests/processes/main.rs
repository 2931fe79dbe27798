//! One store and many processes: readers beside a busy writer, and forks of a writer.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod fork;
mod ledger;
mod reader;
mod readers;

/// A store with the dataset that the tests are about.
const SCHEMA: &str = r#"{"type": "record", "name": "Items", "fields": [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TITLE", "type": ["null", "string"]}]}"#;

fn make_store(path: &std::path::Path) -> (restock::Store, restock::Dataset) {
    let store = restock::Store::create(path).unwrap();
    let schema = restock::Schema::from_avro(SCHEMA).unwrap();
    let items = store.create_dataset("items", restock::DatasetType::Items, schema).unwrap();
    (store, items)
}
