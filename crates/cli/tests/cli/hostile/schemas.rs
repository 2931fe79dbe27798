//! Schemas without measure.

use std::fs::File;

use super::watched::{feed, refused};
use crate::shop::Shop;

#[test]
fn huge_schemas_are_refused_before_they_are_read_whole() {
    let shop = Shop::stocked();
    let field = |number: usize| format!("{{\"name\": \"f{number}\", \"type\": \"string\"}}");
    let fields: Vec<String> = (0..100_000).map(field).collect();
    let record =
        |fields: &str| format!("{{\"type\": \"record\", \"name\": \"Other\", \"fields\": [{fields}]}}");
    let named = |name: &str| record(&format!("{{\"name\": \"{name}\", \"type\": \"string\"}}"));
    let union = |branch: &str, count: usize| {
        record(&format!("{{\"name\": \"a\", \"type\": [{}]}}", vec![branch; count].join(",")))
    };
    let cases = [
        (record(&fields.join(",")), "schema_chars"),
        (named(&"n".repeat(5 << 20)), "schema_chars"),
        (named(&"n".repeat(30_000)), "30079 characters"),
        (union("\"null\"", 1 << 20), "schema_chars"),
        (union("\"null\"", 2_000), "null twice"),
        (union("[\"null\"]", 1_000), "union in a union"),
        (record(&vec!["{}"; 6_000].join(",")), "no \"name\""),
        ("\0".repeat(19_000), "valid JSON"),
    ];
    for words in [
        &["create", "s", "other", "--type", "custom", "--schema", "huge.json"][..],
        &["alter", "s", "items", "--schema", "huge.json"],
    ] {
        for (text, told) in &cases {
            shop.write("huge.json", text);
            refused(&shop, words, None).says(&["huge.json", told]).takes_at_most(50);
        }
        File::create(shop.path("huge.json")).unwrap().set_len(8 << 30).unwrap();
        refused(&shop, words, None).says(&["schema_chars"]).takes_at_most(50);
    }
    let from_a_pipe = feed("{\"type\": \"record\", \"fields\": [", "{},".repeat(1 << 20), 1000);
    let words = ["create", "s", "other", "--type", "custom", "--schema", "-"];
    refused(&shop, &words, from_a_pipe).says(&["schema_chars"]).takes_at_most(50);
}

#[test]
fn names_of_datasets_are_shown_cut_and_escaped() {
    let shop = Shop::stocked();
    for name in ["\u{1b}[31mred\n", "../../etc/passwd", &"n".repeat(10_000), "a/b/c", "\u{202e}drow", ""] {
        for words in [
            &["scan", "s", name][..],
            &["import", "s", name, "monday.csv"],
            &["create", "s", name, "--type", "items", "--schema", "items.json"],
            &["drop", "s", name, "--yes"],
        ] {
            let told = refused(&shop, words, None);
            told.says(&["dataset name"]);
            assert!(told.stderr.len() < 1_000, "{}", told.stderr);
        }
    }
}
