//! S8: after deleting users and `vacuum` no byte of their rows is left in the directory, whatever became of the rows
//! before, and no undo brings them back.

use restock_store::{ImportMode, Snapshot, Store, View};
use xxhash_rust::xxh3::xxh3_64;

use crate::rig::{Rig, files_in, rows_of};

const ANNA: &str = "anna-7f3";
/// Times that only Anna has, too large to turn up by chance.
const TIMES: [i64; 4] = [1_701_234_567_891, 1_702_345_678_912, 1_703_456_789_123, 1_704_567_891_234];
/// Other values that only Anna's rows have.
const TEXTS: [&str; 5] = ["zebra-note", "Antarctica", "secret-event", "item-of-anna", "zebra-again"];

/// What is searched for: texts, numbers as segments and as the log write them, and the fingerprint of the ID.
fn traces() -> Vec<(String, Vec<u8>)> {
    let text = |text: &str| (text.to_owned(), text.as_bytes().to_vec());
    let mut all: Vec<_> = TEXTS.into_iter().chain([ANNA]).map(text).collect();
    for time in TIMES {
        all.push((format!("{time} in a segment"), time.to_le_bytes().to_vec()));
        all.push((format!("{time} in a log"), leb128_zigzag(time)));
    }
    all.push(("the fingerprint".to_owned(), xxh3_64(ANNA.as_bytes()).to_le_bytes().to_vec()));
    all
}

fn leb128_zigzag(number: i64) -> Vec<u8> {
    let (mut rest, mut bytes) = (((number << 1) ^ (number >> 63)) as u64, Vec::new());
    loop {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        if rest == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Which traces are in which files.
fn found(rig: &Rig) -> Vec<(String, String)> {
    let mut hits = Vec::new();
    for (path, content) in files_in(rig.path()) {
        for (what, bytes) in traces() {
            if content.windows(bytes.len()).any(|window| window == bytes) {
                hits.push((what, path.file_name().unwrap().to_string_lossy().into_owned()));
            }
        }
    }
    hits
}

/// Anna among others, in both origins and in what is kept for undo.
fn with_anna() -> Rig {
    let rig = Rig::on_disk();
    let [t0, t1, t2, t3] = TIMES;
    let many = |dataset: &str, mode, mut rows: Vec<String>, hers: &[String]| {
        for (at, row) in hers.iter().enumerate() {
            rows.insert((at + 1) * 100, row.clone());
        }
        rig.import(dataset, mode, &rows.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    };
    let users = (0..400).map(|n| format!("user-{n} DE plain")).collect();
    many("users", ImportMode::Full, users, &[format!("{ANNA} Antarctica zebra-note")]);
    let clicks = |from: i64| (0..400).map(|n| format!("user-{n} item-{n} {} view", from + n)).collect();
    let hers = [format!("{ANNA} item-1 {t0} view"), format!("{ANNA} item-of-anna {t1} secret-event")];
    many("interactions", ImportMode::Full, clicks(1), &hers);
    rig.put("users", &[&format!("{ANNA} Antarctica zebra-again"), "dora DE plain"]);
    rig.put("interactions", &[&format!("{ANNA} item-of-anna {t2} view"), "dora item-1 6 buy"]);
    many(
        "interactions",
        ImportMode::Incremental,
        clicks(1000),
        &[format!("{ANNA} item-1 {t3} secret-event")],
    );
    rig
}

fn gone_after(what: &str, prepare: impl FnOnce(Rig) -> Rig) {
    let rig = prepare(with_anna());
    let before: Vec<String> = found(&rig).into_iter().map(|(what, _)| what).collect();
    for text in TEXTS.iter().chain([&ANNA]) {
        assert!(
            before.iter().any(|found| found == text),
            "{what}: the search finds {text} while it is there"
        );
    }
    let snapshot = rig.store.snapshot();
    let reader = rig.reader();
    rig.delete_users(&[ANNA]);
    assert!(!rig.merged("users").iter().any(|row| row.contains(ANNA)), "{what}");
    rig.vacuum();
    assert_eq!(found(&rig), [], "{what}: after vacuum");
    rig.verify();
    // Who has it open keeps what it has read, until it is told to look again (S9).
    let shows = |snapshot: &Snapshot| {
        rows_of(snapshot, "interactions", View::Merged).iter().any(|row| row.contains(ANNA))
    };
    assert!(shows(&snapshot) && shows(&reader.snapshot()), "{what}");
    reader.refresh().unwrap();
    assert!(!shows(&reader.snapshot()), "{what}");
    for dataset in ["users", "interactions"] {
        assert!(rig.undo(dataset).is_err(), "{what}: nothing is kept for undo");
    }
    assert_eq!(rig.merged("users").len(), 401, "{what}: the others stay");
    let rig = rig.reopen();
    assert_eq!(found(&rig), [], "{what}: after opening again");
    rig.verify();
}

#[test]
fn no_byte_of_deleted_users_is_left() {
    gone_after("rows in the log", |rig| rig);
    gone_after("rows in segments", |rig| {
        rig.store.flush().unwrap();
        rig
    });
    gone_after("compacted rows", |rig| {
        rig.compact();
        rig
    });
    gone_after("a store opened again", Rig::reopen);
    gone_after("a record put again and deleted by ID", |rig| {
        rig.put("users", &[&format!("{ANNA} Antarctica zebra-again")]);
        rig.delete("users", &[ANNA]);
        rig
    });
}

#[test]
fn no_undo_brings_deleted_users_back() {
    let rig = with_anna();
    rig.delete_users(&[ANNA]);
    rig.undo("interactions").unwrap();
    rig.undo("users").unwrap();
    for rig in [&rig, &Rig::on(image(&rig))] {
        for (dataset, view) in
            [("users", View::Bulk), ("users", View::Individual), ("interactions", View::Merged)]
        {
            assert!(!rig.rows(dataset, view).iter().any(|row| row.contains(ANNA)), "{dataset} {view:?}");
        }
    }
    rig.verify();
    rig.vacuum();
    assert_eq!(found(&rig), []);
}

/// The store in another folder, as a copy has it.
fn image(rig: &Rig) -> restock_store::MemoryStorage {
    let memory = restock_store::MemoryStorage::new();
    rig.store.copy_into(&rig.store.snapshot(), std::sync::Arc::new(memory.clone())).unwrap();
    drop(Store::open_storage(std::sync::Arc::new(memory.clone())).unwrap());
    memory
}

/// IDs that are a prefix and a number are stored as the number.
#[test]
fn the_number_in_an_id_is_gone_with_it() {
    const ID: &str = "user-3141592653";
    let rig = Rig::on_disk();
    let rows = |of: &dyn Fn(String) -> String| -> Vec<String> {
        let ids = (0..400).map(|number| format!("user-{number}"));
        ids.chain([ID.to_owned()]).map(of).collect()
    };
    let full = |dataset: &str, rows: Vec<String>| {
        rig.import(dataset, ImportMode::Full, &rows.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    };
    full("users", rows(&|id| format!("{id} DE plain")));
    full("interactions", rows(&|id| format!("{id} item-1 7 view")));
    let number = 3_141_592_653_u32.to_le_bytes();
    let files_with_it = || {
        let has_it = |content: &[u8]| content.windows(number.len()).any(|window| window == number);
        files_in(rig.path()).into_iter().filter(|(_, content)| has_it(content)).count()
    };
    assert_eq!(files_with_it(), 2, "the number is there to be searched for");
    rig.delete_users(&[ID]);
    rig.vacuum();
    assert_eq!(files_with_it(), 0);
    assert!(rig.store.verify().unwrap().is_ok());
}
