//! One writer, any number of readers.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Child, Stdio};

use crate::shop::Shop;

/// An import that waits for its pipe, and the pipe's other end.
fn writer(shop: &Shop) -> (Child, std::fs::File) {
    let pipe = shop.pipe("pipe.csv");
    let words = ["import", "s", "items", "pipe.csv"];
    let child = shop.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Opens when the import has opened its end: it has the lock by then.
    let mut pipe = OpenOptions::new().write(true).open(pipe).unwrap();
    pipe.write_all(b"ITEM_ID,TITLE,PRICE,GENRE\np1,,,\n").unwrap();
    (child, pipe)
}

#[test]
fn a_second_writer_is_told_who_holds_the_store() {
    let shop = Shop::stocked();
    let (child, pipe) = writer(&shop);
    let pid = child.id().to_string();
    for words in
        [&["import", "s", "items", "tuesday.csv"][..], &["put", "s", "items", "hand.jsonl"], &["vacuum", "s"]]
    {
        let ran = shop.run(words).fails();
        assert!(ran.stderr.contains(&pid), "{words:?}: {}", ran.stderr);
    }
    drop(pipe);
    assert!(child.wait_with_output().unwrap().status.success());
    shop.run(["vacuum", "s"]).ok();
}

#[test]
fn readers_see_the_last_commit_while_an_import_runs() {
    let shop = Shop::stocked();
    let (child, pipe) = writer(&shop);
    assert_eq!(shop.rows(&["items", "--columns", "ITEM_ID"]), ["i1", "i3", "i2", "i9"]);
    for words in [
        &["info", "s"][..],
        &["schema", "s", "items"],
        &["get", "s", "items", "i1"],
        &["export", "s", "items", "out.csv"],
        &["history", "s"],
        &["verify", "s"],
        &["copy", "s", "c"],
        &["config", "s"],
    ] {
        shop.run(words).ok();
    }
    drop(pipe);
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(shop.rows(&["items", "--columns", "ITEM_ID"]), ["p1", "i2", "i9"]);
    shop.run(["verify", "c"]).ok();
}
