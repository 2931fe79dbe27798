//! Lists without measure: IDs, records of a put, columns, renames.

use std::fs::File;

use super::watched::{feed, refused, watch};
use crate::shop::Shop;

#[test]
fn lists_of_ids_have_a_limit_of_ids_and_of_bytes() {
    let shop = Shop::stocked().with_users();
    File::create(shop.path("ids.txt")).unwrap().set_len(8 << 30).unwrap();
    for command in [&["delete", "s", "items"][..], &["delete-users", "s"]] {
        let from = |file| [command, &["--ids", file]].concat();
        refused(&shop, &from("ids.txt"), None)
            .says(&["ids.txt", "67108864 bytes (limit ids_bytes)"])
            .takes_at_most(200);
        let told = refused(&shop, &from("-"), feed("", "i\n".repeat(1 << 20), 100));
        told.says(&["1000000 IDs (limit ids)", "in several parts"]).takes_at_most(150);
        let most: String = (0..1_000_000).map(|id| format!("none-{id}\n")).collect();
        let done = watch(&shop, &from("-"), feed("", most, 1));
        assert_eq!(done.code, 0, "{}", done.stderr);
        done.takes_at_most(350);
    }
}

#[test]
fn a_put_has_a_limit() {
    let shop = Shop::stocked();
    for record in [
        "{\"ITEM_ID\":\"i1\"}\n".to_owned(),
        format!("{{\"ITEM_ID\":\"i1\",\"TITLE\":\"{}\"}}\n", "t".repeat(1 << 20)),
    ] {
        let times = (1 << 20) / record.len() + 1;
        let told = refused(&shop, &["put", "s", "items"], feed("", record.repeat(times), 1_000));
        told.says(&["67108864 bytes of records in one put (limit put_bytes)", "nothing was put"])
            .takes_at_most(300);
    }
    let bad = refused(&shop, &["put", "s", "items"], feed("", "{\"NAME\":1}\n".repeat(1 << 16), 2));
    bad.says(&["NAME", "nothing was put"]).takes_at_most(150);
}

#[test]
fn thousands_of_columns_and_renames_are_looked_up() {
    let shop = Shop::stocked();
    let columns: Vec<String> = (0..5_000).map(|column| format!("c{column}")).collect();
    refused(&shop, &["scan", "s", "items", "--columns", &columns.join(",")], None).says(&["`c0`"]);
    let of = |name: &str| {
        columns.iter().flat_map(|to| ["--rename".to_owned(), format!("{name}={to}")]).collect::<Vec<_>>()
    };
    for (name, told) in [("TITLE", "the field TITLE twice"), ("NONE", "the schema has no field NONE")] {
        let renames = of(name);
        let words =
            ["import", "s", "items", "monday.csv"].into_iter().chain(renames.iter().map(String::as_str));
        refused(&shop, &words.collect::<Vec<_>>(), None).says(&[told]);
    }
    let twice = ["ITEM_ID"; 5_000].join(",");
    let told = watch(&shop, &["scan", "s", "items", "--columns", &twice], None);
    assert!(told.code <= 1);
}
