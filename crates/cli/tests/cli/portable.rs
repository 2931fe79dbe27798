//! An import without the processor's own instructions is the same import.

use std::fmt::Write;
use std::path::Path;

use crate::shop::Shop;

/// Whether the processor may be asked for what it can do.
const FORCED: [bool; 2] = [false, true];

fn run(shop: &Shop, forced: bool, words: &[&str]) -> String {
    let mut command = shop.command(words);
    if forced {
        command.env("RESTOCK_PORTABLE", "1");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn fixtures_are_as_expected() {
    for fixture in ["rules", "airline", "flights"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(fixture);
        let shop = Shop::empty();
        run(&shop, true, &["init", "s"]);
        run(&shop, true, &["load", "s", folder.to_str().unwrap(), "--check"]);
    }
}

/// Items whose titles are quoted, long, short, of several bytes a character, and over several lines.
fn items(from: usize) -> String {
    let mut text = String::from("ITEM_ID,TITLE,PRICE,GENRE\r\n");
    for item in from..from + 40_000 {
        let title = match item % 5 {
            0 => format!("\"a \"\"quoted\"\" title, of item {item}\""),
            1 => format!("\"two\r\nlines {}\"", "and more ".repeat(item % 90)),
            2 => String::new(),
            3 => format!("é{item}ß"),
            _ => "plain".to_owned(),
        };
        let price = if item % 3 == 0 { String::new() } else { format!("{}.{:02}", item % 1000, item % 100) };
        write!(text, "item-{:07},{title},{price},Genre {}\r\n", item * 7919 % 60_000, item % 23).unwrap();
    }
    text
}

#[test]
fn every_value_is_the_same() {
    let text = items(0);
    let exports = FORCED.map(|forced| {
        let shop = Shop::new();
        shop.write("monday.csv", &text);
        shop.write("tuesday.csv", items(20_000));
        let full = run(&shop, forced, &["import", "s", "items", "monday.csv", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&full).unwrap();
        assert_eq!(report["accepted"], 40_000);
        run(&shop, forced, &["import", "s", "items", "tuesday.csv", "--mode", "incremental"]);
        run(&shop, forced, &["verify", "s"]);
        run(&shop, false, &["export", "s", "items", "-"])
    });
    assert!(exports[0].len() > text.len());
    assert!(exports[0] == exports[1]);
}
