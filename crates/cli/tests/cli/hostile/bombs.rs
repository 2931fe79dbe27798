//! Small files that unpack to large ones.

use std::fs::File;
use std::io::Write;

use flate2::write::GzEncoder;

use super::size;
use super::watched::{Watched, refused, watch};
use crate::shop::Shop;

const HEADER: &str = "ITEM_ID,TITLE,PRICE,GENRE\n";

/// A gzip member or zstd frame of a piece, repeated.
fn pack(codec: &str, piece: &[u8], times: u64) -> Vec<u8> {
    if codec == "gz" {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
        (0..times).for_each(|_| encoder.write_all(piece).unwrap());
        return encoder.finish().unwrap();
    }
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    (0..times).for_each(|_| encoder.write_all(piece).unwrap());
    encoder.finish().unwrap()
}

/// A file of a header and the same member again and again.
fn bomb(shop: &Shop, name: &str, codec: &str, piece: &[u8], members: u64) {
    let mut file = File::create(shop.path(name)).unwrap();
    file.write_all(&pack(codec, HEADER.as_bytes(), 1)).unwrap();
    let member = pack(codec, piece, 64);
    (0..members).for_each(|_| file.write_all(&member).unwrap());
}

#[test]
fn a_line_of_gigabytes_in_a_small_file_costs_no_more_than_its_limit() {
    let shop = Shop::stocked();
    std::fs::create_dir(shop.path("in")).unwrap();
    shop.write("in/a.csv", format!("{HEADER}i1,a,1,b\n"));
    for codec in ["gz", "zst"] {
        let name = format!("in/bomb.csv.{codec}");
        bomb(&shop, &name, codec, &[b'a'; 1 << 20], size(4, 500));
        for source in [&*name, "in", "in/*"] {
            let told = refused(&shop, &["import", "s", "items", source], None);
            told.says(&[&name, "record_bytes"]).takes_at_most(300);
        }
        std::fs::remove_file(shop.path(&name)).unwrap();
    }
}

#[test]
fn rows_of_gigabytes_in_a_small_file_are_read_in_bounded_memory() {
    let shop = Shop::stocked();
    let rows: String = (0..20_000).map(|row| format!("i{row},the same title again,1,Drama\n")).collect();
    for codec in ["gz", "zst"] {
        let name = format!("rows.csv.{codec}");
        bomb(&shop, &name, codec, rows.as_bytes(), size(1, 30));
        let read = watch(&shop, &["import", "s", "items", &name, "--json"], None);
        assert_eq!((read.code, read.json()["rows_read"].as_u64()), (0, Some(64 * 20_000 * size(1, 30))));
        read.takes_at_most(300);
    }
}

#[test]
fn members_without_content_and_too_large_windows_end() {
    let shop = Shop::stocked();
    let imported = |name: &str| -> Watched { refused(&shop, &["import", "s", "items", name], None) };
    for codec in ["gz", "zst"] {
        let name = format!("empty.csv.{codec}");
        let members = [pack(codec, HEADER.as_bytes(), 1), pack(codec, b"", 1).repeat(100_000)].concat();
        shop.write(&name, members);
        imported(&name).says(&["no row", "--allow-empty"]).takes_at_most(50);
    }
    // A frame's header that asks for a window of 2 GiB, and of the largest there is.
    for descriptor in [21 << 3, 0xff] {
        shop.write("window.csv.zst", [0x28, 0xb5, 0x2f, 0xfd, 0, descriptor, 0, 0, 0, 0]);
        imported("window.csv.zst")
            .says(&["window.csv.zst", "zstd_window_bytes", "134217728", "--long=27"])
            .takes_at_most(50);
    }
    // A member that calls itself a file name without end.
    let mut endless = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
    endless.resize(10 << 20, b'x');
    shop.write("name.csv.gz", endless);
    imported("name.csv.gz").says(&["name.csv.gz", "gzip"]).takes_at_most(50);
}
