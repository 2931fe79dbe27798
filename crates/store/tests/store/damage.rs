//! Design section 7.4: bytes flipped, files cut, removed and exchanged give an error that names the file, or the
//! right data.

mod forged;
mod large;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use restock_store::{Error, MemoryStorage, Storage, Store, View};

use crate::rig::{Double, Rig, image_of, name, text, write};

const VIEWS: [View; 4] = [View::Merged, View::Newest, View::Bulk, View::Individual];

/// The last frame of a log that was closed.
const SEAL_BYTES: usize = 40;

/// A small store with every kind of file, closed cleanly, and what it shows.
fn prepared() -> (MemoryStorage, Vec<Vec<String>>) {
    let memory = MemoryStorage::new();
    let rig = Rig::on(memory.clone()).with_datasets();
    rig.full("items", &["a x 1", "b - 2", "c x -"]);
    rig.put("items", &["c mine 5"]);
    rig.incremental("items", &["b y 4"]);
    rig.full("interactions", &["u1 a 1 view", "u2 b 2 buy"]);
    rig.put("items", &["d mine 6"]);
    rig.put("interactions", &["u1 c 3 view"]);
    rig.delete("items", &["a"]);
    rig.verify();
    drop(rig);
    let image = image_of(&memory);
    let rows = read_all(&Store::open_storage_read_only(Arc::new(image.clone())).unwrap());
    (image, rows.into_iter().map(Result::unwrap).collect())
}

/// Every view of every dataset, and every point read.
fn read_all(store: &Store) -> Vec<Result<Vec<String>, Error>> {
    let snapshot = store.snapshot();
    let mut all = Vec::new();
    for dataset in ["items", "interactions"] {
        let one = snapshot.dataset(&name(dataset)).unwrap();
        for view in VIEWS {
            all.push(one.scan().view(view).batches().and_then(|batches| {
                let batches = batches.collect::<Result<Vec<_>, Error>>()?;
                Ok(batches.iter().flat_map(text).collect())
            }));
        }
        if one.record_id().is_some() {
            for id in ["a", "b", "c", "d", "e"] {
                all.push(one.get(id, View::Newest).map(|row| row.iter().flat_map(text).collect()));
            }
        }
    }
    all
}

fn names_the_file(error: &Error, path: &str) -> bool {
    match error {
        Error::Damaged { file, .. } | Error::NewerFormat { file, .. } => file == path,
        _ => false,
    }
}

/// What a damaged store did: whether opening, reading or verifying noticed.
fn try_out(image: &MemoryStorage, expected: &[Vec<String>], path: &str, what: &str) -> bool {
    let store = match Store::open_storage_read_only(Arc::new(image.clone())) {
        Ok(store) => store,
        Err(error) => {
            assert!(names_the_file(&error, path), "{what}: {error:?}");
            return true;
        }
    };
    let mut noticed = false;
    for (read, expected) in read_all(&store).into_iter().zip(expected) {
        match read {
            Ok(rows) => assert_eq!(&rows, expected, "{what} gave other rows"),
            Err(error) => {
                assert!(names_the_file(&error, path), "{what}: {error:?}");
                noticed = true;
            }
        }
    }
    let report = store.verify().unwrap();
    assert!(report.damaged.iter().all(|line| line.contains(path)), "{what}: {:?}", report.damaged);
    assert!(!report.is_ok() || !noticed, "{what}: verify finds what a read finds");
    !report.is_ok()
}

fn files(image: &MemoryStorage) -> Vec<String> {
    let folder = |dir: &str| -> Vec<String> {
        image.list(dir).unwrap().into_iter().map(|file| format!("{dir}/{file}")).collect()
    };
    [vec!["MANIFEST".to_owned()], folder("segments"), folder("log")].concat()
}

/// Bytes of the log that hold frames; behind them there are zeros.
fn log_end(content: &[u8]) -> usize {
    content.iter().rposition(|byte| *byte != 0).map_or(0, |last| (last + 1).next_multiple_of(8))
}

#[test]
fn every_flipped_byte_of_every_file_is_noticed() {
    let (image, expected) = prepared();
    let kinds: BTreeSet<String> =
        files(&image).iter().filter_map(|file| file.rsplit('.').next().map(str::to_owned)).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["MANIFEST", "arrow", "del", "keys", "log"]);
    let mut flips = 0;
    for path in files(&image) {
        let content = image.read(&path).unwrap();
        let is_log = path.starts_with("log/");
        let exhaustive = if is_log { log_end(&content) } else { content.len() };
        let spread = (exhaustive..content.len()).step_by(4099);
        for at in (0..exhaustive).chain(spread) {
            let mut flipped = content.clone();
            flipped[at] ^= 1 << (at % 8);
            let damaged = image_of(&image);
            write(&damaged, &path, &flipped);
            let what = format!("byte {at} of {path} flipped");
            // Without its seal a log is one that was not closed: all it holds is there.
            let in_seal = is_log && (exhaustive - SEAL_BYTES..exhaustive).contains(&at);
            assert!(try_out(&damaged, &expected, &path, &what) || in_seal, "{what} and nobody noticed");
            flips += 1;
        }
    }
    println!("damage: {flips} bytes flipped in small files");
    assert!(flips > 5_000, "{flips}");
}

