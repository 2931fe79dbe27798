//! Design section 4, "Failure": every change to the disk fails once, and each operation keeps its word.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use restock_store::{Cancel, Error, ImportMode, Storage, View};

use crate::rig::{Double, Op, Rig, full, image_of, name};

type Step = fn(&Rig) -> Result<(), Error>;

fn prepared(storage: &Double) -> Rig {
    let rig = Rig::on(storage.clone()).with_datasets();
    rig.full("items", &["a x 1", "b x 2", "c x 3"]);
    rig.full("users", &["u1 DE hello", "u2 FR hello"]);
    rig.full("interactions", &["u1 a 1 view", "u2 b 2 view"]);
    rig.incremental("items", &["b y 4"]);
    rig.put("items", &["c mine 5"]);
    rig.store.flush().unwrap();
    rig.put("items", &["d mine 6"]);
    rig
}

fn state(rig: &Rig) -> Vec<Vec<String>> {
    let views = [View::Merged, View::Newest, View::Bulk, View::Individual];
    ["items", "users", "interactions"].iter().flat_map(|d| views.map(|view| rig.rows(d, view))).collect()
}

/// Whether a failure of this call leaves in doubt what is on the disk.
fn poisons(op: Op, path: &str) -> bool {
    let folder = op == Op::SyncDir;
    let log = path.starts_with("log/") && matches!(op, Op::Write | Op::Sync);
    folder || log || path == "MANIFEST"
}

/// Runs `step` with its first, second, ... change failing, until none is left that fails.
fn every_failure(what: &str, step: Step) {
    for countdown in 0.. {
        let storage = Double::new();
        let rig = prepared(&storage);
        let before = state(&rig);
        let (left, failed) = (Arc::new(AtomicI64::new(countdown)), Arc::new(AtomicBool::new(false)));
        let at = Arc::new(std::sync::Mutex::new(None));
        let (counter, flag, place) = (left.clone(), failed.clone(), at.clone());
        storage.rule(move |op, path| {
            if counter.fetch_sub(1, SeqCst) == 0 {
                flag.store(true, SeqCst);
                *place.lock().unwrap() = Some((op, path.to_owned()));
                return Err(full());
            }
            Ok(())
        });
        let outcome = step(&rig);
        storage.allow_all();
        if !failed.load(SeqCst) {
            outcome.unwrap();
            assert!(countdown > 3, "{what} changed the disk {countdown} times");
            return;
        }
        let (op, path) = at.lock().unwrap().clone().unwrap();
        let context = format!("{what}, call {countdown}: {op:?} of {path} failed: {outcome:?}");
        let now = state(&rig);
        match &outcome {
            // Only what comes after the commit may fail unnoticed.
            Ok(()) => {}
            Err(Error::Poisoned { .. }) => {
                assert!(poisons(op, &path), "{context}");
                assert!(matches!(rig.store.flush(), Err(Error::Poisoned { .. })), "{context}");
            }
            Err(Error::DiskFull { .. }) => {
                assert!(what == "compact" || what == "vacuum" || now == before, "{context}: nothing changed");
                step(&rig).unwrap_or_else(|error| panic!("{context}; again: {error}"));
                rig.verify();
            }
            Err(other) => panic!("{context}: {other}"),
        }
        // What a crash right now would leave is whole, too.
        let crashed = Rig::on(image_of(&storage.memory()));
        crashed.verify();
        let (now, after) = (state(&rig), state(&crashed));
        let in_doubt = matches!(outcome, Err(Error::Poisoned { .. }));
        assert!(in_doubt || now == after, "{context}: the handle shows what the disk holds");
        drop(rig);
        let rig = Rig::on(storage.memory());
        rig.verify();
        assert!(in_doubt || state(&rig) == now, "{context}: after reopening");
        rig.put("items", &["works again 1"]);
        rig.full("items", &["works again 1"]);
    }
}

macro_rules! every_failure_of {
    ($($test:ident: $step:expr;)*) => {$(
        #[test]
        fn $test() {
            every_failure(stringify!($test), $step);
        }
    )*};
}

