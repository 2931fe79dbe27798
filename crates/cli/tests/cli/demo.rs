//! The demo, fixtures, and the first steps with a CSV of one's own.

use crate::shop::Shop;

#[test]
fn the_demo_shows_the_main_job_and_leaves_its_store() {
    let shop = Shop::empty();
    let ran = shop.run(["demo", "d"]).ok();
    for part in [
        "$ restock init d/shop.restock",
        "$ restock create d/shop.restock items --type items --schema d/rules/schema/items.json",
        "$ restock import d/shop.restock items d/rules/bulk/items.csv",
        "$ restock put d/shop.restock items d/rules/individual/items.jsonl",
        "$ restock import d/shop.restock items d/rules/incremental/01/items.csv --mode incremental",
        "$ restock undo d/shop.restock items",
        "replaced",
        "appended",
        "the same",
        "No import changed an individual row: all 5 individual rows are exactly as they were put.",
        "individual rows as they were put.",
    ] {
        assert!(ran.stdout.contains(part), "{part:?} is missing in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("CHANGED"), "{}", ran.stdout);
    // What it proposes works.
    let next: Vec<&str> = ran.stdout.lines().filter_map(|line| line.strip_prefix("  restock ")).collect();
    assert!(next.len() >= 4, "{}", ran.stdout);
    for line in next {
        shop.run(line.split(' ')).ok();
    }
    shop.run(["demo", "d"]).fails();
}

#[test]
fn the_demo_says_what_changed_as_json() {
    let shop = Shop::empty();
    let told = shop.run(["demo", "d", "--json"]).ok().json();
    assert_eq!((&told["individual_unchanged"], &told["undone"]), (&true.into(), &true.into()));
    assert!(!told["changed"].as_array().unwrap().is_empty());
    let store = told["store"].as_str().unwrap();
    assert_eq!(shop.run(["get", store, "items", "i13"]).ok().stdout.lines().count(), 1);
}

#[test]
fn a_fixture_is_loaded_and_checked() {
    let shop = Shop::empty();
    shop.run(["init", "t"]).ok();
    let loaded = shop.run(["load", "t", "rules", "--check", "--json"]).ok().json();
    assert_eq!(loaded["fixture"], "rules");
    assert!(loaded["checked"]["rows"].as_u64().unwrap() > 0);
    assert!(shop.run(["load", "t", "none"]).fails().stderr.contains("rules"));
}

#[test]
fn a_csv_of_ones_own_takes_four_commands() {
    let shop = Shop::empty();
    shop.write("mine.csv", "ITEM_ID,PRICE,GENRE\ni1,9.5,Drama\ni2,,Comedy\n");
    let draft = shop.run(["draft-schema", "mine.csv", "--type", "items"]).ok();
    shop.write("mine.json", draft.stdout);
    shop.run(["init", "s"]).ok();
    shop.run(["create", "s", "items", "--type", "items", "--schema", "mine.json"]).ok();
    shop.run(["import", "s", "items", "mine.csv"]).ok();
    let got = shop.run(["get", "s", "items", "i1"]).ok().stdout;
    assert!(got.contains("9.5"), "{got}");
}
