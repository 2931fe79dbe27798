//! Names and values that would confuse a terminal.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::watched::{refused, watch};
use crate::shop::Shop;

const BAD: &str = "ITEM_ID,TITLE,PRICE,GENRE\ni1,a,x,b\n";

#[test]
fn names_of_files_are_escaped_in_messages_and_reports() {
    let names: [(&[u8], &str); 5] = [
        (b"new\nline.csv", "new\\nline.csv"),
        (b"\x1b[31mred\x07.csv", "\\u{1b}[31mred\\u{7}.csv"),
        (b"not utf-8 \xff.csv", "not utf-8 \\xFF.csv"),
        ("turned\u{202e}vsc.csv".as_bytes(), "turned\\u{202e}vsc.csv"),
        ("c1 \u{9b}31m.csv".as_bytes(), "c1 \\u{9b}31m.csv"),
    ];
    for (name, shown) in names {
        let shop = Shop::stocked();
        fs::create_dir(shop.path("in")).unwrap();
        let path = shop.path("in").join(OsStr::from_bytes(name));
        fs::write(&path, BAD).unwrap();
        for source in ["in", "in/*", "in/*.csv"] {
            let told = refused(&shop, &["import", "s", "items", source, "--json"], None);
            told.says(&[&format!("in/{shown}:2: column PRICE")]);
            assert_eq!(told.json()["errors"][0]["file"], format!("in/{shown}"));
            assert!(!told.stdout.trim_end().contains(char::is_control), "{:?}", told.stdout);
        }
        // Alone it is a name like any other.
        fs::write(&path, BAD.replace(",x,", ",1,")).unwrap();
        assert_eq!(watch(&shop, &["import", "s", "items", "in/*.csv"], None).code, 0);
    }
}

#[test]
fn very_long_names_end() {
    let shop = Shop::stocked();
    for name in
        ["n".repeat(300), "n".repeat(100_000), "d/".repeat(50_000), "*".repeat(2) + &"/*".repeat(1_000)]
    {
        let told = refused(&shop, &["import", "s", "items", &name, "--format", "csv"], None);
        assert!(told.stderr.len() < 4_000, "{}", told.stderr.len());
    }
}

#[test]
fn names_of_columns_record_ids_and_values_are_escaped() {
    let shop = Shop::stocked();
    let wild = "\u{1b}[2J\u{9b}1m\u{202e}";
    shop.write("value.csv", format!("ITEM_ID,TITLE,PRICE,GENRE\ni1,a,{wild},b\n"));
    refused(&shop, &["import", "s", "items", "value.csv"], None).says(&["\"\\u{1b}[2J\\u{9b}1m\\u{202e}\""]);
    shop.write("header.csv", format!("ITEM_ID,TITLE,{wild}PRICE,GENRE\ni1,a,1,b\n"));
    refused(&shop, &["import", "s", "items", "header.csv"], None)
        .says(&["missing column PRICE", "\\u{1b}[2J"]);
    shop.write("column.csv", format!("ITEM_ID,TITLE,{wild},GENRE\ni1,a,x,b\n"));
    let rename = format!("PRICE={wild}");
    let told = refused(&shop, &["import", "s", "items", "column.csv", "--rename", &rename], None);
    told.says(&["column \\u{1b}[2J\\u{9b}1m\\u{202e}: \"x\""]);
    let ignored = format!("ITEM_ID,TITLE,PRICE,GENRE,{wild}\ni1,a,1,b,\n");
    shop.write("ignored.csv", ignored);
    let read = watch(&shop, &["import", "s", "items", "ignored.csv"], None);
    assert!(read.stdout.contains("columns \\u{1b}[2J\\u{9b}1m\\u{202e}"), "{}", read.stdout);
    assert_eq!(watch(&shop, &["import", "s", "items", "monday.csv"], None).code, 0);

    refused(&shop, &["get", "s", "items", wild], None).says(&["no record \\u{1b}[2J"]);
    refused(&shop, &["scan", "s", "items", "--columns", wild], None).says(&["\\u{1b}[2J"]);
    refused(&shop, &["import", "s", "items", "a.csv", "--rename", &format!("{wild}=a")], None);
    let deleted = watch(&shop, &["delete", "s", "items", wild, "two\nlines"], None);
    assert_eq!((deleted.code, deleted.stderr.lines().count()), (0, 1), "{}", deleted.stderr);
    refused(&shop, &["info", wild], None).says(&["\\u{1b}[2J"]);
}
