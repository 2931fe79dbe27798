//! Damage to files that are too large to try each of their bytes: a spread of them.
//!
//! `RESTOCK_FLIPS=20000` asks for so many flips, and a tenth of that of cuts.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use restock_store::{Error, ImportMode, ImportRequest, MemoryStorage, Storage, Store, View};

use super::{files, log_end, names_the_file};
use crate::rig::{Rig, name, write};

/// Flips unless `RESTOCK_FLIPS` says otherwise.
const FLIPS: usize = 240;
/// A damaged length must not be believed: no test here needs as much.
const MEMORY_MAX: u64 = 3 << 30;

/// An even spread of numbers, the same in each run.
struct Spread(u64);

impl Spread {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end.max(1) as u64) as usize
    }
}

/// Segments of several batches, key indexes of several blocks, vectors, and a long log without a seal's help: 30,000
/// rows in frames.
fn prepared() -> MemoryStorage {
    let memory = MemoryStorage::new();
    let rig = Rig::on(memory.clone()).with_datasets();
    let rows = |from: usize, to: usize, what: &str| -> Vec<String> {
        (from..to).map(|n| format!("item-{n} {what}{} {n}.5", n % 7)).collect()
    };
    let import = |mode, batches: &[Vec<String>]| {
        let request = ImportRequest { mode, ..ImportRequest::default() };
        let batches: Vec<Vec<&str>> =
            batches.iter().map(|rows| rows.iter().map(String::as_str).collect()).collect();
        let batches: Vec<&[&str]> = batches.iter().map(|rows| &rows[..]).collect();
        rig.import_batches("items", request, &batches).unwrap();
    };
    import(ImportMode::Full, &[rows(0, 60_000, "old"), rows(60_000, 110_000, "old")]);
    import(ImportMode::Incremental, &[rows(100_000, 120_000, "new")]);
    let gone: Vec<String> = (0..3000).map(|n| format!("item-{}", n * 17)).collect();
    rig.delete("items", &gone.iter().map(String::as_str).collect::<Vec<_>>());
    for part in 0..30 {
        let rows = rows(part * 1000, (part + 1) * 1000, "mine");
        rig.put("items", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    }
    drop(rig);
    memory
}

fn read(store: &Store) -> Vec<Result<Vec<RecordBatch>, Error>> {
    let items = store.snapshot().dataset(&name("items")).unwrap();
    let scan = |view| items.scan().view(view).batches().and_then(Iterator::collect);
    let mut all = vec![scan(View::Merged), scan(View::Newest)];
    all.extend(
        ["item-5", "item-99999", "item-119999", "item-17"]
            .map(|id| items.get(id, View::Bulk).map(|row| row.into_iter().collect())),
    );
    all
}

/// Whether opening, reading or verifying noticed; opening for writing must leave every file as it is.
fn noticed(image: &MemoryStorage, expected: &[Vec<RecordBatch>], path: &str, what: &str) -> bool {
    let store = match Store::open_storage_read_only(Arc::new(image.clone())) {
        Ok(store) => store,
        Err(error) => {
            assert!(names_the_file(&error, path), "{what}: {error:?}");
            let before = files(image);
            let error = Store::open_storage(Arc::new(image.clone())).unwrap_err();
            assert!(names_the_file(&error, path), "{what}: {error:?}");
            assert_eq!(files(image), before, "{what}: a store that does not open keeps all its files");
            return true;
        }
    };
    for (read, expected) in read(&store).into_iter().zip(expected) {
        match read {
            Ok(rows) => assert!(&rows == expected, "{what} gave other rows"),
            Err(error) => assert!(names_the_file(&error, path), "{what}: {error:?}"),
        }
    }
    let report = store.verify().unwrap();
    assert!(report.damaged.iter().all(|line| line.contains(path)), "{what}: {:?}", report.damaged);
    !report.is_ok()
}

#[test]
fn a_spread_of_flips_and_cuts_is_noticed() {
    let limit = rustix::process::Rlimit { current: Some(MEMORY_MAX), maximum: None };
    rustix::process::setrlimit(rustix::process::Resource::Data, limit).unwrap();
    let image = prepared();
    let expected: Vec<Vec<RecordBatch>> =
        read(&Store::open_storage_read_only(Arc::new(image.clone())).unwrap())
            .into_iter()
            .map(Result::unwrap)
            .collect();
    let flips: usize = std::env::var("RESTOCK_FLIPS").map_or(FLIPS, |text| text.parse().unwrap());
    let (mut spread, mut done) = (Spread(1), (0, 0));
    let all = files(&image);
    assert!(all.iter().any(|path| path.ends_with(".keys")) && all.iter().any(|path| path.ends_with(".del")));
    for path in &all {
        let content = image.read(path).unwrap();
        let end = if path.starts_with("log/") { log_end(&content) - 40 } else { content.len() };
        for _ in 0..flips / all.len() {
            let (at, bit) = (spread.below(end), spread.below(8));
            let mut damaged = content.clone();
            damaged[at] ^= 1 << bit;
            write(&image, path, &damaged);
            let what = format!("bit {bit} of byte {at} of {path} flipped");
            assert!(noticed(&image, &expected, path, &what), "{what} and nobody noticed");
            done.0 += 1;
        }
        // A log that is cut reads as a shorter one, unless its header is cut too: nothing says how long it was.
        for _ in 0..if path.starts_with("log/") { 0 } else { (flips / all.len()).div_ceil(10) } {
            let length = spread.below(content.len());
            write(&image, path, &content[..length]);
            let what = format!("{path} cut to {length} bytes");
            assert!(noticed(&image, &expected, path, &what), "{what} and nobody noticed");
            done.1 += 1;
        }
        write(&image, path, &content);
    }
    println!("damage: {} bits flipped and {} files cut in {} files", done.0, done.1, all.len());
}
