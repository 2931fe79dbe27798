//! Folders that only look like a store.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::symlink;
use std::path::Path;

use super::watched::watch;
use crate::shop::Shop;

const READ: [&[&str]; 3] = [&["info", "s"], &["verify", "s"], &["scan", "s", "items"]];
const WRITE: [&[&str]; 3] =
    [&["import", "s", "items", "tuesday.csv"], &["put", "s", "items", "hand.jsonl"], &["vacuum", "s"]];

/// Does something to a store; every command must fail and say so.
#[track_caller]
fn spoilt(spoil: impl Fn(&Shop, &Path), commands: &[&[&str]], told: &[&str]) {
    let shop = Shop::stocked();
    spoil(&shop, &shop.path("s"));
    for words in commands {
        let ran = watch(&shop, words, None);
        assert_eq!(ran.code, 1, "{words:?}: {}{}", ran.stdout, ran.stderr);
        ran.says(told).takes_at_most(100);
    }
}

fn all() -> Vec<&'static [&'static str]> {
    READ.into_iter().chain(WRITE).collect()
}

fn pipe_at(shop: &Shop, name: &str) {
    fs::remove_file(shop.path(name)).unwrap();
    shop.pipe(name);
}

#[test]
fn a_manifest_that_is_no_file_or_has_no_end_is_refused() {
    let what = "a file belongs here";
    let folder = |_: &Shop, store: &Path| {
        fs::remove_file(store.join("MANIFEST")).unwrap();
        fs::create_dir(store.join("MANIFEST")).unwrap();
    };
    spoilt(folder, &all(), &["MANIFEST", what]);
    spoilt(|shop, _| pipe_at(shop, "s/MANIFEST"), &all(), &["MANIFEST", what]);
    let device = |_: &Shop, store: &Path| {
        fs::remove_file(store.join("MANIFEST")).unwrap();
        symlink("/dev/zero", store.join("MANIFEST")).unwrap();
    };
    spoilt(device, &all(), &["MANIFEST", what]);
    let longer = |_: &Shop, store: &Path| {
        OpenOptions::new().write(true).open(store.join("MANIFEST")).unwrap().set_len(10 << 30).unwrap();
    };
    spoilt(longer, &all(), &["MANIFEST", "cut off"]);
    let zeros = |_: &Shop, store: &Path| {
        let file = OpenOptions::new().write(true).truncate(true).open(store.join("MANIFEST")).unwrap();
        file.set_len(10 << 30).unwrap();
    };
    spoilt(zeros, &all(), &["MANIFEST", "no header line"]);
    let circle = |_: &Shop, store: &Path| {
        fs::remove_file(store.join("MANIFEST")).unwrap();
        symlink("MANIFEST", store.join("MANIFEST")).unwrap();
    };
    spoilt(circle, &all(), &["MANIFEST", "Too many levels of symbolic links"]);
}

#[test]
fn folders_and_files_of_a_store_that_are_links_pipes_or_folders_are_refused() {
    let circle = |name: &'static str| {
        move |_: &Shop, store: &Path| {
            fs::remove_dir_all(store.join(name)).unwrap();
            symlink(name, store.join(name)).unwrap();
        }
    };
    spoilt(circle("segments"), &all(), &["segments", "Too many levels of symbolic links"]);
    spoilt(circle("log"), &all(), &["log", "Too many levels of symbolic links"]);
    let lock = |_: &Shop, store: &Path| {
        fs::remove_file(store.join("LOCK")).unwrap();
        fs::create_dir(store.join("LOCK")).unwrap();
    };
    spoilt(lock, &WRITE, &["LOCK", "a file belongs here"]);
    spoilt(|shop, _| pipe_at(shop, "s/LOCK"), &WRITE, &["LOCK", "a file belongs here"]);
    let segment = |shop: &Shop, store: &Path| {
        let path = fs::read_dir(store.join("segments")).unwrap().next().unwrap().unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        pipe_at(shop, &format!("s/segments/{name}"));
    };
    spoilt(segment, &all(), &["segments/"]);
    let longer = |_: &Shop, store: &Path| {
        for entry in fs::read_dir(store.join("segments")).unwrap() {
            OpenOptions::new().write(true).open(entry.unwrap().path()).unwrap().set_len(10 << 30).unwrap();
        }
    };
    spoilt(longer, &all(), &["segments/"]);
}
