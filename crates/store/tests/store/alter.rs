//! Schema change: new nullable columns, which old rows read as null.

use restock_schema::Schema;
use restock_store::{Durability, Error, View};

use crate::rig::{Rig, name};

const STOCK: &str = r#"{"type":"record","name":"Items","fields":[
    {"name":"ITEM_ID","type":"string"},
    {"name":"CATEGORY","type":["null","string"],"categorical":true},
    {"name":"PRICE","type":["null","double"]},
    {"name":"STOCK","type":["null","int"]}]}"#;

/// Gives `items` the column STOCK.
pub fn add_stock(rig: &Rig) {
    rig.store.alter(&name("items"), &Schema::from_avro(STOCK).unwrap()).unwrap();
}

#[test]
fn old_rows_read_null_wherever_they_are_stored() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1", "b x 2"]);
    rig.put("items", &["c mine 3"]);
    rig.store.flush().unwrap();
    rig.put("items", &["d mine 4"]);
    let old = rig.store.snapshot();
    add_stock(&rig);
    rig.incremental("items", &["b y 20 7"]);
    rig.put("items", &["e mine 5 8"]);
    let rows = ["a x 1.0 -", "b y 20.0 7", "c mine 3.0 -", "d mine 4.0 -", "e mine 5.0 8"];
    assert_eq!(rig.merged("items"), rows);
    assert_eq!(crate::rig::rows_of(&old, "items", View::Merged).len(), 4);
    assert_eq!(old.dataset(&name("items")).unwrap().schema().fields().len(), 3, "S9");
    assert_eq!(rig.get("items", "a", View::Merged).unwrap(), rows[0]);
    let batches = rig.dataset("items").scan().filter("STOCK", [7]).batches().unwrap();
    assert_eq!(batches.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 1);
    let rig = rig.reopen();
    assert_eq!(rig.merged("items"), rows);
    rig.compact();
    assert_eq!(rig.merged("items"), rows);
    rig.verify();
}

#[test]
fn any_other_change_is_refused_and_changes_nothing() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    let version = rig.store.snapshot().version();
    let changed = STOCK.replace("[\"null\",\"double\"]", "[\"null\",\"string\"]");
    let error = rig.store.alter(&name("items"), &Schema::from_avro(&changed).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Schema(_)) && error.to_string().contains("PRICE"), "{error}");
    assert_eq!(rig.store.snapshot().version(), version);
    assert_eq!(rig.merged("items"), ["a x 1.0"]);
}

#[test]
fn rows_in_the_old_columns_are_refused_after_the_change() {
    let rig = Rig::in_memory();
    let old = rig.batch("items", &["a x 1"]);
    add_stock(&rig);
    let error = rig.store.put(&name("items"), &old, Durability::Synced).unwrap_err();
    assert!(error.to_string().contains("rows of 3 columns"), "{error}");
}
