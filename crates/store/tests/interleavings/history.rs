//! Every operation tells its version. So what a store has to show at any version is known afterwards: the operations up
//! to that version, done one after the other (S1, S2, S4, S7 to S9).

use std::collections::{BTreeMap, BTreeSet};

use restock_store::{ImportMode, View};
use shuttle::sync::{Arc, Mutex};

/// What an operation did.
#[derive(Clone, Debug)]
pub enum Done {
    Put(Vec<String>, String),
    Delete(Vec<String>),
    Import(ImportMode, Vec<String>, String),
}

/// The rows a snapshot of a version showed in a view.
type Seen = (u64, View, Vec<String>);

/// Operations by version, and what snapshots showed.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Arc<Mutex<BTreeMap<u64, Done>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl History {
    pub fn done(&self, version: u64, what: Done) {
        self.done.lock().unwrap().insert(version, what);
    }

    pub fn seen(&self, version: u64, view: View, rows: Vec<String>) {
        self.seen.lock().unwrap().push((version, view, rows));
    }

    /// Everything that was seen is what the operations up to its version leave.
    pub fn check(&self) {
        let done = self.done.lock().unwrap();
        for (version, view, rows) in &*self.seen.lock().unwrap() {
            let expected = replay(done.range(..=*version).map(|(_, done)| done), *view);
            assert_eq!(rows, &expected, "{view:?} of version {version} after {done:#?}");
        }
    }
}

fn replay<'a>(done: impl Iterator<Item = &'a Done>, view: View) -> Vec<String> {
    let (mut bulk, mut individual) = (BTreeMap::new(), BTreeMap::new());
    for done in done {
        match done {
            Done::Put(ids, by) => individual.extend(ids.iter().map(|id| (id.clone(), by.clone()))),
            Done::Delete(ids) => {
                let ids: BTreeSet<_> = ids.iter().collect();
                bulk.retain(|id, _| !ids.contains(id));
                individual.retain(|id, _| !ids.contains(id));
            }
            Done::Import(mode, ids, by) => {
                if *mode == ImportMode::Full {
                    bulk.clear();
                }
                bulk.extend(ids.iter().map(|id| (id.clone(), by.clone())));
            }
        }
    }
    let mut rows = match view {
        View::Bulk => bulk,
        View::Individual => individual,
        _ => bulk.into_iter().chain(individual).collect(),
    };
    std::mem::take(&mut rows).into_iter().map(|(id, by)| format!("{id} {by}")).collect()
}
