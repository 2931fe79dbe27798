//! A fork of a writer reads, and changes nothing: neither by what it calls nor by how it ends.
#![expect(unsafe_code, reason = "there is no other way to fork")]

use std::cell::Cell;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use restock::{Dataset, ImportMode, Store, View, record};

use crate::ledger::sums_of;
use crate::make_store;

/// Runs `child` in a fork, and `parent` beside it with a socket to it; the child must end well.
fn fork(child: impl FnOnce(UnixStream), parent: impl FnOnce(UnixStream)) {
    let (to_child, to_parent) = UnixStream::pair().unwrap();
    // SAFETY: The fork has this thread only. What it runs takes no lock that another thread may have held: it
    // allocates, which glibc keeps possible in forks, opens files, and calls Restock, which is what is tested. It
    // leaves by `_exit`, so that nothing of the test's runs twice.
    match unsafe { libc::fork() } {
        0 => {
            drop(to_child);
            let done = catch_unwind(AssertUnwindSafe(|| child(to_parent)));
            // SAFETY: Ends the process; always allowed.
            unsafe { libc::_exit(i32::from(done.is_err())) }
        }
        pid => {
            assert!(pid > 0, "{}", std::io::Error::last_os_error());
            drop(to_parent);
            parent(to_child);
            let mut status = 0;
            // SAFETY: `status` lives until the call returns.
            assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
            assert_eq!(status, 0, "the fork failed, see above");
        }
    }
}

fn wait(mut socket: &UnixStream) {
    let _ended_or_told = socket.read(&mut [0]).unwrap();
}

fn tell(mut socket: &UnixStream) {
    socket.write_all(b"!").unwrap();
}

fn stocked(path: &Path) -> (Store, Dataset) {
    let (store, items) = make_store(path);
    items.import_reader(&b"ITEM_ID,TITLE\ni1,one\ni2,two\n"[..], "rows.csv").run().unwrap();
    items.put([record! { "ITEM_ID" => "i2", "TITLE" => "mine" }]).unwrap();
    (store, items)
}

#[test]
fn a_fork_is_told_to_open_the_store_again_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let parent = std::process::id();
    // No clones: what the fork drops are the last handles it has.
    let handles = Cell::new(Some(stocked(&path)));
    let child = |_| {
        let (store, items) = handles.take().unwrap();
        let refusal = format!("opened by process {parent} and this is its fork {};", std::process::id());
        let row = || [record! { "ITEM_ID" => "i3", "TITLE" => "of the fork" }];
        let file = || items.import_reader(&b"ITEM_ID,TITLE\ni9,nine\n"[..], "rows.csv");
        for error in [
            items.put(row()).unwrap_err(),
            items.delete(&["i1"], false).unwrap_err(),
            file().mode(ImportMode::Full).run().unwrap_err(),
            file().mode(ImportMode::Incremental).run().unwrap_err(),
            store.vacuum().unwrap_err(),
            store.compact(None).unwrap_err(),
            store.drop_dataset("items").unwrap_err(),
        ] {
            assert!(error.to_string().contains(&refusal), "{error}");
        }
        assert!(store.is_read_only());
        let snapshot = store.snapshot();
        assert!(snapshot.dataset("items").unwrap().get("i1").unwrap().is_some(), "a fork reads");
        let locked = Store::open(&path).unwrap_err().to_string();
        assert!(locked.contains(&format!("process {parent}")), "{locked}");
        drop((items, store, snapshot));
        let locked = Store::open(&path).unwrap_err().to_string();
        assert!(locked.contains(&format!("process {parent}")), "a fork's handles hold no lock: {locked}");
    };
    let lock = || std::fs::read_to_string(path.join("LOCK")).unwrap();
    let held = lock();
    fork(child, |socket| wait(&socket));
    assert_eq!(lock(), held);
    let (store, items) = handles.take().unwrap();
    items.put([record! { "ITEM_ID" => "i5", "TITLE" => "of the parent" }]).unwrap();
    let snapshot = store.snapshot();
    let dataset = snapshot.dataset("items").unwrap();
    for (id, there) in [("i1", true), ("i3", false), ("i5", true), ("i9", false)] {
        assert_eq!(dataset.get(id).unwrap().is_some(), there, "{id}");
    }
    let locked = Store::open(&path).unwrap_err().to_string();
    assert!(locked.contains("this process already"), "the lock is the parent's still: {locked}");
    assert!(store.verify().unwrap().is_ok());
}

#[test]
fn a_writer_goes_on_beside_its_fork() {
    let dir = tempfile::tempdir().unwrap();
    let (store, items) = stocked(&dir.path().join("s"));
    let before = sums_of(&store.snapshot());
    let child = |socket: UnixStream| {
        wait(&socket);
        assert_eq!(sums_of(&store.snapshot()), before, "a fork keeps what it has open");
    };
    fork(child, |socket| {
        items.put([record! { "ITEM_ID" => "i4", "TITLE" => "of the parent" }]).unwrap();
        tell(&socket);
    });
    assert!(store.snapshot().dataset("items").unwrap().get("i4").unwrap().is_some());
    assert!(store.verify().unwrap().is_ok());
}

/// Threads that the parent has made for the like are not in the fork.
#[test]
fn a_fork_gets_thousands_of_records_and_verifies_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let (store, items) = stocked(&dir.path().join("s"));
    let ids: Vec<String> = (0..10_000).map(|n| format!("i{n}")).collect();
    let rows: String = ids.iter().map(|id| format!("{id},of many\n")).collect();
    for _ in 0..2 {
        let file = std::io::Cursor::new(format!("ITEM_ID,TITLE\n{rows}"));
        items.import_reader(file, "rows.csv").mode(ImportMode::Incremental).run().unwrap();
    }
    let check = || {
        let found = store.snapshot().dataset("items").unwrap().get_many(&ids, View::Merged).unwrap();
        assert!(found.iter().all(Option::is_some));
        assert!(store.verify().unwrap().is_ok());
    };
    check();
    fork(|_| check(), |socket| wait(&socket));
}

#[test]
fn a_fork_that_lives_on_does_not_keep_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let (store, items) = stocked(&path);
    let child = |socket: UnixStream| {
        wait(&socket);
        // The parent closed the store and opened it anew: this is not the fork's to read from or write to.
        assert!(Store::open(&path).is_err());
    };
    fork(child, |socket| {
        drop((store, items));
        let again = Store::open_existing(&path).unwrap();
        let items = again.dataset("items").unwrap();
        items.put([record! { "ITEM_ID" => "i4", "TITLE" => "after" }]).unwrap();
        tell(&socket);
        wait(&socket);
        assert!(again.verify().unwrap().is_ok());
    });
}
