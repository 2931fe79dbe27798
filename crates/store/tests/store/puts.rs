//! S7: individual rows.

use restock_store::{Durability, Error, View};

use crate::rig::{Double, Op, Rig, full, name};

#[test]
fn a_put_replaces_the_individual_record_and_appends_an_interaction() {
    let rig = Rig::on_disk();
    let report = rig.put("items", &["a x 1", "b x 2"]);
    assert_eq!((report.accepted, report.replaced, report.appended), (2, 0, 2));
    let report = rig.put("items", &["a y 3", "c y 4"]);
    assert_eq!((report.accepted, report.replaced, report.appended), (2, 1, 1));
    let rows = ["b x 2.0", "a y 3.0", "c y 4.0"];
    assert_eq!(rig.merged("items"), rows, "a replaced record stands where it was put last");
    rig.put("interactions", &["u a 1 view"]);
    rig.put("interactions", &["u a 1 view"]);
    assert_eq!(rig.merged("interactions"), ["u a 1 view", "u a 1 view"]);
    rig.store.flush().unwrap();
    assert_eq!(rig.put("items", &["b z 5"]).replaced, 1, "a flushed record is found");
    rig.verify();
    let rig = rig.reopen();
    assert_eq!(rig.merged("items"), ["a y 3.0", "c y 4.0", "b z 5.0"]);
    rig.verify();
}

#[test]
fn a_put_is_there_after_a_crash_once_it_has_returned() {
    for durability in [Durability::Synced, Durability::Buffered] {
        let storage = Double::new();
        let rig = Rig::on(storage.clone()).with_datasets();
        rig.put_as("items", &["a x 1", "b x 2"], durability).unwrap();
        // The image at this moment, without the seal of a clean close: what a killed process leaves.
        let image = crate::rig::image_of(&storage.memory());
        let left = Rig::on(image);
        assert_eq!(left.merged("items"), ["a x 1.0", "b x 2.0"], "{durability:?}");
        left.verify();
    }
}

