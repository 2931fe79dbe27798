//! Files that others change while they are read.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::watched::{files, unchanged, watch_child};
use crate::shop::Shop;

/// A large file, and a pipe after it: the import stands still with both open or read, while the first is changed.
fn changed(name: &str, content: &[u8], change: impl FnOnce(&Path)) -> String {
    let shop = Shop::stocked();
    shop.write(name, content);
    let before = files(&shop.path("s"));
    let child = shop.command(["import", "s", "items", name, "--threads", "1"]);
    let child = stopped(child, &shop.path(name));
    change(&shop.path(name));
    resume(&child);
    let told = watch_child(&[name], child, None);
    assert_eq!(told.code, 1, "{}", told.stderr);
    unchanged(&shop, &before);
    told.stderr
}

/// The command, stopped as soon as it has the file open and some of it read.
fn stopped(mut command: Command, file: &Path) -> Child {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let file = file.canonicalize().unwrap();
    let is_read = |handle: fs::DirEntry| {
        let info = fs::read_to_string(process.join("fdinfo").join(handle.file_name())).unwrap_or_default();
        fs::read_link(handle.path()).is_ok_and(|path| path == file) && !info.starts_with("pos:\t0\n")
    };
    let some_is_read =
        || fs::read_dir(process.join("fd")).is_ok_and(|mut all| all.any(|it| it.is_ok_and(is_read)));
    while !some_is_read() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be stopped");
        thread::yield_now();
    }
    signal(&child, "-STOP");
    thread::sleep(Duration::from_millis(20));
    child
}

fn resume(child: &Child) {
    signal(child, "-CONT");
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Enough that it is not read before the test can stop the import.
fn rows() -> Vec<u8> {
    let row = "i1,a title that is there again and again,1,Drama\n".repeat(1 << 20);
    format!("ITEM_ID,TITLE,PRICE,GENRE\n{row}").into_bytes()
}

fn open(path: &Path) -> fs::File {
    OpenOptions::new().write(true).open(path).unwrap()
}

#[test]
fn a_file_that_is_cut_extended_or_written_to_fails_its_import() {
    let cut = changed("items.csv", &rows(), |path| open(path).set_len(1 << 20).unwrap());
    assert!(cut.contains("items.csv: it changed while it was read (it had "), "{cut}");
    let emptied = changed("items.csv", &rows(), |path| open(path).set_len(0).unwrap());
    assert!(emptied.contains(" and has 0): run the import again when nobody writes to it"), "{emptied}");
    let longer = changed("items.csv", &rows(), |path| {
        OpenOptions::new().append(true).open(path).unwrap().write_all(b"i2,b,1,Drama\n").unwrap();
    });
    assert!(longer.contains("items.csv: it changed while it was read"), "{longer}");
    let written = changed("items.csv", &rows(), |path| {
        thread::sleep(Duration::from_millis(50));
        open(path).write_all(b"ITEM").unwrap();
    });
    assert!(written.contains("items.csv: it changed while it was read (it was written to)"), "{written}");
}

#[test]
fn so_does_a_compressed_or_typed_one() {
    // Large as it is: the import is not through with it before it is stopped.
    let mut state = 1_u32;
    let noise: String = (0..200_000)
        .map(|row| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("{{\"ITEM_ID\":\"i{row}\",\"TITLE\":\"{state:x}{:x}\"}}\n", state.rotate_left(7))
        })
        .collect();
    let packed = zstd::encode_all(noise.as_bytes(), 1).unwrap();
    let cut = changed("items.jsonl.zst", &packed, |path| open(path).set_len(1 << 20).unwrap());
    assert!(cut.contains("items.jsonl.zst: it changed while it was read"), "{cut}");

    let shop = Shop::new();
    shop.write("items.csv", rows());
    shop.write("noise.jsonl", noise);
    shop.run(["import", "s", "items", "noise.jsonl"]).ok();
    for name in ["items.arrow", "items.parquet"] {
        shop.run(["export", "s", "items", name]).ok();
        let content = fs::read(shop.path(name)).unwrap();
        let cut = changed(name, &content, |path| open(path).set_len(4096).unwrap());
        assert!(cut.contains(&format!("{name}: it changed while it was read")), "{cut}");
    }
}

#[test]
fn a_file_that_is_replaced_or_removed_is_read_as_it_was() {
    for replace in [true, false] {
        let shop = Shop::stocked();
        shop.write("items.csv", rows());
        let child =
            stopped(shop.command(["import", "s", "items", "items.csv", "--json"]), &shop.path("items.csv"));
        if replace {
            shop.write("other.csv", "ITEM_ID,TITLE,PRICE,GENRE\nother,,,\n");
            fs::rename(shop.path("other.csv"), shop.path("items.csv")).unwrap();
        } else {
            fs::remove_file(shop.path("items.csv")).unwrap();
        }
        resume(&child);
        let read = watch_child(&["import"], child, None);
        assert_eq!((read.code, read.json()["rows_read"].as_u64()), (0, Some(1 << 20)), "{}", read.stderr);
    }
}
