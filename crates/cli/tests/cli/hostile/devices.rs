//! Devices as sources and as places to write to.

use std::fs::OpenOptions;
use std::os::unix::fs::FileTypeExt;
use std::process::Stdio;

use super::watched::{feed, refused, watch, watch_child};
use crate::shop::{DIRTY, Shop};

#[test]
fn devices_without_an_end_are_no_files_of_any_format() {
    let shop = Shop::stocked();
    for format in ["csv", "jsonl", "parquet", "arrow"] {
        let words = ["import", "s", "items", "/dev/zero", "--format", format];
        refused(&shop, &words, None).says(&["/dev/zero", "nothing was imported"]).takes_at_most(150);
    }
    for words in [
        &["put", "s", "items", "/dev/zero"][..],
        &["delete", "s", "items", "--ids", "/dev/zero"],
        &["delete-users", "s", "--ids", "/dev/zero"],
        &["alter", "s", "items", "--schema", "/dev/zero"],
        &["create", "s", "other", "--type", "items", "--schema", "/dev/zero"],
        &["import", "s", "items", "/dev/null", "--format", "csv"],
        &[
            "import",
            "s",
            "items",
            "/dev/random",
            "--format",
            "jsonl",
            "--escape",
            "backslash",
            "--label",
            "\u{7}",
        ],
    ] {
        if !words.contains(&"/dev/random") {
            refused(&shop, words, None).says(&["/dev/"]).takes_at_most(150);
        }
    }
}

#[test]
fn an_import_says_what_became_of_it_when_its_files_cannot_be_written() {
    let shop = Shop::stocked();
    shop.write("dirty.csv", DIRTY);
    let rejects = ["import", "s", "items", "dirty.csv", "--on-error", "skip", "--rejects", "/dev/full"];
    refused(&shop, &rejects, None).says(&["/dev/full", "No space left"]);
    let report = ["import", "s", "items", "dirty.csv", "--report", "/dev/full"];
    refused(&shop, &report, None).says(&["cannot write /dev/full", "the import failed"]);
    let report = ["import", "s", "items", "tuesday.csv", "--report", "/dev/full"];
    let told = watch(&shop, &report, None);
    assert_eq!(told.code, 1);
    told.says(&["cannot write /dev/full", "the import is done"]);
    let many = "bad\n".repeat(1 << 20);
    let words = [&rejects[..3], &["-"], &rejects[4..]].concat();
    refused(&shop, &words, feed("ITEM_ID,TITLE,PRICE,GENRE\n", many, 4))
        .says(&["/dev/full", "No space left"]);
}

#[test]
fn an_export_never_takes_the_place_of_a_device_or_folder() {
    let shop = Shop::stocked();
    let pipe = shop.pipe("pipe.csv");
    std::fs::create_dir(shop.path("folder.csv")).unwrap();
    std::os::unix::fs::symlink("pipe.csv", shop.path("link.csv")).unwrap();
    for (out, what) in
        [("pipe.csv", "a device or pipe"), ("link.csv", "a device or pipe"), ("folder.csv", "a folder")]
    {
        for force in [&[][..], &["--force"]] {
            let words = [&["export", "s", "items", out], force].concat();
            refused(&shop, &words, None).says(&[out, what, "- for standard output"]);
        }
    }
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
    refused(&shop, &["export", "s", "items", "/dev/full", "--format", "csv"], None)
        .says(&["a device or pipe"]);
}

#[test]
fn standard_output_that_is_full_or_closed_is_no_reason_to_hang() {
    let shop = Shop::stocked();
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
    for words in [
        &["scan", "s", "items"][..],
        &["info", "s", "--json"],
        &["import", "s", "items", "tuesday.csv", "--json"],
    ] {
        let mut command = shop.command(words);
        let child = command.stdout(full.try_clone().unwrap()).stderr(Stdio::piped()).spawn().unwrap();
        let told = watch_child(words, child, None);
        assert_eq!(told.code, 1);
        told.says(&["cannot write to standard output"]);
    }
    let closed =
        format!("'{}' scan s items >&-; '{0}' info s --json >&- 2>&-", env!("CARGO_BIN_EXE_restock"));
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &closed]).current_dir(shop.path("")).stderr(Stdio::piped());
    watch_child(&["sh", "-c", "..."], shell.spawn().unwrap(), None);
}
