//! Messages a person can act on.

use crate::shop::{Shop, USERS};

#[track_caller]
fn says(shop: &Shop, words: &[&str], parts: &[&str]) {
    let ran = shop.run(words);
    assert_ne!(ran.code, 0, "{words:?}");
    for part in parts {
        assert!(ran.stderr.contains(part), "{words:?} does not say {part:?}: {}", ran.stderr);
    }
}

#[test]
fn near_names_are_proposed() {
    let shop = Shop::stocked().with_users();
    says(&shop, &["scan", "s", "itmes"], &["`itmes`", "`items`"]);
    says(&shop, &["import", "s", "user", "users.csv"], &["`user`", "`users`"]);
    says(&shop, &["scan", "s", "items", "--columns", "ITEMID"], &["`ITEMID`", "`ITEM_ID`"]);
    says(&shop, &["scan", "s", "items", "--where", "PRISE=1"], &["`PRISE`", "`PRICE`"]);
    shop.write("bad.jsonl", "{\"ITEM_ID\": \"i1\", \"PRISE\": 1}\n");
    says(&shop, &["put", "s", "items", "bad.jsonl"], &["bad.jsonl:1", "PRISE", "PRICE"]);
    says(&shop, &["import", "s", "items", "mondy.csv"], &["mondy.csv", "monday.csv"]);
    says(&shop, &["imprt", "s"], &["import"]);
}

#[test]
fn incremental_before_full_names_the_command() {
    let shop = Shop::new();
    shop.write("a.csv", crate::shop::TUESDAY);
    says(
        &shop,
        &["import", "s", "items", "a.csv", "--mode", "incremental"],
        &["FULL", "restock import s items FILE --mode full"],
    );
    shop.run(["import", "s", "items", "a.csv"]).ok();
    shop.run(["import", "s", "items", "a.csv", "--mode", "incremental"]).ok();
}

#[test]
fn what_is_missing_or_in_the_way_is_named_with_the_way_out() {
    let shop = Shop::stocked();
    says(&shop, &["info", "nowhere"], &["nowhere", "restock init nowhere"]);
    says(&shop, &["init", "s"], &["s "]);
    shop.write("out.csv", "mine");
    says(&shop, &["export", "s", "items", "out.csv"], &["out.csv", "--force"]);
    assert_eq!(shop.read("out.csv"), "mine");
    says(&shop, &["drop", "s", "items"], &["`items`", "4 rows", "--yes"]);
    says(&shop, &["scan", "s", "items", "--since", "2024-01-01"], &["TIMESTAMP"]);
    shop.write("empty.csv", "ITEM_ID,TITLE,PRICE,GENRE\n");
    says(&shop, &["import", "s", "items", "empty.csv"], &["--allow-empty"]);
    shop.write("renamed.csv", "Item-Id,TITLE,PRICE,GENRE\ni1,a,1,b\n");
    says(&shop, &["import", "s", "items", "renamed.csv"], &["ITEM_ID", "--rename ITEM_ID=Item-Id"]);
    says(&shop, &["undo", "s", "nothing"], &["nothing"]);
    shop.write("users.json", USERS);
    says(
        &shop,
        &["create", "s", "u", "--type", "items", "--schema", "users.json"],
        &["Items", "--type users"],
    );
    says(&shop, &["alter", "s", "items", "--schema", "users.json"], &["ITEM_ID"]);
    shop.write("broken.json", "{\"type\": \"record\"");
    says(&shop, &["create", "s", "u", "--type", "items", "--schema", "broken.json"], &["broken.json"]);
    says(&shop, &["put", "s", "items", "none.jsonl"], &["none.jsonl"]);
}

#[test]
fn a_label_is_done_once() {
    let shop = Shop::stocked();
    let import = ["import", "s", "items", "tuesday.csv", "--mode", "incremental", "--label", "night 7"];
    shop.run(import).ok();
    says(&shop, &import, &["`night 7`", "already"]);
    let info = shop.run(["info", "s", "--json"]).ok().json();
    assert_eq!(info["datasets"][0]["last_import"]["label"], "night 7");
}
