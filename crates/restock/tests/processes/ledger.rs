//! What a writer did, by version; and what a reader has to see of a version.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Mutex;

use restock::{ImportMode, Snapshot, Value, View};
use xxhash_rust::xxh3::xxh3_64;

/// What a version shows: sums over the rows of each origin, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub bulk: u64,
    pub individual: u64,
}

/// An operation on rows with the IDs `i0`, `i1` and so on. Each has a number, from which the titles of its rows come.
#[derive(Debug)]
pub enum Done {
    Put(Range<u64>, u64),
    Import(ImportMode, Range<u64>, u64),
    Delete(Range<u64>),
}

#[derive(Debug, Default)]
pub struct Ledger {
    done: Mutex<BTreeMap<u64, Done>>,
}

impl Ledger {
    pub fn note(&self, version: u64, done: Done) {
        let before = self.done.lock().unwrap().insert(version, done);
        assert!(before.is_none(), "two operations made version {version}: {before:?}");
    }

    /// What each of these versions has to show.
    pub fn sums(&self, versions: impl IntoIterator<Item = u64>) -> HashMap<u64, Sums> {
        let done = self.done.lock().unwrap();
        let (mut rows, mut next) = (Rows::default(), done.iter().peekable());
        let mut versions: Vec<u64> = versions.into_iter().collect();
        versions.sort_unstable();
        let shown = versions.into_iter().map(|version| {
            while let Some((_, done)) = next.next_if(|(at, _)| **at <= version) {
                rows.replay(done);
            }
            (version, Sums { bulk: rows.bulk.sum, individual: rows.individual.sum })
        });
        shown.collect()
    }
}

#[derive(Default)]
struct Rows {
    bulk: Origin,
    individual: Origin,
}

/// The rows of one origin: the number that each ID has, and the sum over all.
#[derive(Default)]
struct Origin {
    numbers: HashMap<u64, u64>,
    sum: u64,
}

impl Origin {
    fn set(&mut self, id: u64, number: Option<u64>) {
        let row = |number: u64| row_sum(&format!("i{id}"), &title(number));
        let before = match number {
            Some(number) => self.numbers.insert(id, number),
            None => self.numbers.remove(&id),
        };
        self.sum = self.sum.wrapping_sub(before.map_or(0, row)).wrapping_add(number.map_or(0, row));
    }
}

impl Rows {
    fn replay(&mut self, done: &Done) {
        match done {
            Done::Put(ids, number) => ids.clone().for_each(|id| self.individual.set(id, Some(*number))),
            Done::Delete(ids) => ids.clone().for_each(|id| {
                self.bulk.set(id, None);
                self.individual.set(id, None);
            }),
            Done::Import(mode, ids, number) => {
                if *mode == ImportMode::Full {
                    self.bulk = Origin::default();
                }
                ids.clone().for_each(|id| self.bulk.set(id, Some(*number)));
            }
        }
    }
}

/// The title of a row that operation `number` wrote; one in fifty is long.
pub fn title(number: u64) -> String {
    format!("{number}{}", "-".repeat(if number.is_multiple_of(50) { 20_000 } else { 0 }))
}

fn row_sum(id: &str, title: &str) -> u64 {
    xxh3_64(format!("{id} {title}").as_bytes())
}

/// What a snapshot shows.
pub fn sums_of(snapshot: &Snapshot) -> Sums {
    let sum = |view| {
        let items = snapshot.dataset("items").unwrap();
        let mut sum = 0_u64;
        for batch in items.scan().view(view).batches().unwrap() {
            for row in restock::records(&batch.unwrap()).unwrap() {
                let text = |name| row.get(name).and_then(Value::as_str).unwrap();
                sum = sum.wrapping_add(row_sum(text("ITEM_ID"), text("TITLE")));
            }
        }
        sum
    };
    Sums { bulk: sum(View::Bulk), individual: sum(View::Individual) }
}
