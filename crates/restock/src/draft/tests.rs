use std::path::PathBuf;

use restock_schema::{DatasetType, Draft, ValueType};

use super::draft_schema;

fn drafted(name: &str, text: &[u8]) -> Result<Draft, String> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    draft_schema(path, DatasetType::Items).map_err(|error| error.to_string())
}

fn types(draft: &Draft) -> Vec<(&str, ValueType, bool)> {
    draft
        .schema
        .fields()
        .iter()
        .map(|field| (field.name.as_str(), field.value_type, field.nullable))
        .collect()
}

#[test]
fn a_csv_file_gives_types_and_nulls() {
    let draft = drafted("a.csv", b"ITEM_ID,PRICE,STOCK\ni1,9.5,3\ni2,,4\n").unwrap();
    let found = types(&draft);
    assert_eq!(found[0], ("ITEM_ID", ValueType::String, false));
    assert!(matches!(found[1], ("PRICE", ValueType::Float | ValueType::Double, true)), "{found:?}");
    assert!(matches!(found[2], ("STOCK", ValueType::Int | ValueType::Long, false)), "{found:?}");
}

#[test]
fn json_strings_stay_strings_though_they_read_like_numbers() {
    let draft = drafted(
        "a.jsonl",
        b"{\"ITEM_ID\": \"1\", \"ZIP\": \"1234\"}\n{\"ITEM_ID\": \"2\", \"PRICE\": 1.5}\n",
    )
    .unwrap();
    let found = types(&draft);
    assert_eq!(found[0], ("ITEM_ID", ValueType::String, false));
    assert_eq!(found[1], ("ZIP", ValueType::String, true));
    assert!(matches!(found[2], ("PRICE", ValueType::Float | ValueType::Double, true)), "{found:?}");
}

#[test]
fn files_that_are_not_read_are_refused_with_their_name_and_line() {
    assert!(drafted("a.parquet", b"PAR1").unwrap_err().contains("CSV or JSON Lines"));
    assert!(drafted("a.jsonl", b"{}\n[1]\n").unwrap_err().contains("a.jsonl:2: "));
    assert!(drafted("a.jsonl", b"{\"A\": {}}\n").unwrap_err().contains("`A` is nested"));
    assert!(drafted("a.unknown", b"A\n1\n").unwrap_err().contains("names no format"));
}

#[test]
fn a_record_that_the_sample_ends_in_is_left_out() {
    for shift in 0..5 {
        // Records of five bytes a character, so that the sample ends in characters, line ends and quotes.
        let title = "\u{1f600}\r\n".repeat(600);
        let mut text = format!("ITEM_ID,STOCK,TITLE{}\r\n", "x".repeat(shift));
        let mut lines = "\n".repeat(shift);
        for number in 0..2500 {
            text += &format!("i{number},{number},\"{title}\"\r\n");
            lines += &format!(
                "{{\"ITEM_ID\":\"i{number}\",\"STOCK\":{number},\"T\":\"{}\"}}\n",
                "\u{1f600}".repeat(900)
            );
        }
        for (name, text) in [("a.csv", text), ("a.jsonl", lines)] {
            assert!(text.len() as u64 > super::SAMPLE_BYTES, "{name}: {}", text.len());
            let draft = drafted(name, text.as_bytes()).unwrap();
            let found = types(&draft);
            assert_eq!(found.len(), 3, "{name}: {found:?}");
            assert!(
                matches!(found[1], ("STOCK", ValueType::Int | ValueType::Long, false)),
                "{name}: {found:?}"
            );
        }
    }
}
