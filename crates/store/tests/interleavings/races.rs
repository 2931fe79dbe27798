//! Snapshots, puts, deletes, imports, flushes and compactions beside each other.

use restock_store::{Cancel, Durability, ImportMode, ImportRequest, MemoryStorage, Store, View};
use shuttle::thread;

use crate::history::{Done, History};
use crate::interleave;
use crate::rows::{batch, items, rows, store};

const VIEWS: [View; 3] = [View::Merged, View::Bulk, View::Individual];

#[derive(Clone)]
struct Shop {
    store: Store,
    history: History,
}

impl Shop {
    fn new() -> Shop {
        let shop = Shop { store: store(MemoryStorage::new()), history: History::default() };
        shop.import(ImportMode::Full, &["a", "b", "c"], "full");
        shop.put(&["c", "d"], "first");
        // In a segment: an import compares its rows with those before it takes the commit lock.
        shop.store.flush().unwrap();
        shop
    }

    fn import(&self, mode: ImportMode, ids: &[&str], by: &str) {
        let request = ImportRequest { mode, ..ImportRequest::default() };
        let mut import = self.store.import(&items(), request).unwrap();
        let encoded = import.encoder().encode(&batch(ids, by)).unwrap();
        import.append(encoded).unwrap();
        let outcome = import.commit().unwrap();
        self.history.done(outcome.version, Done::Import(mode, owned(ids), by.to_owned()));
    }

    fn put(&self, ids: &[&str], by: &str) {
        let done = self.store.put(&items(), &batch(ids, by), Durability::Synced).unwrap();
        self.history.done(done.version, Done::Put(owned(ids), by.to_owned()));
    }

    fn delete(&self, ids: &[&str]) {
        let done = self.store.delete(&items(), ids, false).unwrap();
        // One that found nothing makes no version.
        if done.deleted > 0 {
            self.history.done(done.version, Done::Delete(owned(ids)));
        }
    }

    /// Takes snapshots whose versions never go back.
    fn look(&self) {
        let mut last = 0;
        for view in VIEWS {
            let snapshot = self.store.snapshot();
            assert!(snapshot.version() >= last, "versions rise");
            last = snapshot.version();
            let seen = rows(&snapshot, view);
            assert_eq!(rows(&snapshot, view), seen, "S9: a snapshot never changes");
            self.history.seen(last, view, seen);
        }
    }

    /// Runs everything at once, and checks all that was seen and what is left.
    fn run(self, work: Vec<fn(&Shop)>) {
        let threads: Vec<_> = work
            .into_iter()
            .map(|work| {
                let shop = self.clone();
                thread::spawn(move || work(&shop))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        self.look();
        self.history.check();
        let report = self.store.verify().unwrap();
        assert_eq!((report.damaged, report.leftover), (vec![], vec![]));
    }
}

fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn snapshots_while_rows_are_put_and_flushed() {
    interleave(|| {
        Shop::new().run(vec![
            |shop| shop.put(&["a", "e"], "left"),
            |shop| shop.put(&["e", "f"], "right"),
            |shop| shop.store.flush().unwrap(),
            Shop::look,
            Shop::look,
        ]);
    });
}

#[test]
fn deletes_and_puts_race_the_commit_of_an_import() {
    interleave(|| {
        Shop::new().run(vec![
            |shop| shop.import(ImportMode::Incremental, &["b", "d", "g"], "more"),
            |shop| shop.delete(&["b", "g"]),
            |shop| shop.put(&["g", "a"], "put"),
            |shop| shop.delete(&["d"]),
            Shop::look,
        ]);
    });
}

#[test]
fn a_full_import_swaps_all_bulk_rows_at_once() {
    interleave(|| {
        Shop::new().run(vec![
            |shop| shop.import(ImportMode::Full, &["x", "c"], "anew"),
            |shop| shop.put(&["x"], "put"),
            |shop| shop.delete(&["c"]),
            Shop::look,
        ]);
    });
}

#[test]
fn compaction_moves_rows_under_puts_and_deletes() {
    interleave(|| {
        let shop = Shop::new();
        shop.import(ImportMode::Incremental, &["a", "h"], "second");
        shop.run(vec![
            |shop| {
                shop.store.compact(None, &Cancel::new()).unwrap();
            },
            |shop| shop.delete(&["a"]),
            |shop| shop.put(&["h", "d"], "put"),
            Shop::look,
        ]);
    });
}
