//! Folders, globs and what lies in them.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use super::size;
use super::watched::{refused, watch};
use crate::shop::Shop;

const ROWS: &str = "ITEM_ID,TITLE,PRICE,GENRE\ni1,a,1,b\n";

/// A folder with one good file.
fn folder(shop: &Shop, name: &str) {
    fs::create_dir(shop.path(name)).unwrap();
    shop.write(&format!("{name}/a.csv"), ROWS);
}

/// Fills a folder with files of the same content, some names for each.
fn fill(folder: &Path, files: usize) {
    for number in 0..files {
        let name = |number: usize| folder.join(format!("{number:06}.csv"));
        // A file system allows only so many names for a file.
        match number % 1_000 {
            0 => fs::write(name(number), ROWS).unwrap(),
            rest => fs::hard_link(name(number - rest), name(number)).unwrap(),
        }
    }
}

#[test]
fn more_than_a_hundred_thousand_files_are_refused() {
    let shop = Shop::stocked();
    fs::create_dir(shop.path("many")).unwrap();
    fill(&shop.path("many"), 100_001);
    for source in ["many", "many/*", "many/*.csv", "**/*.csv"] {
        let words = ["import", "s", "items", source, "--report", "report.json"];
        refused(&shop, &words, None)
            .says(&[source, "more than 100000 files (limit `files`)"])
            .takes_at_most(100);
    }
    let words = ["import", "s", "items", "many/00000?.csv", "many/*1.csv", "many/0*.csv"];
    refused(&shop, &words, None).says(&["limit `files`"]);
    let files = size(2_000, 100_000);
    (files..100_001).for_each(|number| fs::remove_file(shop.path(&format!("many/{number:06}.csv"))).unwrap());
    let read = watch(&shop, &["import", "s", "items", "many", "--json"], None);
    assert_eq!((read.code, read.json()["files"].as_u64()), (0, Some(files)), "{}", read.stderr);
    read.takes_at_most(150);
}

#[test]
fn a_pipe_or_socket_in_a_folder_is_refused_and_not_waited_for() {
    let shop = Shop::stocked();
    folder(&shop, "pipe");
    shop.pipe("pipe/p.csv");
    folder(&shop, "socket");
    let _listening = UnixListener::bind(shop.path("socket/s.csv")).unwrap();
    for source in ["pipe", "pipe/*.csv", "socket", "socket/*"] {
        refused(&shop, &["import", "s", "items", source], None)
            .says(&[".csv: no file but a pipe, socket or device"]);
    }
    refused(&shop, &["import", "s", "items", "socket/s.csv"], None).says(&["socket/s.csv: this is a socket"]);
    // What is skipped anyway may be anything.
    fs::rename(shop.path("pipe/p.csv"), shop.path("pipe/.p.csv")).unwrap();
    assert_eq!(watch(&shop, &["import", "s", "items", "pipe"], None).code, 0);
}

#[test]
fn a_link_that_leads_nowhere_is_not_left_out_without_a_word() {
    let shop = Shop::stocked();
    folder(&shop, "in");
    symlink("none.csv", shop.path("in/b.csv")).unwrap();
    for source in ["in", "in/*.csv", "in/b.csv"] {
        refused(&shop, &["import", "s", "items", source], None)
            .says(&["in/b.csv: a link that leads nowhere"]);
    }
    fs::remove_file(shop.path("in/b.csv")).unwrap();
    symlink("c.csv", shop.path("in/c.csv")).unwrap();
    for source in ["in", "in/*.csv", "in/c.csv"] {
        refused(&shop, &["import", "s", "items", source], None)
            .says(&["in/c.csv: Too many levels of symbolic links"]);
    }
}

#[test]
fn circles_of_folders_end() {
    let shop = Shop::stocked();
    folder(&shop, "in");
    fs::create_dir_all(shop.path("in/deep/er.csv")).unwrap();
    shop.write("in/deep/b.csv", ROWS.replace("i1", "i2"));
    for name in ["in/x", "in/y", "in/deep/z"] {
        symlink("..", shop.path(name)).unwrap();
    }
    for (source, files) in [("in", 1), ("in/**/*.csv", 2), ("in/x/in/*.csv", 1), ("in/**/**/b.csv", 1)] {
        let read = watch(&shop, &["import", "s", "items", source, "--json"], None);
        assert_eq!((read.code, read.json()["files"].as_u64()), (0, Some(files)), "{source}: {}", read.stderr);
    }
    // A folder under the name of a file is a folder.
    refused(&shop, &["import", "s", "items", "in/deep/er.csv"], None).says(&["holds no file to import"]);
    refused(&shop, &["import", "s", "items", "in/deep/er*"], None).says(&["no file matches"]);
}

#[test]
fn a_pipe_named_as_a_source_is_a_stream() {
    let shop = Shop::stocked();
    let pipe = shop.pipe("pipe.csv");
    let writer = std::thread::spawn(move || fs::write(pipe, ROWS).unwrap());
    assert_eq!(watch(&shop, &["import", "s", "items", "pipe.csv"], None).code, 0);
    writer.join().unwrap();
}
