//! Compaction and vacuum: nothing a reader sees changes, and what is dead is gone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use restock_store::{Cancel, Error, ImportRequest, View};

use crate::rig::{Double, Op, Rig, full, name};

#[test]
fn a_dataset_becomes_one_segment_of_each_origin_without_dead_rows() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1", "b x 2", "c x 3"]);
    rig.incremental("items", &["b y 4"]);
    rig.put("items", &["c mine 5"]);
    rig.store.flush().unwrap();
    rig.put("items", &["c mine 6", "d mine 7"]);
    rig.delete("items", &["a"]);
    rig.store.set_undo_depth(0).unwrap();
    let (rows, newest) = (rig.merged("items"), rig.rows("items", View::Newest));
    let info = |rig: &Rig| rig.store.info().unwrap().datasets[1].clone();
    assert!(info(&rig).deleted > 0 && info(&rig).bytes_dead > 0);
    let foreseen = info(&rig).rows;
    let report = rig.store.compact(Some(&name("items")), &Cancel::new()).unwrap();
    assert_eq!(report.version, rig.store.snapshot().version());
    let after = info(&rig);
    assert_eq!((after.segments, after.deleted, after.bytes_dead, after.rows), (2, 0, 0, foreseen));
    assert_eq!((rig.merged("items"), rig.rows("items", View::Newest)), (rows, newest));
    rig.verify();
    let files = rig.files();
    rig.store.compact(None, &Cancel::new()).unwrap();
    assert_eq!(rig.files(), files, "nothing to do is nothing done");
}

#[test]
fn a_dataset_whose_rows_all_died_has_no_segment() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1"]);
    rig.put("items", &["b mine 2"]);
    rig.delete("items", &["a", "b"]);
    rig.vacuum();
    assert_eq!(rig.store.info().unwrap().datasets[1].segments, 0);
    assert_eq!(crate::rig::files_in(&rig.path().join("segments")).len(), 0);
    rig.verify();
    rig.incremental("items", &["c x 3"]);
    assert_eq!(rig.merged("items"), ["c x 3.0"]);
    rig.verify();
}

#[test]
fn vacuum_frees_what_undo_kept_and_says_how_much() {
    let rig = Rig::on_disk();
    let rows: Vec<String> = (0..5000).map(|n| format!("i{n} x {n}")).collect();
    rig.full("items", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    rig.full("items", &["a x 1"]);
    let kept = rig.store.info().unwrap().datasets[1].bytes_dead;
    let before: u64 = rig.files().iter().map(|(_, content)| content.len() as u64).sum();
    let report = rig.store.vacuum(&Cancel::new()).unwrap();
    let after: u64 = rig.files().iter().map(|(_, content)| content.len() as u64).sum();
    assert!(kept > 100_000, "{kept}");
    assert!(report.bytes_freed >= kept && before - after >= report.bytes_freed, "{report:?}");
}

#[test]
fn a_cancelled_compaction_changes_nothing() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1"]);
    rig.incremental("items", &["b x 1"]);
    let before = rig.files();
    let cancel = Cancel::new();
    cancel.cancel();
    assert!(matches!(rig.store.compact(None, &cancel), Err(Error::Cancelled)));
    assert_eq!(rig.files(), before);
}

