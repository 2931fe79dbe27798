//! S3: an INCREMENTAL import needs a FULL that succeeded before it.

use restock_store::{Cancel, Error, ImportMode, ImportRequest};

use crate::rig::{Rig, name};

fn incremental(rig: &Rig) -> Result<(), Error> {
    rig.import("items", ImportMode::Incremental, &["a x 1"]).map(|_| ())
}

#[test]
fn incremental_before_full_is_refused_and_says_what_to_do() {
    let rig = Rig::in_memory();
    rig.put("items", &["a mine 1"]);
    let error = incremental(&rig).unwrap_err();
    assert!(matches!(&error, Error::FullFirst { dataset } if dataset == "items"), "{error:?}");
    assert!(error.to_string().contains("first import must be FULL"), "{error}");
}

#[test]
fn a_full_that_failed_or_was_cancelled_does_not_count() {
    let rig = Rig::in_memory();
    let begin = |cancel: &Cancel| {
        let request = ImportRequest { mode: ImportMode::Full, label: None, cancel: cancel.clone() };
        let mut import = rig.store.import(&name("items"), request).unwrap();
        import.append(import.encoder().encode(&rig.batch("items", &["a x 1"])).unwrap()).unwrap();
        import
    };
    drop(begin(&Cancel::new()));
    let cancel = Cancel::new();
    let import = begin(&cancel);
    cancel.cancel();
    assert!(matches!(import.commit(), Err(Error::Cancelled)));
    assert!(matches!(incremental(&rig), Err(Error::FullFirst { .. })));
    rig.full("items", &["b y 2"]);
    incremental(&rig).unwrap();
}

/// S10: undo brings the state of S3 back, too.
#[test]
fn undoing_the_first_full_asks_for_a_full_again() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    rig.undo("items").unwrap();
    assert!(matches!(incremental(&rig), Err(Error::FullFirst { .. })));
}

#[test]
fn dropping_the_dataset_forgets_its_full() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    rig.store.drop_dataset(&name("items")).unwrap();
    rig.store.create_dataset(crate::rig::new_dataset("items", restock_schema::DatasetType::Items)).unwrap();
    assert!(matches!(incremental(&rig), Err(Error::FullFirst { .. })));
}