#[test]
fn a_buffered_put_is_synced_by_sync_and_by_the_next_synced_put() {
    let storage = Double::new();
    let rig = Rig::on(storage.clone()).with_datasets();
    rig.put("items", &["a x 1"]);
    let syncs = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = syncs.clone();
    storage.rule(move |op, path| {
        if op == Op::Sync && path.starts_with("log/") {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
        Ok(())
    });
    let synced = || syncs.swap(0, std::sync::atomic::Ordering::SeqCst);
    rig.put_as("items", &["b x 2"], Durability::Buffered).unwrap();
    assert_eq!(synced(), 0);
    rig.store.sync().unwrap();
    assert_eq!(synced(), 1);
    rig.put_as("items", &["c x 3"], Durability::Buffered).unwrap();
    rig.put("items", &["d x 4"]);
    assert_eq!(synced(), 1);
}

#[test]
fn a_batch_that_does_not_fit_changes_nothing() {
    let rig = Rig::in_memory();
    rig.put("items", &["a x 1"]);
    let version = rig.store.snapshot().version();
    let wrong = rig.batch("interactions", &["u a 1 view"]);
    let refused = |batch| rig.store.put(&name("items"), &batch, Durability::Synced).unwrap_err().to_string();
    assert!(refused(wrong.clone()).contains("4 columns"));
    assert!(refused(wrong.project(&[0, 1, 2]).unwrap()).contains("column `PRICE` is Int64"));
    let error = rig.put_as("items", &["b x 2", "\"\" x 3"], Durability::Synced).unwrap_err();
    assert!(error.to_string().contains("the empty string is no record ID: `ITEM_ID` of row 2"), "{error}");
    let nobody = rig.store.put(&name("itmes"), &rig.batch("items", &["b x 2"]), Durability::Synced);
    let nobody = nobody.unwrap_err().to_string();
    assert!(nobody.contains("`itmes`") && nobody.contains("`items`"), "{nobody}");
    assert_eq!(rig.put("items", &[]).version, version, "no rows, no version");
    assert_eq!((rig.merged("items"), rig.store.snapshot().version()), (vec!["a x 1.0".into()], version));
}

/// Design section 4, "Failure": a failed write or sync of the log poisons the writer, reopening works.
#[test]
fn a_failed_sync_of_the_log_poisons_the_writer_and_reopening_works() {
    let storage = Double::new();
    let rig = Rig::on(storage.clone()).with_datasets();
    rig.full("items", &["a bulk 1"]);
    rig.put("items", &["b x 1"]);
    storage.rule(|op, path| if op == Op::Sync && path.starts_with("log/") { Err(full()) } else { Ok(()) });
    assert!(matches!(rig.put_as("items", &["c x 2"], Durability::Synced), Err(Error::Poisoned { .. })));
    storage.allow_all();
    assert_eq!(rig.merged("items"), ["a bulk 1.0", "b x 1.0"], "reads go on, without the row in doubt");
    for error in [
        rig.put_as("items", &["d x 2"], Durability::Synced).map(|_| ()).unwrap_err(),
        rig.store.delete(&name("items"), &["b"], false).map(|_| ()).unwrap_err(),
        rig.import("items", restock_store::ImportMode::Full, &["a x 1"]).map(|_| ()).unwrap_err(),
        rig.undo("items").map(|_| ()).unwrap_err(),
        rig.store.flush().unwrap_err(),
    ] {
        assert!(matches!(error, Error::Poisoned { .. }), "{error}");
    }
    drop(rig);
    let rig = Rig::on(storage.memory());
    let rows = rig.merged("items");
    assert_eq!(rows[..2], ["a bulk 1.0", "b x 1.0"], "what was acknowledged is there");
    rig.put("items", &["d x 2"]);
    rig.verify();
}

#[test]
fn every_type_and_null_comes_back_from_the_log_and_from_segments() {
    let avro = r#"{"type":"record","name":"Everything","fields":[
        {"name":"KEY","type":"long"},{"name":"S","type":["null","string"]},
        {"name":"C","type":["null","string"],"categorical":true},{"name":"I","type":["null","int"]},
        {"name":"L","type":["null","long"]},{"name":"F","type":["null","float"]},
        {"name":"D","type":["null","double"]},{"name":"B","type":["null","boolean"]}]}"#;
    let rig = Rig::on_disk();
    let new = restock_store::NewDataset {
        name: name("everything"),
        dataset_type: restock_schema::DatasetType::Custom,
        schema: restock_schema::Schema::from_avro(avro).unwrap(),
        record_id: Some("KEY".into()),
        domain: None,
        limits: restock_schema::LimitSet::None,
    };
    rig.store.create_dataset(new).unwrap();
    let rows = [
        "-9223372036854775808 \"\" \"\" -2147483648 9223372036854775807 -0.5 1.5e300 true",
        "0 - - - - - - -",
        "9223372036854775807 ünï x 2147483647 0 3.25 -0.0 false",
    ];
    rig.put("everything", &rows);
    rig.full("everything", &rows);
    let expected = |rig: &Rig| {
        let bulk = rig.rows("everything", View::Bulk);
        assert_eq!(rig.rows("everything", View::Individual), bulk);
        assert_eq!(bulk[1], rows[1]);
        assert!(bulk[0].starts_with("-9223372036854775808 \"\" \"\" -2147483648 9223372036854775807 -0.5"));
        for (id, row) in ["-9223372036854775808", "0", "9223372036854775807"].iter().zip(&bulk) {
            assert_eq!(rig.get("everything", id, View::Individual).as_ref(), Some(row));
            assert_eq!(rig.get("everything", id, View::Bulk).as_ref(), Some(row));
        }
    };
    expected(&rig);
    let rig = rig.reopen();
    expected(&rig);
    rig.compact();
    expected(&rig);
    let error = rig.dataset("everything").get("twelve", View::Merged).unwrap_err();
    assert!(error.to_string().contains("`twelve` is not a record ID"), "{error}");
    rig.verify();
}

/// Puts that were begun keep their order, whoever is waited for first, and share a sync.
#[test]
fn of_puts_that_are_under_way_the_one_begun_last_wins() {
    let rig = Rig::in_memory();
    let begin = |row: &str| rig.store.begin_put(&name("items"), &rig.batch("items", &[row])).unwrap();
    let (first, second) = (begin("a x 1"), begin("a x 2"));
    assert!(rig.merged("items").is_empty(), "not durable, not visible");
    assert_eq!(second.version(), first.version() + 1);
    let later = second.wait().unwrap();
    assert_eq!(rig.merged("items"), ["a x 2.0"]);
    let earlier = first.wait().unwrap();
    assert_eq!((earlier.appended, later.replaced), (1, 1));
    assert_eq!(rig.merged("items"), ["a x 2.0"]);
    // One that nobody waited for comes with the next.
    drop(begin("b x 1"));
    rig.put("items", &["c x 1"]);
    assert_eq!(rig.merged("items"), ["a x 2.0", "b x 1.0", "c x 1.0"]);
    let nothing = rig.store.begin_put(&name("items"), &rig.batch("items", &[])).unwrap();
    assert_eq!(nothing.wait().unwrap().accepted, 0);
}
