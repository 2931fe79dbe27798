//! The model: what a store must hold, by the simplest code that says S1 to S10.

use std::collections::{BTreeMap, HashMap, HashSet};

use restock::{CommitKind, ImportMode, RowCounts, Value, View};

use crate::shelf::{Row, Shelf, id_text};

/// A row with the number of the commit that brought it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub row: Row,
    pub commit: u64,
}

/// The bulk rows after an import.
#[derive(Clone, Debug, Default)]
pub struct Generation {
    pub loaded: bool,
    pub last: Option<Last>,
    pub rows: Vec<Entry>,
}

/// The import that made a generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Last {
    pub version: u64,
    pub mode: ImportMode,
    pub label: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub shelf: &'static Shelf,
    /// The columns that it has.
    pub width: usize,
    pub bulk: Generation,
    pub kept: Vec<Generation>,
    pub individual: Vec<Entry>,
    pub labels: HashSet<String>,
}

/// A commit of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    pub what: CommitKind,
    pub dataset: Option<String>,
    pub label: Option<String>,
    pub rows: RowCounts,
}

/// What an import does, as its report says it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub superseded: u64,
    pub replaced: u64,
    pub appended: u64,
    pub removed: u64,
    pub gone: Option<u64>,
    pub bulk_rows: u64,
}

#[derive(Clone, Debug)]
pub struct World {
    pub tables: BTreeMap<&'static str, Table>,
    pub depth: usize,
    pub history: Vec<Past>,
    clock: u64,
}

impl Table {
    pub fn new(shelf: &'static Shelf) -> Table {
        Table {
            shelf,
            width: shelf.base,
            bulk: Generation::default(),
            kept: Vec::new(),
            individual: Vec::new(),
            labels: HashSet::new(),
        }
    }

    fn id(&self, entry: &Entry) -> Option<String> {
        self.shelf.id(&entry.row)
    }

    /// A row as its readers see it: rows from before an `alter` are null in the columns since.
    fn seen(&self, row: &Row) -> Row {
        row.iter().cloned().chain(std::iter::repeat(Value::Null)).take(self.width).collect()
    }

    /// The rows of a view, in scan order (S4, S11).
    pub fn view(&self, view: View) -> Vec<Row> {
        self.entries(view).iter().map(|entry| self.seen(&entry.row)).collect()
    }

    fn entries(&self, view: View) -> Vec<&Entry> {
        let mut bulk: Vec<&Entry> = self.bulk.rows.iter().collect();
        let mut individual: Vec<&Entry> = self.individual.iter().collect();
        match view {
            View::Bulk => individual.clear(),
            View::Individual => bulk.clear(),
            _ if self.shelf.key.is_none() => {}
            View::Merged => {
                let ids: HashSet<_> = individual.iter().map(|entry| self.id(entry)).collect();
                bulk.retain(|entry| !ids.contains(&self.id(entry)));
            }
            View::Newest => {
                let commits = |entries: &[&Entry]| -> HashMap<_, _> {
                    entries.iter().map(|entry| (self.id(entry), entry.commit)).collect()
                };
                let (of_bulk, of_individual) = (commits(&bulk), commits(&individual));
                let newer = |entry: &Entry, others: &HashMap<Option<String>, u64>| {
                    others.get(&self.id(entry)).is_none_or(|other| entry.commit > *other)
                };
                bulk.retain(|entry| newer(entry, &of_individual));
                individual.retain(|entry| newer(entry, &of_bulk));
            }
        }
        bulk.extend(individual);
        bulk
    }

    pub fn counts(&self) -> RowCounts {
        let count = |view| self.entries(view).len() as u64;
        RowCounts {
            bulk: count(View::Bulk),
            individual: count(View::Individual),
            merged: count(View::Merged),
        }
    }

    fn remove(&mut self, gone: impl Fn(&Entry) -> bool) {
        let kept = self.kept.iter_mut().map(|generation| &mut generation.rows);
        for rows in kept.chain([&mut self.bulk.rows, &mut self.individual]) {
            rows.retain(|entry| !gone(entry));
        }
    }
}

/// Of rows with the same record ID the last, where it stands (S5), in the columns that the dataset has now.
fn last_of_each(table: &Table, rows: Vec<Row>) -> Vec<Row> {
    let mut seen = HashSet::new();
    let mut last: Vec<Row> = rows.into_iter().rev().collect();
    last.retain(|row| table.shelf.id(row).is_none_or(|id| seen.insert(id)));
    last.reverse();
    last.iter_mut().for_each(|row| row.truncate(table.width));
    last
}

impl World {
    pub fn new() -> World {
        World { tables: BTreeMap::new(), depth: 1, history: Vec::new(), clock: 0 }
    }

    pub fn table(&self, name: &str) -> &Table {
        &self.tables[name]
    }

    fn tick(&mut self, name: &str) -> (&mut Table, u64) {
        self.clock += 1;
        (self.tables.get_mut(name).expect("the dataset is there"), self.clock)
    }

    fn record(&mut self, what: CommitKind, name: &str, label: Option<String>) {
        let rows = self.tables.get(name).map(Table::counts).unwrap_or_default();
        self.history.push(Past { what, dataset: Some(name.to_owned()), label, rows });
    }

    pub fn create(&mut self, shelf: &'static Shelf) {
        self.tables.insert(shelf.name, Table::new(shelf));
        self.record(CommitKind::Create, shelf.name, None);
    }

