//! JSON that nests deeper than a stack is deep.

use super::watched::{refused, watch};
use crate::shop::Shop;

const DEEP: usize = 200_000;

#[test]
fn deep_json_lines_are_refused_or_passed_over() {
    let shop = Shop::stocked();
    let (open, close) = ("[".repeat(DEEP), "]".repeat(DEEP));
    let objects = "{\"a\":".repeat(DEEP);
    let import = ["import", "s", "items", "deep.jsonl"];
    let put = ["put", "s", "items", "deep.jsonl"];
    for value in
        [open.clone(), objects.clone(), format!("{open}1{close}"), format!("{objects}1{}", "}".repeat(DEEP))]
    {
        shop.write("deep.jsonl", format!("{{\"ITEM_ID\":\"i1\",\"TITLE\":{value}}}\n"));
        for words in [import, put] {
            refused(&shop, &words, None).says(&["deep.jsonl:1", "nothing was"]).takes_at_most(50);
        }
    }
    // Of a key that names no column the value does not matter.
    shop.write("deep.jsonl", format!("{{\"ITEM_ID\":\"i1\",\"NOTE\":{open}1{close}}}\n"));
    refused(&shop, &put, None).says(&["deep.jsonl:1", "NOTE"]);
    assert_eq!(watch(&shop, &import, None).takes_at_most(50).code, 0);
}

#[test]
fn deep_json_is_no_schema_and_no_list_of_ids() {
    let shop = Shop::stocked();
    let draft = ["draft-schema", "deep.jsonl", "--type", "items"];
    shop.write("deep.jsonl", format!("{{\"ITEM_ID\":{}", "[".repeat(DEEP)));
    refused(&shop, &draft, None).says(&["deep.jsonl:1"]).takes_at_most(50);
    let create = ["create", "s", "other", "--type", "custom", "--schema", "deep.json"];
    for text in ["[".repeat(19_000), "{\"type\":".repeat(2_400), "[".repeat(DEEP)] {
        shop.write("deep.json", &text);
        refused(&shop, &create, None).says(&["deep.json"]).takes_at_most(50);
    }
    shop.write("deep.json", format!("[{}", "[".repeat(DEEP)));
    // A line is an ID, whatever it looks like.
    assert_eq!(watch(&shop, &["delete", "s", "items", "--ids", "deep.json"], None).takes_at_most(50).code, 0);
}
