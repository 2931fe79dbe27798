//! S7: whoever's put has returned finds it on the disk, whoever wrote and synced it.

use restock_store::{Durability, Error, View};
use shuttle::thread;

use crate::disk::Disk;
use crate::interleave;
use crate::rows::{batch, items, rows, store};

/// Puts `count` rows from a thread; how many returned before one failed.
fn put_all(store: &restock_store::Store, disk: &Disk, thread: usize, count: usize) -> usize {
    for put in 0..count {
        let id = format!("id-{thread}-{put}");
        let durability = if put % 2 == 0 { Durability::Synced } else { Durability::Buffered };
        match store.put(&items(), &batch(&[&id], "put"), durability) {
            Ok(report) => {
                let snapshot = store.snapshot();
                assert!(snapshot.version() >= report.version);
                assert!(rows(&snapshot, View::Merged).contains(&format!("{id} put")), "read what was put");
                assert!(
                    durability != Durability::Synced || disk.has_synced(id.as_bytes()),
                    "{id} is durable"
                );
            }
            Err(Error::Poisoned { .. }) => return put,
            Err(other) => panic!("{other}"),
        }
    }
    count
}

fn scenario(threads: usize, puts: usize, failing: Option<u64>) {
    let disk = Disk::new();
    let store = store(disk.clone());
    store.put(&items(), &batch(&["first"], "put"), Durability::Synced).unwrap();
    if let Some(syncs) = failing {
        disk.fail_after(syncs);
    }
    let putting: Vec<_> = (0..threads)
        .map(|thread| {
            let (store, disk) = (store.clone(), disk.clone());
            thread::spawn(move || put_all(&store, &disk, thread, puts))
        })
        .collect();
    let done: Vec<usize> = putting.into_iter().map(|thread| thread.join().unwrap()).collect();
    let visible = rows(&store.snapshot(), View::Merged);
    let returned = 1 + done.iter().sum::<usize>();
    assert!(visible.len() >= returned, "{} of {returned} are visible", visible.len());
    if failing.is_none() {
        assert_eq!(returned, 1 + threads * puts);
        assert_eq!(visible.len(), returned);
        assert!(store.verify().unwrap().is_ok());
    }
}

#[test]
fn each_put_that_returned_is_durable_and_visible() {
    interleave(|| scenario(3, 3, None));
}

#[test]
fn sixteen_threads_share_syncs() {
    interleave(|| scenario(16, 1, None));
}

/// No thread waits for ever for a log that failed, and none is told that its put is durable.
#[test]
fn a_sync_that_fails_fails_every_put_behind_it() {
    for syncs in 0..3 {
        interleave(move || scenario(3, 2, Some(syncs)));
    }
}
