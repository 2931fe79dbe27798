//! Ctrl-C leaves the store as it was.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::shop::Shop;

fn interrupt(pid: u32) {
    assert!(Command::new("kill").args(["-INT", &pid.to_string()]).status().unwrap().success());
}

#[test]
fn an_import_that_waits_for_its_pipe_stops_and_changes_nothing() {
    let shop = Shop::stocked();
    let before = (shop.rows(&["items"]), shop.run(["history", "s", "--json"]).ok().stdout);
    let pipe = shop.pipe("pipe.csv");
    let words = ["import", "s", "items", "pipe.csv", "--json"];
    let child = shop.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = OpenOptions::new().write(true).open(pipe).unwrap();
    pipe.write_all(b"ITEM_ID,TITLE,PRICE,GENRE\np1,,,\n").unwrap();
    interrupt(child.id());
    let output = child.wait_with_output().unwrap();
    drop(pipe);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.lines().last(), Some("error: cancelled; nothing was changed"), "{told}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["error"].as_str().unwrap().contains("nothing was changed"));
    assert_eq!((shop.rows(&["items"]), shop.run(["history", "s", "--json"]).ok().stdout), before);
    let verified = shop.run(["verify", "s", "--json"]).ok().json();
    assert_eq!((&verified["ok"], &verified["leftover"]), (&true.into(), &serde_json::json!([])));
}

#[test]
fn a_pipe_without_a_writer_does_not_keep_it() {
    let shop = Shop::stocked();
    shop.pipe("pipe.csv");
    let words = ["import", "s", "items", "pipe.csv"];
    let child = shop.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lock = shop.path("s/LOCK");
    let pid = child.id().to_string();
    while !std::fs::read_to_string(&lock).unwrap_or_default().contains(&pid) {
        std::thread::yield_now();
    }
    // The handler is there a moment after the lock.
    std::thread::sleep(std::time::Duration::from_millis(300));
    interrupt(child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(shop.rows(&["items"]).len(), 4);
}
