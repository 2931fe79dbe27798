//! What scan and get show: views, conditions, columns, times.

use crate::shop::Shop;

#[test]
fn views_show_origins() {
    let shop = Shop::stocked();
    shop.run(["import", "s", "items", "tuesday.csv", "--mode", "incremental"]).ok();
    let ids = |view: &str| shop.rows(&["items", "--columns", "ITEM_ID,PRICE", "--view", view]);
    assert_eq!(ids("merged"), ["i1,1.5", "i3,3", "i4,4", "i2,2.25", "i9,"]);
    assert_eq!(ids("newest"), ["i1,1.5", "i3,3", "i2,2", "i4,4", "i9,"]);
    assert_eq!(ids("bulk"), ["i1,1.5", "i3,3", "i2,2", "i4,4"]);
    assert_eq!(ids("individual"), ["i2,2.25", "i9,"]);
    let get = |view: &str| shop.run(["get", "s", "items", "i2", "--view", view]).ok().stdout;
    assert!(
        get("merged").contains("2.25")
            && get("individual").contains("2.25")
            && get("bulk").contains("Two again")
    );
    assert_eq!(shop.run(["get", "s", "items", "i9", "--view", "bulk"]).code, 1);
}

#[test]
fn ids_may_look_like_negative_numbers() {
    let shop = Shop::stocked();
    shop.write("minus.jsonl", "{\"ITEM_ID\": \"-2996180203100007228\"}\n{\"ITEM_ID\": \"-x\"}\n");
    shop.run(["put", "s", "items", "minus.jsonl"]).ok();
    let got = shop.run(["get", "s", "items", "-2996180203100007228", "i1", "--view", "merged"]).ok();
    assert_eq!(got.stdout.lines().count(), 2);
    shop.run(["get", "s", "items", "--", "-x"]).ok();
    let deleted = shop.run(["delete", "s", "items", "-2996180203100007228", "--json"]).ok().json();
    assert_eq!(deleted["deleted"], 1);
}

#[test]
fn conditions_are_met_together() {
    let shop = Shop::stocked();
    shop.write(
        "commas.csv",
        "ITEM_ID,TITLE,PRICE,GENRE\na,\"x, y\",1,Drama\nb,\"say \"\"hi\"\"\",2,Drama\nc,x,3,Comedy\n",
    );
    shop.run(["import", "s", "items", "commas.csv"]).ok();
    let ids =
        |words: &[&str]| shop.rows(&[&["items", "--view", "bulk", "--columns", "ITEM_ID"], words].concat());
    assert_eq!(ids(&["--where", "GENRE=Drama"]), ["a", "b"]);
    assert_eq!(ids(&["--where", "GENRE=Drama,Comedy", "--where", "PRICE=2,3"]), ["b", "c"]);
    assert_eq!(ids(&["--where", "TITLE=\"x, y\""]), ["a"]);
    assert_eq!(ids(&["--where", "TITLE=\"say \"\"hi\"\"\",x"]), ["b", "c"]);
    assert_eq!(ids(&["--where", "ITEM_ID=c,a"]), ["a", "c"]);
    assert_eq!(ids(&["--limit", "1"]), ["a"]);
    assert_eq!(ids(&["--limit", "0"]), Vec::<String>::new());
}

#[test]
fn times_are_seconds_dates_or_moments() {
    let shop = Shop::stocked().with_users();
    let times = |words: &[&str]| shop.rows(&[&["clicks", "--columns", "TIMESTAMP"], words].concat());
    assert_eq!(times(&["--since", "86400", "--until", "172799"]), ["86400", "172799"]);
    assert_eq!(times(&["--since", "1970-01-02", "--until", "1970-01-02"]), ["86400", "172799"]);
    assert_eq!(times(&["--until", "1970-01-02T00:00:00Z"]), ["86399", "86400"]);
    assert_eq!(times(&["--since", "1970-01-03T01:00:00+01:00"]), ["172800"]);
    assert_eq!(times(&["--since", "1970-01-02", "--where", "USER_ID=u1"]), ["86400"]);
}

#[test]
fn a_table_is_for_the_eye() {
    let shop = Shop::stocked();
    let ran = shop.run(["scan", "s", "items", "--format", "table"]).ok();
    assert!(
        ran.stdout.contains("ITEM_ID") && ran.stdout.contains("─") && ran.stdout.contains("Nine"),
        "{}",
        ran.stdout
    );
    let rows: String = (0..150).map(|row| format!("i{row},,,\n")).collect();
    shop.write("many.csv", format!("ITEM_ID,TITLE,PRICE,GENRE\n{rows}"));
    shop.run(["import", "s", "items", "many.csv"]).ok();
    let ran = shop.run(["scan", "s", "items", "--format", "table", "--view", "bulk"]).ok();
    assert!(ran.stdout.contains("i99") && !ran.stdout.contains("i100"), "{}", ran.stdout);
    assert!(ran.stderr.contains("the first 100 rows"), "{}", ran.stderr);
    let ran = shop.run(["scan", "s", "items", "--format", "table", "--view", "bulk", "--limit", "150"]).ok();
    assert!(ran.stdout.contains("i149") && ran.stderr.is_empty());
}
