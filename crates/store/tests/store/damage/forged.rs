//! Manifests with a right checksum that no commit would write: refused at opening, since counts are sums and
//! differences of what they say.

use std::sync::Arc;

use restock_store::{Storage, Store};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::{names_the_file, prepared};
use crate::rig::{image_of, write};

/// Opens a store whose manifest was changed, and expects to be told `why` not.
fn refused(change: impl FnOnce(&mut Value), why: &str) {
    let (image, _) = prepared();
    let manifest = String::from_utf8(image.read("MANIFEST").unwrap()).unwrap();
    let (_, body) = manifest.split_once('\n').unwrap();
    let mut manifest = serde_json::from_str(body).unwrap();
    change(&mut manifest);
    let body = manifest.to_string();
    let sum = xxh3_64(body.as_bytes());
    let forged = image_of(&image);
    let content = format!("restock-store 1 xxh3 {sum:016x} bytes {}\n{body}\n", body.len());
    write(&forged, "MANIFEST", content.as_bytes());
    let error = Store::open_storage_read_only(Arc::new(forged)).unwrap_err();
    assert!(names_the_file(&error, "MANIFEST") && error.to_string().contains(why), "{error:?}");
}

/// The dataset of items, which has bulk and individual segments.
fn items(manifest: &mut Value) -> &mut Value {
    let mut datasets = manifest["datasets"].as_array_mut().unwrap().iter_mut();
    datasets.find(|dataset| dataset["name"] == "items").unwrap()
}

#[test]
fn more_dead_rows_than_rows_are_refused_at_opening() {
    for kind in ["dead", "shadowed"] {
        for rows in [1000, u64::MAX] {
            let change = |manifest: &mut Value| {
                let lives = items(manifest)["bulk"]["segments"].as_array_mut().unwrap();
                let live = lives.iter_mut().find(|live| live[kind].is_object()).unwrap();
                live[kind]["rows"] = rows.into();
            };
            refused(change, "more are dead or shadowed");
        }
    }
}

#[test]
fn a_segment_that_a_dataset_has_twice_is_refused_at_opening() {
    for (from, to) in [("/bulk/segments", "/individual"), ("/individual", "/bulk/segments")] {
        let change = |manifest: &mut Value| {
            let items = items(manifest);
            let live = items.pointer(from).unwrap()[0].clone();
            items.pointer_mut(to).unwrap().as_array_mut().unwrap().push(live);
        };
        refused(change, "twice");
    }
}
