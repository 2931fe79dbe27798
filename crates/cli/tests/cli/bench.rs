//! `restock bench`: a user's own file, timed, and nothing left behind.

use std::fs;

use crate::shop::{DIRTY, Shop};

/// The shop's own file and schema, in a store that is made in `place`.
const BENCH: [&str; 8] =
    ["bench", "monday.csv", "--schema", "items.json", "--type", "items", "--dir", "place"];

fn shop() -> Shop {
    let shop = Shop::stocked();
    fs::create_dir(shop.path("place")).unwrap();
    shop
}

fn left(shop: &Shop) -> usize {
    fs::read_dir(shop.path("place")).unwrap().count()
}

#[test]
fn the_phases_add_up_and_the_store_is_gone() {
    let shop = shop();
    let told = shop.run(BENCH.iter().copied().chain(["--rounds", "2", "--json"])).ok().json();
    assert_eq!(told["rows"], 4);
    assert_eq!(told["bytes"], shop.read("monday.csv").len());
    assert!(told["stored_bytes"].as_u64().unwrap() > 0);
    let seconds = |value: &serde_json::Value| value.as_f64().unwrap();
    let phases: f64 = told["phases"].as_object().unwrap().values().map(seconds).sum();
    assert!((phases - seconds(&told["seconds"])).abs() < 0.1 * phases, "{told}");
    let work: Vec<&str> = told["work"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(work, ["convert", "encode", "split", "tokenise"]);
    assert!(told["work"].as_object().unwrap().values().all(|time| seconds(time) > 0.0), "{told}");
    assert_eq!(left(&shop), 0);
}

#[test]
fn people_read_a_table() {
    let shop = shop();
    let told = shop.run(BENCH).ok().stdout;
    for part in ["4 rows", "median of 3", "on disk", "commit", "  tokenise"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}

#[test]
fn a_file_that_does_not_fit_is_told_as_by_import_and_leaves_nothing() {
    let shop = shop();
    shop.write("dirty.csv", DIRTY);
    let told = shop.run(BENCH.iter().map(|word| word.replace("monday", "dirty"))).fails().stderr;
    assert!(told.contains("dirty.csv:3: column PRICE"), "{told}");
    assert_eq!(left(&shop), 0);
    let nowhere = shop.run(BENCH.iter().map(|word| word.replace("place", "nowhere"))).fails().stderr;
    assert!(nowhere.contains("cannot make a folder in nowhere"), "{nowhere}");
}
