//! Parquet and Arrow files that claim more than they hold, or hold more than they should.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};

use super::size;
use super::watched::{feed, refused, watch};
use crate::shop::Shop;

/// A store with some rows, and a file of them.
fn exported(name: &str) -> (Shop, Vec<u8>) {
    let shop = Shop::stocked();
    shop.run(["export", "s", "items", name]).ok();
    let bytes = fs::read(shop.path(name)).unwrap();
    (shop, bytes)
}

#[test]
fn lengths_that_the_file_does_not_have_are_not_allocated() {
    for (name, trailer) in [("a.parquet", 8), ("a.arrow", 10)] {
        let (shop, bytes) = exported(name);
        let words = ["import", "s", "items", name];
        for length in [u32::MAX, i32::MAX.cast_unsigned(), 1 << 30, 1 << 20, 0] {
            let mut wrong = bytes.clone();
            let at = wrong.len() - trailer;
            wrong[at..at + 4].copy_from_slice(&length.to_le_bytes());
            shop.write(name, &wrong);
            refused(&shop, &words, None).says(&[name, "nothing was imported"]).takes_at_most(50);
        }
        // And now the file is as long as it says, without a byte on the disk.
        let mut file = File::create(shop.path(name)).unwrap();
        file.write_all(&bytes[..16]).unwrap();
        file.set_len(8 << 30).unwrap();
        file.seek(SeekFrom::Start((8 << 30) - trailer as u64)).unwrap();
        file.write_all(&(1_u32 << 30).to_le_bytes()).unwrap();
        file.write_all(&bytes[bytes.len() - trailer + 4..]).unwrap();
        refused(&shop, &words, None).says(&[name, "limit message_bytes (268435456)"]).takes_at_most(50);
    }
}

#[test]
fn streams_without_end_are_read_up_to_a_limit() {
    let shop = Shop::stocked();
    let message = |length: u32| [u32::MAX.to_le_bytes(), length.to_le_bytes()].concat();
    for length in [i32::MAX.cast_unsigned(), 1 << 29] {
        let input: super::watched::Feed = Box::new(move |stdin| {
            stdin.write_all(&message(length))?;
            (0..1024).try_for_each(|_| stdin.write_all(&[0; 1 << 20]))
        });
        let told = refused(&shop, &["import", "s", "items", "-", "--format", "arrow"], Some(input));
        told.says(&["<stdin>", "message_bytes"]).takes_at_most(50);
    }
    let parquet = feed("PAR1\u{1}", vec![0; 1 << 20], 1024);
    let told = refused(&shop, &["import", "s", "items", "-", "--format", "parquet"], parquet);
    told.says(&["<stdin>", "268435456 bytes (limit in_memory_bytes)"]).takes_at_most(350);

    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"PAR1\x01").unwrap();
    (0..300).for_each(|_| packed.write_all(&[0; 1 << 20]).unwrap());
    shop.write("bomb.parquet.gz", packed.finish().unwrap());
    let told = refused(&shop, &["import", "s", "items", "bomb.parquet.gz"], None);
    told.says(&["bomb.parquet.gz", "in_memory_bytes"]).takes_at_most(350);
}

#[test]
fn damage_anywhere_is_an_error_or_rows_and_never_much_memory() {
    for name in ["a.parquet", "a.arrow"] {
        let (shop, bytes) = exported(name);
        let words = ["import", "s", "items", name, "--dry-run"];
        let step = bytes.len() / size(40, 1_000) as usize + 1;
        for at in (8..bytes.len()).rev().step_by(step) {
            for value in [0xff, 0x7f] {
                let mut wrong = bytes.clone();
                wrong[at] = value;
                shop.write(name, wrong);
                watch(&shop, &words, None).takes_at_most(300);
            }
        }
    }
}
