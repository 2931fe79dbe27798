//! What is exported can be imported again.

use crate::shop::Shop;

const ODD: &str = "ITEM_ID,TITLE,PRICE,GENRE\n\"a,b\",\"line\nline\",0.1,\"\"\n\"q\"\"q\",,1e-9,Drama\né,  spaces  ,,\n7,NA,16777216,null\n";

#[test]
fn every_format_reads_back_equal() {
    let shop = Shop::stocked();
    shop.write("odd.csv", ODD);
    shop.run(["import", "s", "items", "odd.csv"]).ok();
    shop.run(["create", "s", "back", "--type", "items", "--schema", "items.json"]).ok();
    for view in ["merged", "bulk", "individual", "newest"] {
        let expected = shop.rows(&["items", "--view", view]);
        for format in ["csv", "jsonl", "parquet", "arrow", "csv.gz", "csv.zst", "jsonl.gz", "jsonl.zst"] {
            let file = format!("out-{view}.{format}");
            let done = shop.run(["export", "s", "items", &file, "--view", view, "--json"]).ok().json();
            assert_eq!(
                done["rows"],
                shop.run(["import", "s", "back", &file, "--json"]).ok().json()["appended"]
            );
            assert_eq!(shop.rows(&["back"]), expected, "{file}");
        }
    }
}

#[test]
fn standard_output_gets_the_same_bytes_as_a_file() {
    let shop = Shop::stocked();
    for format in ["csv", "jsonl", "parquet", "arrow"] {
        let file = format!("out.{format}");
        shop.run(["export", "s", "items", &file]).ok();
        let printed = shop.command(["export", "s", "items", "-", "--format", format]).output().unwrap();
        assert!(printed.status.success());
        assert!(printed.stdout == std::fs::read(shop.path(&file)).unwrap(), "{format}");
    }
}

#[test]
fn a_compressed_name_is_kept_or_refused() {
    let shop = Shop::stocked();
    for (name, magic) in [("out.csv.gz", &[0x1f, 0x8b][..]), ("out.jsonl.zst", &[0x28, 0xb5, 0x2f, 0xfd])] {
        let done = shop.run(["export", "s", "items", name, "--json"]).ok().json();
        let bytes = std::fs::read(shop.path(name)).unwrap();
        assert!(bytes.starts_with(magic), "{name}");
        assert_eq!(done["bytes"], bytes.len(), "{name}");
    }
    for name in ["out.parquet.gz", "out.arrow.zst"] {
        let ran = shop.run(["export", "s", "items", name]).fails();
        assert!(ran.stderr.contains("leave the last extension away"), "{}", ran.stderr);
        assert!(!shop.path(name).exists());
    }
}

#[test]
fn a_file_is_replaced_only_by_force() {
    let shop = Shop::stocked();
    shop.write("out.csv", "mine");
    shop.run(["export", "s", "items", "out.csv"]).fails();
    assert_eq!(shop.read("out.csv"), "mine");
    shop.run(["export", "s", "items", "out.csv", "--force"]).ok();
    assert!(shop.read("out.csv").starts_with("ITEM_ID,TITLE,PRICE,GENRE\ni1,One,1.5,Drama\n"));
    shop.run(["export", "s", "items", "noextension"]).fails();
    shop.run(["export", "s", "items", "noextension", "--format", "csv"]).ok();
}
