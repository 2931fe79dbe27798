//! Lines, records and headers without an end.

use std::fs::File;
use std::io::Write;

use super::size;
use super::watched::{feed, refused, watch};
use crate::shop::Shop;

const HEADER: &str = "ITEM_ID,TITLE,PRICE,GENRE\n";
const GB: u64 = 1 << 30;

/// A file that begins with a text and goes on with zeros that take no room on the disk.
fn sparse(shop: &Shop, name: &str, head: &str, bytes: u64) {
    let mut file = File::create(shop.path(name)).unwrap();
    file.write_all(head.as_bytes()).unwrap();
    file.set_len(bytes).unwrap();
}

#[test]
fn a_line_of_two_gigabytes_is_over_the_limit_of_a_record() {
    let shop = Shop::stocked();
    for (name, head) in [("plain.csv", "i1,a"), ("quoted.csv", "i1,\"a"), ("late.csv", "i1,a,1,b\n\"i2")] {
        sparse(&shop, name, &format!("{HEADER}{head}"), 2 * GB);
        let told = refused(&shop, &["import", "s", "items", name], None);
        told.says(&[name, "record_bytes (67108864)", "nothing was imported"]).takes_at_most(250);
    }
    sparse(&shop, "line.jsonl", "{\"ITEM_ID\": \"", 2 * GB);
    let told = refused(&shop, &["import", "s", "items", "line.jsonl"], None);
    told.says(&["line.jsonl: line 1, byte 0", "record_bytes (67108864)"]).takes_at_most(150);
    let told = refused(&shop, &["put", "s", "items", "line.jsonl"], None);
    told.says(&["line.jsonl", "record_bytes (67108864)"]).takes_at_most(150);
    let told = refused(&shop, &["put", "s", "items", "line.jsonl", "--stream"], None);
    told.says(&["line.jsonl", "record_bytes (67108864)"]).takes_at_most(150);
    let through_a_pipe = feed(HEADER, "x".repeat(1 << 20), 2048);
    refused(&shop, &["import", "s", "items", "-"], through_a_pipe).says(&["<stdin>:2", "record_bytes"]);
}

#[test]
fn headers_and_records_of_separators_are_counted_before_they_are_held() {
    let shop = Shop::stocked();
    let commas = ",".repeat(1 << 20);
    let told = refused(&shop, &["import", "s", "items", "-"], feed("", commas.clone(), 2048));
    told.says(&["<stdin>", "more than 1048576 columns", "columns (4096)"]).takes_at_most(100);
    let told = refused(&shop, &["import", "s", "items", "-"], feed(HEADER, commas, 2048));
    told.says(&["<stdin>:2", "record_fields (1048576)"]).takes_at_most(200);

    let names: Vec<String> = (0..1_000_000).map(|column| format!("c{column}")).collect();
    shop.write("wide.csv", names.join(",") + "\n");
    let told = refused(&shop, &["import", "s", "items", "wide.csv"], None);
    told.says(&["wide.csv", "1000000 columns, over the limit columns (4096)"]).takes_at_most(100);
    shop.write("record.csv", format!("{HEADER}{}\ni1,a,1,b\n", "x,".repeat(999_999)));
    let told = refused(&shop, &["import", "s", "items", "record.csv"], None);
    told.says(&["record.csv:2", "1000000 fields", "4 columns", "--on-error skip"]).takes_at_most(100);
    let told = refused(&shop, &["import", "s", "items", "-", "--no-header", &names[..5000].join(",")], None);
    told.says(&["5000 columns, over the limit columns (4096)"]);
}

#[test]
fn long_records_within_the_limits_are_read_in_bounded_memory() {
    let shop = Shop::stocked();
    let long = "z".repeat(15 << 20);
    let record = format!("i1,{long},,{long}\n");
    let read = watch(&shop, &["import", "s", "items", "-", "--json"], feed(HEADER, record, size(6, 60)));
    assert_eq!((read.code, read.json()["rows_read"].as_u64()), (0, Some(size(6, 60))));
    let record = format!("{{\"ITEM_ID\":\"i1\",\"TITLE\":\"{long}\",\"x\":\"{long}{long}\"}}\n");
    let words = ["import", "s", "items", "-", "--format", "jsonl", "--json"];
    let read = watch(&shop, &words, feed("", record, size(6, 60)));
    assert_eq!((read.code, read.json()["rows_read"].as_u64()), (0, Some(size(6, 60))));
}

#[test]
fn a_schema_is_drafted_from_a_part_of_what_has_no_end() {
    let shop = Shop::empty();
    let drafted = |name: &str| watch(&shop, &["draft-schema", name, "--type", "items"], None);
    sparse(&shop, "open.csv", &format!("{HEADER}i1,\"a"), 2 * GB);
    assert_eq!(drafted("open.csv").code, 0);
    shop.write("wide.csv", ",".repeat(20 << 20));
    drafted("wide.csv").says(&["wide.csv", "at most 4096"]);
    shop.write("record.csv", format!("{HEADER}{}", ",".repeat(20 << 20)));
    drafted("record.csv");
    shop.write(
        "lines.jsonl",
        format!("{{\"ITEM_ID\":\"i1\",\"TITLE\":\"{}\"}}\n", "t".repeat(1000)).repeat(20_000),
    );
    assert_eq!(drafted("lines.jsonl").code, 0);
}
