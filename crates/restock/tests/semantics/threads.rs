//! S11: the number of threads changes nothing: not the rows, not their order, not a byte of an export or report.

use std::path::PathBuf;

use restock::{ImportMode, ImportReport, OnError, View};
use tempfile::TempDir;

use crate::export::{FORMATS, bytes};
use crate::model::Dice;
use crate::shelf::Shelf;

/// Text of one source: several of the chunks that are parsed in parallel, whose size is 4 MiB.
const SOURCE_BYTES: usize = 9 << 20;

/// A report without what depends on the clock and on the store's version.
fn told(mut report: ImportReport) -> ImportReport {
    report.seconds = 0.0;
    report.phases.clear();
    report.work.clear();
    report
}

/// CSV whose records are quoted, broken over lines and at fault now and then, so that chunks end inside of them.
fn source(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let mut text = "USER_ID,AGE,COUNTRY,VIP,NOTE\n".to_owned();
    while text.len() < SOURCE_BYTES {
        let id = dice.below(40_000);
        let age = if dice.one_in(2000) { "old".to_owned() } else { dice.below(99).to_string() };
        let country = dice.of(&["DE", "FR", "", "\"A,B\"", "Côte d'Ivoire"]);
        let note = match dice.below(6) {
            0 => String::new(),
            1 => "\"\"".to_owned(),
            2 => format!("\"{}\n,\"\"{}\"\"\r\n\"", "line ".repeat(dice.below(40)), dice.below(9)),
            _ => format!("note {}", "x".repeat(dice.below(200))),
        };
        text += &format!("u{id},{age},{country},{},{note}\n", dice.one_in(2));
    }
    text
}

fn run(paths: &[PathBuf], threads: usize) -> (Vec<Vec<u8>>, Vec<ImportReport>) {
    let store = restock::Store::in_memory().unwrap();
    let shelf = Shelf::of("users");
    let users = shelf.create(&store).unwrap();
    let import = |paths: &[PathBuf], mode| {
        let import = users.import_all(paths).mode(mode).on_error(OnError::Skip).threads(threads);
        told(import.run().unwrap())
    };
    let full = import(&paths[..2], ImportMode::Full);
    let incremental = import(&paths[2..], ImportMode::Incremental);
    assert!(full.rejected > 10 && full.superseded > 100 && incremental.replaced > 100, "{full:?}");
    let snapshot = users.snapshot().unwrap();
    let exports = FORMATS.map(|format| bytes(&snapshot, format, View::Merged).unwrap());
    (exports.to_vec(), vec![full, incremental])
}

#[test]
fn one_two_and_eight_threads_give_the_same_exports_and_reports() {
    let folder = TempDir::new().unwrap();
    let paths: Vec<PathBuf> = (0..3).map(|number| folder.path().join(format!("{number}.csv"))).collect();
    for (seed, path) in paths.iter().enumerate() {
        std::fs::write(path, source(seed as u64)).unwrap();
    }
    let (exports, reports) = run(&paths, 1);
    for threads in [2, 8] {
        let (found, found_reports) = run(&paths, threads);
        assert_eq!(found_reports, reports, "with {threads} threads");
        for (format, (found, expected)) in FORMATS.iter().zip(found.iter().zip(&exports)) {
            assert!(found == expected, "the {format:?} export differs with {threads} threads");
        }
    }
}
