//! Results go to standard output, everything else to standard error.

use crate::shop::{DIRTY, Shop};

#[test]
fn a_full_that_removed_rows_ends_with_one_line_that_names_the_way_back() {
    let shop = Shop::stocked();
    let ran = shop.run(["import", "s", "items", "tuesday.csv"]).ok();
    assert_eq!(
        ran.stderr,
        "replaced 3 bulk rows of `items` by 2, 2 IDs are gone; to take it back: restock undo s items\n"
    );
    assert!(ran.stdout.contains("removed      3"), "{}", ran.stdout);
    let undone = shop.run(["undo", "s", "items"]).ok();
    assert!(undone.stdout.contains("`items` has 3 bulk rows instead of 2 (version"), "{}", undone.stdout);
    assert_eq!(shop.rows(&["items", "--view", "bulk", "--columns", "ITEM_ID"]), ["i1", "i2", "i3"]);
}

#[test]
fn an_import_that_removed_nothing_is_silent_on_standard_error() {
    let shop = Shop::new();
    shop.write("monday.csv", crate::shop::MONDAY);
    shop.write("tuesday.csv", crate::shop::TUESDAY);
    assert_eq!(shop.run(["import", "s", "items", "monday.csv"]).ok().stderr, "");
    assert_eq!(shop.run(["import", "s", "items", "tuesday.csv", "--mode", "INCREMENTAL"]).ok().stderr, "");
}

#[test]
fn without_undo_none_is_offered() {
    let shop = Shop::stocked();
    shop.run(["config", "s", "undo-depth", "0"]).ok();
    let ran = shop.run(["import", "s", "items", "tuesday.csv"]).ok();
    assert!(ran.stderr.contains("undo-depth 0") && !ran.stderr.contains("restock undo"), "{}", ran.stderr);
}

#[test]
fn with_json_standard_output_is_the_object_alone() {
    let shop = Shop::stocked();
    let ran = shop.run(["import", "s", "items", "tuesday.csv", "--json"]).ok();
    assert_eq!(ran.json()["gone"], 2);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(ran.stderr.lines().count(), 1);
}

#[test]
fn errors_are_listed_by_place_and_end_with_what_to_do() {
    let shop = Shop::stocked();
    shop.write("dirty.csv", DIRTY);
    let ran = shop.run(["import", "s", "items", "dirty.csv"]).fails();
    assert_eq!(ran.stdout, "");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("dirty.csv:3: column PRICE: \"cheap\" "), "{}", lines[0]);
    assert!(lines[0].ends_with(&format!("(byte {})", DIRTY.find("cheap").unwrap())), "{}", lines[0]);
    assert!(lines[1].starts_with("dirty.csv:4: column ITEM_ID: "), "{}", lines[1]);
    assert!(
        lines[2].starts_with("error: 2 of 4 rows") && lines[2].contains("--on-error skip"),
        "{}",
        lines[2]
    );
    assert_eq!(lines.len(), 3);
}

#[test]
fn of_many_errors_the_first_are_shown_and_the_others_counted() {
    let shop = Shop::stocked();
    let rows: String = (0..150).map(|row| format!("i{row},x\n")).collect();
    shop.write("dirty.csv", format!("ITEM_ID,PRICE,TITLE,GENRE\n{}", rows.replace(",x\n", ",x,,\n")));
    let ran = shop.run(["import", "s", "items", "dirty.csv"]).fails();
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("dirty.csv:")).count(), 10);
    assert!(ran.stderr.contains("... and 140 errors more"), "{}", ran.stderr);
    let json = shop.run(["import", "s", "items", "dirty.csv", "--json"]).fails().json();
    assert_eq!((json["errors"].as_array().unwrap().len(), &json["error_count"]), (100, &150.into()));
}

#[test]
fn missing_ids_are_named_after_the_data() {
    let shop = Shop::stocked();
    let ran = shop.run(["get", "s", "items", "i77", "i1", "i78"]).fails();
    assert_eq!(ran.stdout, "{\"ITEM_ID\":\"i1\",\"TITLE\":\"One\",\"PRICE\":1.5,\"GENRE\":\"Drama\"}\n");
    assert_eq!(ran.stderr, "error: `items` has no record i77, i78\n");
}