    pub fn drop_table(&mut self, name: &str) {
        self.tables.remove(name);
        self.record(CommitKind::Drop, name, None);
    }

    pub fn alter(&mut self, name: &str) {
        self.tick(name).0.width += 1;
        self.record(CommitKind::Alter, name, None);
    }

    /// S1, S2, S5: of the good rows of an import, in order.
    pub fn import(&mut self, name: &str, mode: ImportMode, rows: Vec<Row>, label: Option<String>) -> Counts {
        let depth = self.depth;
        let (table, commit) = self.tick(name);
        let shelf = table.shelf;
        let read = rows.len() as u64;
        let new = last_of_each(table, rows);
        let ids: HashSet<_> = new.iter().filter_map(|row| shelf.id(row)).collect();
        let old = table.bulk.clone();
        let again = old.rows.iter().filter_map(|e| shelf.id(&e.row)).filter(|id| ids.contains(id)).count();
        let (before, again) = (old.rows.len() as u64, again as u64);
        let mut counts = Counts { superseded: read - new.len() as u64, ..Counts::default() };
        match mode {
            ImportMode::Full => {
                table.bulk.rows.clear();
                counts.removed = before;
                counts.gone = shelf.key.map(|_| before - again);
            }
            ImportMode::Incremental => {
                table.bulk.rows.retain(|e| shelf.id(&e.row).is_none_or(|id| !ids.contains(&id)));
                counts.replaced = again;
            }
        }
        counts.appended = new.len() as u64 - counts.replaced;
        table.bulk.rows.extend(new.into_iter().map(|row| Entry { row, commit }));
        table.bulk.loaded = true;
        table.bulk.last = Some(Last { version: 0, mode, label: label.clone() });
        counts.bulk_rows = table.bulk.rows.len() as u64;
        table.kept.push(old);
        table.kept.drain(..table.kept.len().saturating_sub(depth));
        table.labels.extend(label.clone());
        self.record(mode.into(), name, label);
        counts
    }

    /// S7: how many records replaced an individual record, and how many did not.
    pub fn put(&mut self, name: &str, rows: Vec<Row>) -> (u64, u64) {
        let (table, commit) = self.tick(name);
        let shelf = table.shelf;
        let new = last_of_each(table, rows);
        let ids: HashSet<_> = new.iter().filter_map(|row| shelf.id(row)).collect();
        let before = table.individual.len();
        table.individual.retain(|e| shelf.id(&e.row).is_none_or(|id| !ids.contains(&id)));
        let replaced = (before - table.individual.len()) as u64;
        let appended = new.len() as u64 - replaced;
        table.individual.extend(new.into_iter().map(|row| Entry { row, commit }));
        (replaced, appended)
    }

    /// S8: how many had a record, and which had none.
    pub fn delete(&mut self, name: &str, ids: &[String]) -> (u64, Vec<String>) {
        let (table, _) = self.tick(name);
        let shelf = table.shelf;
        let there: HashSet<String> =
            table.view(View::Merged).iter().filter_map(|row| shelf.id(row)).collect();
        let mut asked: Vec<String> = Vec::new();
        for id in ids {
            if !asked.contains(id) {
                asked.push(id.clone());
            }
        }
        let (found, missing): (Vec<_>, Vec<_>) = asked.into_iter().partition(|id| there.contains(id));
        table.remove(|entry| shelf.id(&entry.row).is_some_and(|id| ids.contains(&id)));
        (found.len() as u64, missing)
    }

    /// S8: how many users had a row, and how many rows each dataset lost.
    pub fn delete_users(&mut self, group: Option<&str>, ids: &[String]) -> (u64, Vec<(String, u64)>) {
        let mut found = HashSet::new();
        let mut lost = Vec::new();
        let mut after = RowCounts::default();
        for table in self.tables.values_mut() {
            let Some(user) = table.shelf.user.filter(|_| table.shelf.group() == group) else { continue };
            let of = |entry: &Entry| id_text(&entry.row[user]);
            let live: Vec<String> = table.bulk.rows.iter().chain(&table.individual).map(of).collect();
            let live: Vec<String> = live.into_iter().filter(|id| ids.contains(id)).collect();
            lost.push((table.shelf.name.to_owned(), live.len() as u64));
            found.extend(live);
            table.remove(|entry| ids.contains(&of(entry)));
            let counts = table.counts();
            after.bulk += counts.bulk;
            after.individual += counts.individual;
            after.merged += counts.merged;
        }
        self.history.push(Past { what: CommitKind::DeleteUsers, dataset: None, label: None, rows: after });
        (found.len() as u64, lost)
    }

    /// S10: what was undone, if anything is kept.
    pub fn undo(&mut self, name: &str) -> Option<Last> {
        let (table, _) = self.tick(name);
        let before = table.kept.pop()?;
        let undone = std::mem::replace(&mut table.bulk, before).last;
        self.record(CommitKind::Undo, name, None);
        undone
    }

    pub fn set_depth(&mut self, depth: usize) {
        self.depth = depth;
        for table in self.tables.values_mut() {
            table.kept.drain(..table.kept.len().saturating_sub(depth));
        }
    }

    pub fn vacuum(&mut self) {
        for table in self.tables.values_mut() {
            table.kept.clear();
        }
    }
}