/// Puts and deletes go on while segments are merged: they are carried over to the merged one.
#[test]
fn rows_that_die_while_segments_are_merged_stay_dead() {
    let rig = Rig::in_memory();
    for round in 0..3 {
        let rows: Vec<String> = (0..3000).map(|n| format!("i{round}-{n} x {n}")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        if round == 0 {
            rig.full("items", &rows)
        } else {
            rig.incremental("items", &rows)
        };
    }
    thread::scope(|scope| {
        let compacting = scope.spawn(|| rig.compact());
        let mut n = 0;
        while !compacting.is_finished() || n < 50 {
            rig.delete("items", &[&format!("i1-{n}")]);
            rig.put("items", &[&format!("i2-{n} mine 0")]);
            n = (n + 1).min(2999);
        }
        let deleted = n;
        compacting.join().unwrap();
        assert!((0..deleted).all(|n| rig.get("items", &format!("i1-{n}"), View::Merged).is_none()));
        assert_eq!(rig.counts("items").merged, 9000 - deleted as u64);
    });
    rig.verify();
}

/// Holds up the merging when it begins its segment, does something meanwhile, and lets it go on.
fn while_merging(storage: &Double, rig: &Rig, meanwhile: impl FnOnce(&Rig)) {
    let (reached, go) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (first, at, on) = (AtomicBool::new(true), reached.clone(), go.clone());
    storage.rule(move |op, path| {
        if op == Op::Create && path.ends_with(".arrow") && first.swap(false, SeqCst) {
            at.wait();
            on.wait();
        }
        Ok(())
    });
    thread::scope(|scope| {
        let compacting = scope.spawn(|| rig.store.compact(Some(&name("items")), &Cancel::new()));
        reached.wait();
        meanwhile(rig);
        go.wait();
        compacting.join().unwrap().unwrap();
    });
    storage.allow_all();
}

#[test]
fn segments_that_lose_their_last_row_while_they_are_merged_are_no_failure() {
    let cases: [(&[&str], &[&str]); 2] =
        [(&["c", "d"], &["a x 1.0", "b x 2.0", "e z 5.0"]), (&["a", "b", "c", "d", "e"], &[])];
    for (deleted, left) in cases {
        let storage = Double::new();
        let rig = Rig::on(storage.clone()).with_datasets();
        rig.store.set_undo_depth(0).unwrap();
        rig.full("items", &["a x 1", "b x 2"]);
        rig.incremental("items", &["c y 3", "d y 4"]);
        rig.incremental("items", &["e z 5"]);
        while_merging(&storage, &rig, |rig| {
            rig.delete("items", deleted);
            rig.store.flush().unwrap();
        });
        assert_eq!(rig.merged("items"), left);
        rig.verify();
    }
}

/// Design section 4: an import that is committed stays so, whatever becomes of the merging behind it.
#[test]
fn an_import_is_done_when_the_merging_behind_it_fails() {
    let storage = Double::new();
    let rig = Rig::on(storage.clone()).with_datasets();
    rig.full("items", &["a x 1"]);
    rig.incremental("items", &["b x 2"]);
    rig.incremental("items", &["c x 3"]);
    let segments = Arc::new(AtomicUsize::new(0));
    let made = segments.clone();
    storage.rule(move |op, path| match op {
        Op::Create if path.ends_with(".arrow") && made.fetch_add(1, SeqCst) == 1 => Err(full()),
        _ => Ok(()),
    });
    let outcome = rig.incremental("items", &["d x 4"]);
    assert_eq!(segments.load(SeqCst), 2, "the fourth import merges");
    assert_eq!((outcome.appended, outcome.version), (1, rig.store.snapshot().version()));
    assert_eq!(rig.merged("items").len(), 4);
    storage.allow_all();
    rig.verify();
    rig.incremental("items", &["e x 5"]);
    assert_eq!(rig.store.info().unwrap().datasets[1].segments, 1, "it is made up for");
    rig.verify();
}

/// S11, and the shape of what compaction leaves: the many batches of small imports become one.
#[test]
fn small_batches_are_put_together() {
    let rig = Rig::on_disk();
    rig.store.set_undo_depth(0).unwrap();
    rig.full("items", &["i0 c0 0"]);
    for n in 1..30 {
        rig.incremental("items", &[&format!("i{n} c{n} {n}"), "gone x 1"]);
        rig.put("items", &[&format!("i{n} mine {n}")]);
    }
    rig.delete("items", &["gone", "i3"]);
    let (rows, newest) = (rig.merged("items"), rig.rows("items", View::Newest));
    rig.compact();
    assert_eq!((rig.merged("items"), rig.rows("items", View::Newest)), (rows, newest));
    let batches = rig.dataset("items").scan().view(View::Bulk).masked().unwrap();
    assert_eq!(batches.map(|batch| batch.unwrap().batch.num_rows()).collect::<Vec<_>>(), [29]);
    rig.verify();
}

/// S11: many files of a few rows become one batch, in their order, also between large ones.
#[test]
fn an_import_of_small_batches_puts_them_together() {
    let rig = Rig::on_disk();
    let small: Vec<String> = (0..40).map(|n| format!("i{n} c{} {n}", n % 3)).collect();
    let large: Vec<String> = (0..5000).map(|n| format!("j{n} x {n}")).collect();
    let mut parts: Vec<Vec<&str>> = small.iter().map(|row| vec![row.as_str()]).collect();
    parts.insert(0, Vec::new());
    parts.insert(20, large.iter().map(String::as_str).collect());
    let parts: Vec<&[&str]> = parts.iter().map(Vec::as_slice).collect();
    rig.import_batches("items", ImportRequest::default(), &parts).unwrap();
    let batches = rig.dataset("items").scan().view(View::Bulk).masked().unwrap();
    assert_eq!(batches.map(|batch| batch.unwrap().batch.num_rows()).collect::<Vec<_>>(), [19, 5000, 21]);
    let ids: Vec<String> =
        rig.merged("items").iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect();
    let expected = small[..19].iter().chain(&large).chain(&small[19..]);
    assert_eq!(ids, expected.map(|row| row.split(' ').next().unwrap()).collect::<Vec<_>>());
    rig.verify();
}

/// What a flush leaves is merged when the put is durable, and others put meanwhile.
#[test]
fn puts_go_on_while_segments_are_merged_after_a_flush() {
    let storage = Double::new();
    let rig = Rig::on(storage.clone()).with_datasets();
    for n in 0..3 {
        rig.put("items", &[&format!("i{n} x {n}")]);
        rig.store.flush().unwrap();
    }
    rig.put("items", &["i3 x 3"]);
    drop(rig);
    // The first put of a process folds the last one's into a fourth segment, which are then merged.
    let rig = Rig::on(storage.clone());
    let (merging, begun) = mpsc::channel();
    let (go_on, told) = mpsc::channel::<()>();
    let (made, told) = (AtomicUsize::new(0), Mutex::new(told));
    storage.rule(move |op, path| {
        if op == Op::Create && path.ends_with(".arrow") && made.fetch_add(1, SeqCst) == 1 {
            merging.send(()).unwrap();
            told.lock()
                .unwrap()
                .recv_timeout(Duration::from_secs(20))
                .expect("the other put was kept waiting");
        }
        Ok(())
    });
    thread::scope(|scope| {
        let first = scope.spawn(|| rig.put("items", &["i4 x 4"]));
        begun.recv().unwrap();
        assert_eq!(rig.merged("items").len(), 5, "the first put is there already");
        rig.put("items", &["i5 x 5"]);
        go_on.send(()).unwrap();
        first.join().unwrap();
    });
    storage.allow_all();
    assert_eq!(rig.merged("items"), (0..6).map(|n| format!("i{n} x {n}.0")).collect::<Vec<_>>());
    assert!(rig.store.info().unwrap().datasets[1].segments <= 2, "they were merged");
    rig.verify();
}

/// The unflushed log is what a store at rest keeps in memory, and what opening replays.
#[test]
fn a_put_longer_than_the_unflushed_log_may_be_is_flushed_at_once() {
    let rig = Rig::in_memory();
    let long = format!("i0 {} 1", "x".repeat(9 << 20));
    rig.put("items", &["i1 x 1"]);
    rig.put("items", &[&long]);
    assert!(rig.store.info().unwrap().datasets[1].segments > 0);
    let version = rig.store.snapshot().version();
    rig.store.flush().unwrap();
    assert_eq!(rig.store.snapshot().version(), version, "nothing was left to flush");
    rig.verify();
}
