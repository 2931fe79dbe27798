//! 0 done, 1 failed with one clear message on standard error, 2 usage.

use crate::shop::{DIRTY, Shop};

#[test]
fn a_command_line_that_cannot_be_is_usage() {
    let shop = Shop::stocked();
    for words in [
        &["frobnicate"][..],
        &[],
        &["import", "s", "items"],
        &["import", "s", "items", "monday.csv", "--mode", "sometimes"],
        &["import", "s", "items", "monday.csv", "--threads", "0"],
        &["import", "s", "items", "monday.csv", "--delimiter", "::"],
        &["import", "s", "items", "monday.csv", "--rename", "ITEM_ID"],
        &["scan", "s", "items", "--where", "PRICE"],
        &["scan", "s", "items", "--since", "yesterday"],
        &["scan", "s", "items", "--view", "both"],
        &["delete", "s", "items"],
        &["delete", "s", "items", "i1", "--ids", "hand.jsonl"],
        &["drop", "s", "items"],
        &["export", "s", "items", "-", "--json"],
        &["create", "s", "x", "--type", "things", "--schema", "items.json"],
    ] {
        let ran = shop.run(words);
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{words:?}");
    }
    assert_eq!(shop.rows(&["items"]).len(), 4);
}

#[test]
fn a_failure_is_one_message_on_standard_error() {
    let shop = Shop::stocked();
    shop.write("dirty.csv", DIRTY);
    for words in [
        &["info", "nowhere"][..],
        &["init", "s"],
        &["import", "s", "items", "missing.csv"],
        &["put", "s", "items", "missing.jsonl"],
        &["get", "s", "items", "i77"],
        &["scan", "s", "itmes"],
        &["export", "s", "items", "out.unknown"],
        &["undo", "s", "nothing"],
        &["create", "s", "items", "--type", "items", "--schema", "items.json"],
        &["create", "s", "other", "--type", "items", "--schema", "missing.json"],
        &["create", "s", "other", "--type", "users", "--schema", "items.json"],
        &["load", "s", "no-such-fixture"],
        &["draft-schema", "missing.csv", "--type", "items"],
        &["copy", "s", "s"],
    ] {
        let ran = shop.run(words).fails();
        assert_eq!(ran.stdout, "", "{words:?}");
        let messages = ran.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(messages, 1, "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn the_full_round_of_commands_is_done() {
    let shop = Shop::stocked().with_users();
    for words in [
        &["import", "s", "items", "tuesday.csv", "--mode", "incremental"][..],
        &["get", "s", "items", "i1", "i9"],
        &["scan", "s", "items", "--limit", "2"],
        &["export", "s", "items", "out.csv"],
        &["info", "s"],
        &["info", "s", "items"],
        &["schema", "s", "items"],
        &["alter", "s", "items", "--schema", "items.json"],
        &["history", "s"],
        &["history", "s", "items"],
        &["undo", "s", "items", "--dry-run"],
        &["undo", "s", "items"],
        &["delete", "s", "items", "i1", "i77"],
        &["delete-users", "s", "u1"],
        &["config", "s"],
        &["config", "s", "undo-depth", "3"],
        &["compact", "s"],
        &["compact", "s", "items"],
        &["vacuum", "s"],
        &["verify", "s"],
        &["copy", "s", "copy"],
        &["drop", "s", "items", "--yes"],
    ] {
        shop.run(words).ok();
    }
    assert_eq!(shop.run(["info", "copy", "--json"]).ok().json()["datasets"].as_array().unwrap().len(), 3);
    assert_eq!(shop.run(["info", "s", "--json"]).ok().json()["datasets"].as_array().unwrap().len(), 2);
}

#[test]
fn a_damaged_store_fails_verify_and_is_named() {
    let shop = Shop::stocked();
    let segments = shop.path("s/segments");
    let mut files = std::fs::read_dir(segments).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|end| end == "arrow")).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    for byte in &mut bytes[middle..middle + 8] {
        *byte ^= 0xff;
    }
    std::fs::write(&file, bytes).unwrap();
    let ran = shop.run(["verify", "s", "--json"]).fails();
    assert_eq!(ran.json()["ok"], false);
    assert!(!ran.json()["damaged"].as_array().unwrap().is_empty());
    assert!(ran.stderr.contains(file.file_name().unwrap().to_str().unwrap()), "{}", ran.stderr);
}

#[test]
fn verify_of_a_store_that_does_not_open_says_what_is_damaged() {
    let shop = Shop::stocked();
    let damaged = |file: &str| {
        shop.run(["info", "s"]).fails();
        let ran = shop.run(["verify", "s", "--json"]).fails();
        let json = ran.json();
        assert_eq!(json["ok"], false);
        assert!(json["files"].is_u64(), "{json}");
        let found = json["damaged"].as_array().unwrap();
        assert!(found.iter().any(|damage| damage.as_str().unwrap().contains(file)), "{json}");
        assert!(ran.stderr.contains(file), "{}", ran.stderr);
    };
    let manifest = shop.path("s/MANIFEST");
    let good = std::fs::read(&manifest).unwrap();
    let mut files = std::fs::read_dir(shop.path("s/segments")).unwrap().map(|entry| entry.unwrap().path());
    let segment = files.find(|path| path.extension().is_some_and(|end| end == "arrow")).unwrap();
    std::fs::write(&manifest, &good[..good.len() / 2]).unwrap();
    damaged("MANIFEST");
    std::fs::write(&manifest, &good).unwrap();
    std::fs::remove_file(&segment).unwrap();
    damaged(segment.file_name().unwrap().to_str().unwrap());
    assert!(!shop.run(["verify", "nowhere"]).fails().stderr.is_empty());
}