#[test]
fn files_cut_at_any_length_are_noticed() {
    let (image, expected) = prepared();
    for path in files(&image) {
        let content = image.read(&path).unwrap();
        let step = if path.starts_with("log/") { 997 } else { 13 };
        let end = if path.starts_with("log/") { log_end(&content) } else { content.len() };
        for length in (0..end).step_by(step) {
            let damaged = image_of(&image);
            write(&damaged, &path, &content[..length]);
            let what = format!("{path} cut to {length} bytes");
            // A log may end anywhere: cut where a frame ends, it reads as one that is shorter. Only its
            // missing seal is left to tell, and nothing says that there was one.
            if path.starts_with("log/") && length >= 32 {
                drop(Store::open_storage_read_only(Arc::new(damaged)));
            } else {
                assert!(try_out(&damaged, &expected, &path, &what), "{what} and nobody noticed");
            }
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let (image, _) = prepared();
    for path in files(&image).iter().filter(|path| *path != "MANIFEST") {
        let damaged = image_of(&image);
        damaged.remove(path).unwrap();
        for opened in
            [Store::open_storage_read_only(Arc::new(damaged.clone())), Store::open_storage(Arc::new(damaged))]
        {
            let error = opened.unwrap_err();
            let named = matches!(&error, Error::Damaged { file, detail, .. } if file == "MANIFEST" && detail.contains(path));
            assert!(named, "{path}: {error:?}");
        }
    }
}

#[test]
fn files_exchanged_for_others_of_their_kind_are_noticed() {
    let (image, expected) = prepared();
    let all = files(&image);
    for path in &all {
        for other in all.iter().filter(|other| *other != path && ending(other) == ending(path)) {
            let (one, two) = (image.read(path).unwrap(), image.read(other).unwrap());
            let damaged = image_of(&image);
            write(&damaged, path, &two);
            write(&damaged, other, &one);
            let what = format!("{path} and {other} exchanged");
            let store = Store::open_storage_read_only(Arc::new(damaged));
            let Ok(store) = store else { continue };
            for (read, expected) in read_all(&store).into_iter().zip(&expected) {
                assert!(read.as_ref().map_or(true, |rows| rows == expected), "{what}: {read:?}");
            }
            assert!(!store.verify().unwrap().is_ok(), "{what}");
        }
    }
}

fn ending(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, ending)| ending)
}

/// A store that does not open is verified all the same, and every damaged file is listed, not the first alone.
#[test]
fn all_damage_of_a_store_that_does_not_open_is_listed() {
    let (image, _) = prepared();
    assert_eq!(Store::verify_storage(&image).unwrap().damaged, [""; 0]);
    let all = files(&image);
    let of = |ending: &str| all.iter().find(|path| path.ends_with(ending)).unwrap();
    let (rows, keys, vectors, log) = (of(".arrow"), of(".keys"), of(".del"), of(".log"));
    for path in [rows, vectors] {
        let content = image.read(path).unwrap();
        write(&image, path, &content[..content.len() - 1]);
    }
    image.remove(keys).unwrap();
    let mut content = image.read(log).unwrap();
    content[40] ^= 1;
    write(&image, log, &content);
    Store::open_storage_read_only(Arc::new(image.clone())).unwrap_err();
    let report = Store::verify_storage(&image).unwrap();
    assert_eq!(report.damaged.len(), 4, "{:?}", report.damaged);
    for path in [rows, keys, vectors, log] {
        assert!(report.damaged.iter().any(|line| line.contains(path)), "{path}: {:?}", report.damaged);
    }
    assert!(report.version > 1 && report.files == all.len() as u64, "{report:?}");
    write(&image, "MANIFEST", b"restock-store 1");
    let report = Store::verify_storage(&image).unwrap();
    assert_eq!(report.damaged, ["MANIFEST: it has no header line"]);
    image.remove("MANIFEST").unwrap();
    assert_eq!(Store::verify_storage(&image).unwrap().damaged, ["MANIFEST: it is missing"]);
}

#[test]
fn a_folder_without_a_store_is_not_verified() {
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().to_owned(), dir.path().join("nowhere")] {
        assert!(matches!(Store::verify_path(path), Err(Error::NotAStore { .. })));
    }
}

/// Beside a live writer a group of the log may be caught half written: read again, it is whole.
#[test]
fn a_log_caught_half_written_is_no_damage() {
    let storage = Double::new();
    let rig = Rig::on(storage.clone()).with_datasets();
    (0..4).for_each(|n| {
        rig.put("items", &[&format!("i{n} x 1")]);
    });
    let reads = AtomicU64::new(0);
    storage.reading(move |path, mut bytes| {
        if path.starts_with("log/") && reads.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
            bytes[80] ^= 1;
        }
        bytes
    });
    for _ in 0..3 {
        assert_eq!(rig.store.verify().unwrap().damaged, [""; 0]);
    }
}
