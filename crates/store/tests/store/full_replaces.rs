//! S1: a FULL import replaces all bulk rows, and nothing else.

use restock_store::{ImportMode, ImportOutcome, ImportRequest, View};

use crate::rig::{Rig, name};

#[test]
fn all_bulk_rows_are_replaced_and_individual_rows_stay_byte_for_byte() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1", "b y 2", "c z 3"]);
    rig.put("items", &["b mine 20", "e mine 50"]);
    let individual = rig.rows("items", View::Individual);
    let outcome = rig.full("items", &["a new 10", "d new 40"]);
    assert_eq!((outcome.removed, outcome.replaced, outcome.appended, outcome.bulk_rows), (3, 0, 2, 2));
    assert_eq!(outcome.gone, Some(2), "b and c did not come again");
    assert_eq!(rig.rows("items", View::Bulk), ["a new 10.0", "d new 40.0"]);
    assert_eq!(rig.rows("items", View::Individual), individual);
    assert_eq!(rig.merged("items"), ["a new 10.0", "d new 40.0", "b mine 20.0", "e mine 50.0"]);
    rig.verify();
}

#[test]
fn interactions_are_replaced_as_a_whole() {
    let rig = Rig::in_memory();
    rig.full("interactions", &["u1 a 1 view", "u1 a 1 view"]);
    rig.put("interactions", &["u1 a 1 view"]);
    let outcome = rig.full("interactions", &["u2 b 2 buy"]);
    assert_eq!((outcome.removed, outcome.gone), (2, None), "rows without record ID are not compared");
    assert_eq!(rig.merged("interactions"), ["u2 b 2 buy", "u1 a 1 view"]);
    rig.verify();
}

#[test]
fn a_full_without_rows_leaves_the_dataset_empty_and_loaded() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    rig.put("items", &["a mine 9"]);
    let outcome = rig.full("items", &[]);
    assert_eq!((outcome.removed, outcome.bulk_rows), (1, 0));
    assert_eq!(rig.merged("items"), ["a mine 9.0"]);
    assert!(rig.import("items", ImportMode::Incremental, &["b y 2"]).is_ok());
    rig.verify();
}

#[test]
fn a_dry_run_foretells_the_import_and_changes_nothing() {
    for (mode, rows) in [
        (ImportMode::Full, ["b n 1", "c n 2", "c n 3"]),
        (ImportMode::Incremental, ["a n 1", "z n 2", "a n 3"]),
    ] {
        let rig = Rig::on_disk();
        rig.full("items", &["a x 1", "b y 2"]);
        rig.put("items", &["b mine 1"]);
        let (before, version) = (rig.files(), rig.store.snapshot().version());
        let mut import =
            rig.store.import(&name("items"), ImportRequest { mode, ..Default::default() }).unwrap();
        import.append(import.encoder().encode(&rig.batch("items", &rows)).unwrap()).unwrap();
        let foretold = import.dry_run().unwrap();
        assert_eq!(foretold.version, version);
        assert_eq!(rig.files(), before, "a dry run leaves every file as it was");
        let done = rig.import("items", mode, &rows).unwrap();
        assert_eq!(foretold, ImportOutcome { version, ..done });
    }
}
