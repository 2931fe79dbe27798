//! Standard input and output as pipes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use crate::shop::Shop;

fn big(rows: u32) -> String {
    let rows: String =
        (0..rows).map(|row| format!("item-number-{row},a title of some length,{row},Drama\n")).collect();
    format!("ITEM_ID,TITLE,PRICE,GENRE\n{rows}")
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_command_quietly() {
    let shop = Shop::new();
    shop.write("big.csv", big(50_000));
    shop.run(["import", "s", "items", "big.csv"]).ok();
    for words in [
        &["scan", "s", "items"][..],
        &["scan", "s", "items", "--format", "jsonl"],
        &["scan", "s", "items", "--format", "table", "--limit", "20000"],
        &["scan", "s", "items", "--json"],
        &["export", "s", "items", "-"],
        &["export", "s", "items", "-", "--format", "parquet"],
    ] {
        let mut child = shop.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert!(child.wait().unwrap().success(), "{words:?}: {told}");
        assert_eq!(told, "", "{words:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let shop = Shop::stocked();
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        for words in [&["scan", "s", "items"][..], &["info", "s"], &["export", "s", "items", "-"]] {
            let output = shop.command(words).stdout(full.try_clone().unwrap()).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{words:?}");
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(told.contains("cannot write to standard output"), "{words:?}: {told}");
        }
    }
}

#[test]
fn records_schemas_and_imports_come_from_standard_input() {
    let shop = Shop::new();
    let run = |words: &[&str], input: &str| {
        let mut child = shop.command(words).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{words:?}");
    };
    run(&["import", "s", "items", "-"], "ITEM_ID,TITLE,PRICE,GENRE\ni1,a,1,b\n");
    run(
        &["import", "s", "items", "-", "--mode", "incremental", "--format", "jsonl"],
        "{\"ITEM_ID\": \"i2\"}\n",
    );
    run(&["put", "s", "items"], "{\"ITEM_ID\": \"i3\"}\n");
    run(&["put", "s", "items", "-"], "{\"ITEM_ID\": \"i4\"}\n");
    run(&["delete", "s", "items", "--ids", "-"], "i4\r\n\ni1\n");
    run(&["create", "s", "more", "--type", "items", "--schema", "-"], crate::shop::ITEMS);
    assert_eq!(shop.rows(&["items", "--columns", "ITEM_ID"]), ["i2", "i3"]);
}

#[test]
fn a_scan_that_is_piped_is_csv() {
    let shop = Shop::stocked();
    let mut child = shop.command(["scan", "s", "items"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines: Vec<String> =
        BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success());
    assert_eq!(
        lines,
        ["ITEM_ID,TITLE,PRICE,GENRE", "i1,One,1.5,Drama", "i3,\"\",3,", "i2,,2.25,", "i9,Nine,,"]
    );
}
