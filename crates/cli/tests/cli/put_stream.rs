//! `restock put --stream`: each line is a put of its own, acknowledged when it is durable.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::shop::Shop;

#[test]
fn a_line_is_acknowledged_before_the_next_one_comes() {
    let shop = Shop::new();
    let mut command = shop.command(["put", "s", "items", "--stream"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = child.stdin.take().unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in 1..=3 {
        writeln!(lines, "{{\"ITEM_ID\": \"i{line}\"}}").unwrap();
        let told: serde_json::Value = serde_json::from_str(&told.next().unwrap().unwrap()).unwrap();
        assert_eq!(told["line"], line);
        // It is there for others, while the stream goes on.
        let version = shop.run(["info", "s", "--json"]).ok().json()["version"].clone();
        assert_eq!(told["version"], version);
        shop.run(["get", "s", "items", &format!("i{line}")]).ok();
    }
    drop(lines);
    assert!(child.wait().unwrap().success());
    assert!(told.next().is_none());
}

#[test]
fn of_lines_with_one_id_the_last_wins_however_many_threads_put() {
    let shop = Shop::new();
    let lines: String = (0..500)
        .map(|number| format!("{{\"ITEM_ID\": \"i{}\", \"PRICE\": {number}}}\n\n", number % 7))
        .collect();
    shop.write("lines.jsonl", lines);
    let ran = shop.run(["put", "s", "items", "lines.jsonl", "--stream", "--threads", "32"]).ok();
    let told: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<u64> = told.iter().map(|told| told["line"].as_u64().unwrap()).collect();
    assert_eq!(
        numbers,
        (0..500).map(|number| number * 2 + 1).collect::<Vec<_>>(),
        "blank lines count as lines"
    );
    assert!(told.windows(2).all(|two| two[0]["version"].as_u64() < two[1]["version"].as_u64()));
    let mut prices: Vec<u64> = shop
        .rows(&["items", "--columns", "PRICE"])
        .iter()
        .map(|price| price.parse::<f64>().unwrap() as u64)
        .collect();
    prices.sort_unstable();
    assert_eq!(prices, [493, 494, 495, 496, 497, 498, 499]);
}

#[test]
fn a_line_that_is_no_record_ends_the_stream_behind_what_was_put() {
    let shop = Shop::new();
    shop.write(
        "lines.jsonl",
        "{\"ITEM_ID\": \"i1\"}\n{\"ITEM_ID\": \"i2\", \"PRICE\": \"cheap\"}\n{\"ITEM_ID\": \"i3\"}\n",
    );
    let ran = shop.run(["put", "s", "items", "lines.jsonl", "--stream", "--json"]).fails();
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    for part in ["1 record cannot be put", "lines.jsonl:2:", "PRICE", "cheap", "the lines before it were put"]
    {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert_eq!(shop.rows(&["items", "--columns", "ITEM_ID"]), ["i1"]);
}

#[test]
fn a_stream_may_begin_with_a_byte_order_mark_and_have_dos_line_ends() {
    let shop = Shop::new();
    shop.write("lines.jsonl", "\u{feff}{\"ITEM_ID\": \"i1\"}\r\n\r\n{\"ITEM_ID\": \"i2\", \"PRICE\": x}\r\n");
    let ran = shop.run(["put", "s", "items", "lines.jsonl", "--stream"]).fails();
    assert!(ran.stdout.starts_with("{\"line\":1,"), "{}", ran.stdout);
    assert!(ran.stderr.contains("lines.jsonl:3:"), "{}", ran.stderr);
    assert_eq!(shop.rows(&["items", "--columns", "ITEM_ID"]), ["i1"]);
}

#[test]
fn threads_are_for_streams() {
    let shop = Shop::new();
    let ran = shop.run(["put", "s", "items", "--threads", "4"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--stream"), "{}", ran.stderr);
}

#[test]
fn nothing_is_put_behind_lines_that_nobody_is_told_of() {
    let shop = Shop::new();
    let lines: String = (0..20_000).map(|number| format!("{{\"ITEM_ID\": \"i{number}\"}}\n")).collect();
    shop.write("lines.jsonl", lines);
    let mut command = shop.command(["put", "s", "items", "lines.jsonl", "--stream"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(told.next().unwrap().unwrap().starts_with("{\"line\":1,"));
    drop(told);
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot tell what was put") && stderr.lines().count() == 1, "{stderr}");
    assert!(shop.rows(&["items", "--columns", "ITEM_ID"]).len() < 20_000);
}
