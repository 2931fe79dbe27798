//! A fork of a writer reads, and changes nothing: neither by what it calls nor by how it ends.
#![expect(unsafe_code, reason = "there is no other way to fork")]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use restock::{Dataset, ImportMode, Store, record};

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
    let (store, items) = stocked(&path);
    let parent = std::process::id();
    let (of_child, in_child) = (items.clone(), store.clone());
    let before = sums_of(&store.snapshot());
    let child = |_| {
        let refusal = format!("opened by process {parent} and this is its fork {};", std::process::id());
        let row = || [record! { "ITEM_ID" => "i3", "TITLE" => "of the fork" }];
        let file = || of_child.import_reader(&b"ITEM_ID,TITLE\ni9,nine\n"[..], "rows.csv");
        for error in [
            of_child.put(row()).unwrap_err(),
            of_child.delete(&["i1"], false).unwrap_err(),
            file().mode(ImportMode::Full).run().unwrap_err(),
            file().mode(ImportMode::Incremental).run().unwrap_err(),
            in_child.vacuum().unwrap_err(),
            in_child.compact(None).unwrap_err(),
            in_child.drop_dataset("items").unwrap_err(),
        ] {
            assert!(error.to_string().contains(&refusal), "{error}");
        }
        assert!(in_child.is_read_only());
        assert_eq!(sums_of(&in_child.snapshot()), before, "a fork reads");
        let locked = Store::open(&path).unwrap_err().to_string();
        assert!(locked.contains(&format!("process {parent}")), "{locked}");
        drop((of_child, in_child));
    };
    fork(child, |_| {
        // While it lives, and after it ended, the parent goes on.
        items.put([record! { "ITEM_ID" => "i4", "TITLE" => "of the parent" }]).unwrap();
    });
    items.put([record! { "ITEM_ID" => "i5", "TITLE" => "of the parent" }]).unwrap();
    let snapshot = store.snapshot();
    let dataset = snapshot.dataset("items").unwrap();
    for (id, there) in [("i1", true), ("i3", false), ("i4", true), ("i5", true), ("i9", false)] {
        assert_eq!(dataset.get(id).unwrap().is_some(), there, "{id}");
    }
    let locked = Store::open(&path).unwrap_err().to_string();
    assert!(locked.contains("this process already"), "the lock is the parent's still: {locked}");
    assert!(store.verify().unwrap().is_ok());
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
