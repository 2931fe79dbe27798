//! More errors than anybody reads.

use std::io::{BufRead, BufReader};

use super::size;
use super::watched::{feed, refused, watch};
use crate::shop::Shop;

const HEADER: &str = "ITEM_ID,TITLE,PRICE,GENRE\n";
const ROWS: u64 = 100_000;

#[test]
fn of_millions_of_bad_rows_the_first_are_told_and_all_are_counted() {
    let shop = Shop::stocked();
    let times = size(10, 100);
    for (format, row) in
        [("csv", "x\n"), ("csv", "i1,a,b,c\n"), ("jsonl", "x\n"), ("jsonl", "{\"PRICE\":\"x\"}\n")]
    {
        let words = ["import", "s", "items", "-", "--format", format, "--json"];
        let head = if format == "csv" { HEADER } else { "" };
        let told = refused(&shop, &words, feed(head, row.repeat(ROWS as usize), times));
        told.takes_at_most(300);
        let report = told.json();
        let per_row = if row.starts_with('{') { 2 } else { 1 };
        assert_eq!(report["errors"].as_array().unwrap().len(), 100);
        assert_eq!(
            (&report["rejected"], &report["error_count"]),
            (&(times * ROWS).into(), &(per_row * times * ROWS).into())
        );
        assert!(told.stdout.len() < 64 << 10, "{}", told.stdout.len());
    }
}

#[test]
fn millions_of_rejects_are_written_in_bounded_memory_and_in_order() {
    let shop = Shop::stocked();
    let rows = size(2, 100);
    for (format, row) in [("csv", "x\n"), ("csv", "i1,a,b,c\n"), ("jsonl", "x\n"), ("jsonl", "{}\n")] {
        let rejects = ["--on-error", "skip", "--rejects", "rejects.jsonl", "--json"];
        let words = [&["import", "s", "items", "-", "--format", format][..], &rejects].concat();
        let (head, good, first) = match format {
            "csv" => (HEADER, "good,,,\n", 3),
            _ => ("", "{\"ITEM_ID\":\"good\"}\n", 2),
        };
        let told = watch(&shop, &words, feed(&format!("{head}{good}"), row.repeat(ROWS as usize), rows));
        assert_eq!((told.code, &told.json()["rejected"]), (0, &(rows * ROWS).into()), "{}", told.stderr);
        told.takes_at_most(250);
        let mut line = first;
        for reject in BufReader::new(std::fs::File::open(shop.path("rejects.jsonl")).unwrap()).lines() {
            let reject = reject.unwrap();
            let record = format!("\"record\":{}}}", serde_json::Value::from(row.trim_end()));
            let place = format!("{{\"file\":\"<stdin>\",\"line\":{line},");
            assert!(reject.starts_with(&place) && reject.ends_with(&record), "line {line}: {reject}");
            line += 1;
        }
        assert_eq!(line - first, rows * ROWS);
    }
}

#[test]
fn columns_and_keys_without_end_are_named_up_to_a_limit() {
    let shop = Shop::stocked();
    let line = |row: u64| format!("{{\"ITEM_ID\":\"i{row}\",\"key {row} \u{9b}{}\":1}}\n", "k".repeat(400));
    let lines: String = (0..20_000).map(line).collect();
    shop.write("keys.jsonl", lines);
    let read = watch(&shop, &["import", "s", "items", "keys.jsonl", "--json"], None);
    let report = read.takes_at_most(150).json();
    assert_eq!((read.code, report["ignored_columns"].as_array().unwrap().len()), (0, 4096));
    assert!(report["notes"][0].as_str().unwrap().contains("limit columns"), "{}", report["notes"]);
    assert!(read.stdout.len() < 2 << 20, "{}", read.stdout.len());
    let read = watch(&shop, &["import", "s", "items", "keys.jsonl"], None);
    assert!(read.stdout.len() < 8 << 10 && read.stdout.contains("and 4046 more"), "{:.9000}", read.stdout);

    let again = feed("{\"ITEM_ID\":\"i1\"", ",\"ITEM_ID\":1".repeat(1 << 16), 64);
    refused(&shop, &["import", "s", "items", "-", "--format", "jsonl"], again).says(&["<stdin>:1"]);
}
