//! One piece of work by one of the others that are called from Rust, timed, as one line of JSON: what
//! `benches/compare/run.py` runs beside `measure`.
//!
//! `peer lmdb|sqlite full items DATA WORK`, `peer lmdb|sqlite get DATA WORK`, `peer lmdb|sqlite open WORK`,
//! `peer sqlite put WORK`, `peer disk put WORK`, `peer arrow-csv|simd-csv csv interactions|items DATA`. Each is a
//! process of its own; what is synced is synced when its time ends.

mod csv;
mod disk;
mod lmdb;
mod sqlite;

use restock_benches::answers::Result;

const USAGE: &str = "usage: peer lmdb|sqlite full items DATA WORK | lmdb|sqlite get DATA WORK | lmdb|sqlite open WORK \
                     | sqlite|disk put WORK | arrow-csv|simd-csv csv TABLE DATA";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let measured = match *arguments {
        ["lmdb", "full", "items", data, work] => lmdb::full(data.as_ref(), work.as_ref())?,
        ["lmdb", "get", data, work] => lmdb::get(data.as_ref(), work.as_ref())?,
        ["lmdb", "open", work] => lmdb::open(work.as_ref())?,
        ["sqlite", "full", "items", data, work] => sqlite::full(data.as_ref(), work.as_ref())?,
        ["sqlite", "get", data, work] => sqlite::get(data.as_ref(), work.as_ref())?,
        ["sqlite", "open", work] => sqlite::open(work.as_ref())?,
        ["sqlite", "put", work] => sqlite::put(work.as_ref())?,
        ["disk", "put", work] => disk::put(work.as_ref())?,
        ["arrow-csv", "csv", table, data] => csv::arrow(table, data.as_ref())?,
        ["simd-csv", "csv", table, data] => csv::simd(table, data.as_ref())?,
        _ => return Err(USAGE.into()),
    };
    println!("{measured}");
    Ok(())
}