every_failure_of! {
    full_import: |rig| rig.import("items", ImportMode::Full, &["z n 1", "y n 2"]).map(|_| ());
    incremental_import: |rig| rig.import("items", ImportMode::Incremental, &["a n 1", "y n 2"]).map(|_| ());
    delete_users: |rig| rig.store.delete_users(None, &["u1"], false, &Cancel::new()).map(|_| ());
    undo: |rig| {
        // A second attempt has nothing to take back if the first was done.
        match rig.undo("items") {
            Err(Error::NothingToUndo(_)) => Ok(()),
            other => other.map(|_| ()),
        }
    };
    flush: |rig| rig.store.flush();
    compact: |rig| rig.store.compact(None, &Cancel::new()).map(|_| ());
    vacuum: |rig| rig.store.vacuum(&Cancel::new()).map(|_| ());
    alter: |rig| {
        let mut fields = rig.dataset("items").schema().fields().to_vec();
        fields.push(restock_schema::Field {
            nullable: true,
            ..restock_schema::Field::new("STOCK", restock_schema::ValueType::Int)
        });
        let schema = restock_schema::Schema::new("Items", fields).unwrap();
        if rig.dataset("items").schema().fields().len() == schema.fields().len() - 1 {
            return rig.store.alter(&name("items"), &schema).map(|_| ());
        }
        Ok(())
    };
}

/// A put writes little: all its calls poison, and the row is there after that or not, never in part.
#[test]
fn put_and_delete() {
    for countdown in 0..2 {
        for deleting in [false, true] {
            let storage = Double::new();
            let rig = prepared(&storage);
            let before = state(&rig);
            let left = AtomicI64::new(countdown);
            storage.rule(move |_, _| if left.fetch_sub(1, SeqCst) == 0 { Err(full()) } else { Ok(()) });
            let outcome = if deleting {
                rig.store.delete(&name("items"), &["a", "d"], false).map(|_| ())
            } else {
                rig.put_as("items", &["a mine 7", "e mine 8"], Default::default()).map(|_| ())
            };
            assert!(matches!(outcome, Err(Error::Poisoned { .. })), "{outcome:?}");
            assert_eq!(state(&rig), before, "unacknowledged is invisible");
            drop(rig);
            let rig = Rig::on(storage.memory());
            let individual = rig.rows("items", View::Individual).len();
            let whole = if deleting { 1 } else { 4 };
            assert!(individual == 2 || individual == whole, "{individual} individual rows");
            rig.verify();
        }
    }
}

/// What a failed commit could not remove has the name of what the next one makes: it gives way.
#[test]
fn a_file_that_a_failed_commit_could_not_remove_is_in_nobodys_way() {
    for stuck in [".del", ".log"] {
        let storage = Double::new();
        let rig = Rig::on(storage.clone()).with_datasets();
        rig.full("items", &["a x 1", "b x 2"]);
        storage.rule(move |op, path| match op {
            Op::Sync | Op::Remove if path.ends_with(stuck) => Err(full()),
            _ => Ok(()),
        });
        let step = || match stuck {
            ".del" => rig.import("items", ImportMode::Incremental, &["a y 3"]).map(|_| ()),
            _ => rig.put_as("items", &["a y 3"], Default::default()).map(|_| ()),
        };
        let error = step().unwrap_err();
        assert!(matches!(error, Error::DiskFull { .. }), "{stuck}: {error}");
        let memory = storage.memory();
        let left = ["segments", "log"].iter().flat_map(|folder| memory.list(folder).unwrap());
        assert_eq!(left.filter(|file| file.ends_with(stuck)).count(), 1, "one was left of {stuck}");
        storage.allow_all();
        step().unwrap();
        let mut rows = rig.merged("items");
        rows.sort();
        assert_eq!(rows, ["a y 3.0", "b x 2.0"]);
        rig.verify();
    }
}

/// A copy that fails leaves nothing behind, says why, and can be made again.
#[test]
fn copy() {
    let rig = prepared(&Double::new());
    let before = state(&rig);
    for countdown in 0.. {
        let target = Double::new();
        let left = AtomicI64::new(countdown);
        target.rule(move |_, _| if left.fetch_sub(1, SeqCst) == 0 { Err(full()) } else { Ok(()) });
        let outcome = rig.store.copy_into(&rig.store.snapshot(), Arc::new(target.clone()));
        target.allow_all();
        let memory = target.memory();
        if outcome.is_ok() {
            assert!(countdown > 10, "the copy made {countdown} changes");
            let copy = Rig::on(memory);
            copy.verify();
            assert_eq!(state(&copy), before);
            return;
        }
        assert!(matches!(outcome, Err(Error::DiskFull { .. })), "call {countdown}: {outcome:?}");
        let dirs = ["segments", "log"].into_iter();
        let files: Vec<String> = dirs.flat_map(|dir| memory.list(dir).unwrap_or_default()).collect();
        assert_eq!((files, memory.list("").unwrap()), (vec![], vec!["LOCK".to_owned()]), "call {countdown}");
        rig.store.copy_into(&rig.store.snapshot(), Arc::new(memory)).unwrap();
    }
}
