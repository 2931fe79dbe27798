//! Takes the steps of a run, in the store and in the model, and compares.

use std::collections::BTreeMap;
use std::path::PathBuf;

use restock::{Durability, Snapshot, Store, Value, View};

use super::checks::{self, Check, failed, same};
use super::dice::Dice;
use super::exports;
use super::home::{Home, copy_folder};
use super::operation::{Flaw, Operation, PutBy};
use super::sheet;
use super::world::World;
use crate::shelf::{Row, SHELVES, Shelf, rows};

/// Things kept to be looked at later, of each kind.
const KEPT: usize = 3;

/// A store and its model, with what was taken of both on the way.
pub struct Player {
    pub home: Home,
    pub world: World,
    store: Option<Store>,
    held: Vec<(Snapshot, World)>,
    reader: Option<(Store, World)>,
    copies: Vec<(PathBuf, World)>,
    dice: Dice,
}

impl Player {
    /// A store with all datasets, empty.
    pub fn new(home: Home, seed: u64) -> Player {
        let store = home.open().unwrap();
        let mut player = Player::over(home, store, World::new(), seed);
        for shelf in SHELVES {
            player.create(shelf).unwrap();
        }
        player
    }

    /// A store that is as a model says.
    pub fn over(home: Home, store: Store, world: World, seed: u64) -> Player {
        let (held, copies) = (Vec::new(), Vec::new());
        Player { home, world, store: Some(store), held, reader: None, copies, dice: Dice::new(seed) }
    }

    /// Makes a dataset, empty.
    pub fn create(&mut self, shelf: &'static Shelf) -> Check {
        shelf.create(self.store()).map_err(failed("create"))?;
        self.world.create(shelf);
        Ok(())
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("it is only closed to be opened again")
    }

    fn dataset(&self, name: &str) -> Check<restock::Dataset> {
        self.store().dataset(name).map_err(failed("opening a dataset"))
    }

    /// Takes a step, then compares everything.
    pub fn play(&mut self, operation: &Operation) -> Check {
        let version = self.store().snapshot().version();
        self.step(operation)?;
        let now = self.store().snapshot().version();
        if now < version {
            return Err(format!("the version went back from {version} to {now}"));
        }
        let store = self.store().clone();
        checks::store_is(&store, &self.world, &mut self.dice)
    }

    /// What is looked at only at the end: everything taken on the way is still as it was (S9).
    pub fn finish(&mut self) -> Check {
        self.look_back()?;
        checks::verifies(self.store())?;
        for name in self.world.tables.keys() {
            exports::exports_are(self.store(), self.world.table(name))?;
        }
        for (path, world) in &self.copies {
            let copy = Store::open_existing(path).map_err(failed("opening a copy"))?;
            checks::snapshot_is(&copy.snapshot(), world).map_err(|e| format!("a copy changed: {e}"))?;
            checks::verifies(&copy)?;
        }
        Ok(())
    }

    fn look_back(&self) -> Check {
        for (snapshot, world) in &self.held {
            checks::snapshot_is(snapshot, world).map_err(|e| format!("S9: a snapshot changed: {e}"))?;
        }
        if let Some((reader, world)) = &self.reader {
            let seen = checks::snapshot_is(&reader.snapshot(), world);
            seen.map_err(|e| format!("S9: what a reader sees changed: {e}"))?;
        }
        Ok(())
    }

    fn step(&mut self, operation: &Operation) -> Check {
        match operation {
            Operation::Import(step) => self.import(step),
            Operation::Put { dataset, rows, by, durability } => self.put(dataset, rows, *by, *durability),
            Operation::PutFlawed { dataset, row, flaw } => self.put_flawed(dataset, row, *flaw),
            Operation::PutHeavy { dataset, row } => self.put_heavy(dataset, row),
            Operation::Delete { dataset, ids, dry_run } => self.delete(dataset, ids, *dry_run),
            Operation::Batch { deletes, puts } => self.batch(deletes, puts),
            Operation::DeleteUsers { group, ids, dry_run } => self.delete_users(*group, ids, *dry_run),
            Operation::Undo { dataset, dry_run } => self.undo(dataset, *dry_run),
            Operation::Alter { dataset } => self.alter(dataset),
            Operation::Recreate { dataset } => {
                self.store().drop_dataset(dataset).map_err(failed("drop"))?;
                self.world.drop_table(dataset);
                checks::snapshot_is(&self.store().snapshot(), &self.world)?;
                self.create(Shelf::of(dataset))
            }
            Operation::Compact { dataset } => {
                self.store().compact(*dataset).map(|_| ()).map_err(failed("compact"))
            }
            Operation::Vacuum => self.vacuum(),
            Operation::UndoDepth(depth) => {
                self.store().set_undo_depth(*depth).map_err(failed("setting the undo depth"))?;
                self.world.set_depth(*depth as usize);
                Ok(())
            }
            Operation::Sync => self.store().sync().map_err(failed("sync")),
            Operation::Reopen => {
                self.store = None;
                self.store = Some(self.home.open().map_err(failed("opening again"))?);
                Ok(())
            }
            Operation::Crash { go_on } => self.crash(*go_on),
            Operation::Copy => self.copy(),
            Operation::Hold => {
                self.held.push((self.store().snapshot(), self.world.clone()));
                Ok(())
            }
            Operation::Release => {
                self.look_back()?;
                self.held.drain(..self.held.len().saturating_sub(KEPT));
                Ok(())
            }
            Operation::Refresh => self.refresh(),
            Operation::Filter { dataset, column, row, limit } => self.filter(dataset, *column, row, *limit),
            Operation::Verify => checks::verifies(self.store()),
            Operation::Export { dataset } => exports::exports_are(self.store(), self.world.table(dataset)),
        }
    }

    fn put(&mut self, name: &str, rows: &[Row], by: PutBy, durability: Durability) -> Check {
        let dataset = self.dataset(name)?;
        let (shelf, width) = (self.world.table(name).shelf, self.world.table(name).width);
        let report = match by {
            PutBy::Records => dataset.put_with(rows.iter().map(|row| shelf.record(row, width)), durability),
            PutBy::JsonLines => {
                let text = sheet::records(shelf, width, rows, &mut self.dice);
                dataset.put_json_lines(std::io::Cursor::new(text), "put")
            }
            PutBy::Batch => dataset.put_batch(&shelf.batch(rows, width), durability),
        };
        let report = report.map_err(failed("put"))?;
        let (replaced, appended) = self.world.put(name, rows.to_vec());
        let found = (report.replaced, report.appended, report.accepted);
        same("S7: the report of a put", &found, &(replaced, appended, replaced + appended))
    }

    fn put_flawed(&mut self, name: &str, row: &Row, flaw: Flaw) -> Check {
        let (shelf, width) = (self.world.table(name).shelf, self.world.table(name).width);
        let good = shelf.record(row, width);
        let mut flawed = good.clone();
        match (flaw, shelf.key) {
            (Flaw::Long, _) => drop(flawed.insert("UNKNOWN", 1)),
            (Flaw::EmptyId, Some(0)) => drop(flawed.insert(shelf.columns[0].name, "")),
            (Flaw::Missing, _) => drop(flawed.insert(shelf.columns[0].name, Value::Null)),
            _ => {
                let number = shelf.columns.iter().find(|c| c.value_type != restock::ValueType::String);
                drop(flawed.insert(number.expect("each has one").name, "abc"));
            }
        }
        match self.dataset(name)?.put([good, flawed]) {
            Err(_) => Ok(()),
            Ok(report) => Err(format!("S7: a record with the flaw {flaw:?} was put: {report:?}")),
        }
    }

    fn put_heavy(&mut self, name: &str, row: &Row) -> Check {
        let dataset = self.dataset(name)?;
        let (shelf, width) = (self.world.table(name).shelf, self.world.table(name).width);
        let light = shelf.record(row, width);
        let mut heavy = light.clone();
        heavy.insert("NOTE", "note ".repeat(200_000));
        for _ in 0..9 {
            dataset.put_with([heavy.clone()], Durability::Buffered).map_err(failed("a large put"))?;
        }
        dataset.put([light]).map_err(failed("put"))?;
        for _ in 0..10 {
            self.world.put(name, vec![row.clone()]);
        }
        Ok(())
    }

    fn delete(&mut self, name: &str, ids: &[String], dry_run: bool) -> Check {
        let dataset = self.dataset(name)?;
        if self.world.table(name).shelf.key.is_none() {
            return match dataset.delete(ids, false) {
                Err(_) => Ok(()),
                Ok(report) => Err(format!("S8: deleted without a record ID: {report:?}")),
            };
        }
        let mut after = self.world.clone();
        let expected = after.delete(name, ids);
        if dry_run {
            let report = dataset.delete(ids, true).map_err(failed("a dry run of delete"))?;
            same("S8: the dry run of a delete", &(report.deleted, report.missing), &expected)?;
            checks::snapshot_is(&self.store().snapshot(), &self.world)?;
        }
        let report = dataset.delete(ids, false).map_err(failed("delete"))?;
        self.world = after;
        same("S8: the report of a delete", &(report.deleted, report.missing), &expected)
    }

    fn batch(&mut self, deletes: &[(&'static str, Vec<String>)], puts: &[(&'static str, Vec<Row>)]) -> Check {
        let mut batch = self.store().batch();
        for (name, ids) in deletes {
            batch.delete(&self.dataset(name)?, ids);
            self.world.delete(name, ids);
        }
        let mut joined: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for (name, rows) in puts {
            let (shelf, width) = (self.world.table(name).shelf, self.world.table(name).width);
            batch.put(&self.dataset(name)?, rows.iter().map(|row| shelf.record(row, width)));
            joined.entry(name).or_default().extend(rows.iter().cloned());
        }
        for (name, rows) in joined {
            self.world.put(name, rows);
        }
        batch.commit().map(drop).map_err(failed("a batch"))
    }

    fn delete_users(&mut self, group: Option<&str>, ids: &[String], dry_run: bool) -> Check {
        let mut after = self.world.clone();
        let (users, mut rows) = after.delete_users(group, ids);
        rows.sort();
        let report = |dry_run| -> Check<_> {
            let report = self.store().delete_users(group, ids, dry_run).map_err(failed("deleting users"))?;
            let mut rows: Vec<_> = report.rows.iter().map(|(name, rows)| (name.to_string(), *rows)).collect();
            rows.sort();
            Ok((report.users, rows))
        };
        if dry_run {
            same("S8: the dry run of deleting users", &report(true)?, &(users, rows.clone()))?;
            checks::snapshot_is(&self.store().snapshot(), &self.world)?;
        }
        same("S8: the report of deleting users", &report(false)?, &(users, rows))?;
        self.world = after;
        Ok(())
    }

    fn undo(&mut self, name: &str, dry_run: bool) -> Check {
        let before = self.world.table(name).counts();
        let mut after = self.world.clone();
        let undone = after.undo(name);
        let now = after.table(name).counts();
        for dry_run in if dry_run { &[true, false][..] } else { &[false] } {
            let report = match (&undone, self.store().undo(name, *dry_run)) {
                (None, Err(_)) => continue,
                (None, Ok(report)) => return Err(format!("S10: undid what is not kept: {report:?}")),
                (Some(_), report) => report.map_err(failed("S10: undo"))?,
            };
            let found = (report.rows_before, report.rows, Some(report.undone.version));
            let expected = (before, now, undone.as_ref().map(|last| last.version));
            same(&format!("S10: the report of an undo (dry run: {dry_run})"), &found, &expected)?;
        }
        if undone.is_some() {
            self.world = after;
        }
        Ok(())
    }

    fn alter(&mut self, name: &str) -> Check {
        let table = self.world.table(name);
        if table.width == table.shelf.columns.len() {
            // Taking a column away is refused.
            let refused = self.dataset(name)?.alter(&table.shelf.schema(table.shelf.base));
            return match refused {
                Err(_) => Ok(()),
                Ok(version) => Err(format!("a column was taken away in version {version}")),
            };
        }
        let schema = table.shelf.schema(table.width + 1);
        self.dataset(name)?.alter(&schema).map_err(failed("alter"))?;
        self.world.alter(name);
        Ok(())
    }

    fn vacuum(&mut self) -> Check {
        self.store().vacuum().map_err(failed("vacuum"))?;
        self.world.vacuum();
        for dataset in self.store().info().map_err(failed("info"))?.datasets {
            let left = (dataset.deleted, dataset.undo_kept);
            same(
                &format!("S8: dead rows and kept versions of {} after vacuum", dataset.name),
                &left,
                &(0, 0),
            )?;
        }
        Ok(())
    }

    fn crash(&mut self, go_on: bool) -> Check {
        let Some(folder) = self.home.folder().map(PathBuf::from) else { return Ok(()) };
        let image = self.home.fresh("image");
        copy_folder(&folder, &image).unwrap();
        let store = Store::open_existing(&image).map_err(failed("opening after a crash"))?;
        checks::snapshot_is(&store.snapshot(), &self.world).map_err(|e| format!("after a crash: {e}"))?;
        checks::verifies(&store)?;
        if go_on {
            self.look_back()?;
            self.reader = None;
            self.store = Some(store);
            self.home.move_to(image);
        }
        Ok(())
    }

    fn copy(&mut self) -> Check {
        if self.home.folder().is_none() {
            return Ok(());
        }
        let path = self.home.fresh("copy");
        self.store().copy_to(&path).map_err(failed("copy"))?;
        let copy = Store::open_read_only(&path).map_err(failed("opening a copy"))?;
        checks::snapshot_is(&copy.snapshot(), &self.world).map_err(|e| format!("in a copy: {e}"))?;
        self.copies.push((path, self.world.clone()));
        self.copies.drain(..self.copies.len().saturating_sub(KEPT));
        Ok(())
    }

    fn refresh(&mut self) -> Check {
        self.look_back()?;
        let Some(folder) = self.home.folder() else { return Ok(()) };
        let reader = match self.reader.take() {
            Some((reader, _)) => {
                reader.refresh().map_err(failed("refresh"))?;
                reader
            }
            None => Store::open_read_only(folder).map_err(failed("opening to read"))?,
        };
        let seen = checks::snapshot_is(&reader.snapshot(), &self.world);
        seen.map_err(|e| format!("seen by a reader: {e}"))?;
        self.reader = Some((reader, self.world.clone()));
        Ok(())
    }

    fn filter(&self, name: &str, column: usize, row: &Row, limit: Option<u64>) -> Check {
        let table = self.world.table(name);
        let wanted = &row[column];
        let snapshot = self.dataset(name)?.snapshot().map_err(failed("reading a dataset"))?;
        let value = match wanted {
            Value::String(text) => restock::FilterValue::from(text.as_str()),
            Value::Int(number) => (*number).into(),
            Value::Float(number) => (*number).into(),
            Value::Bool(value) => (*value).into(),
            _ => return Ok(()),
        };
        let scan = snapshot.scan().filter(table.shelf.columns[column].name, [value]);
        let scan = limit.into_iter().fold(scan, |scan, limit| scan.limit(limit));
        let batches = scan.batches().map_err(|e| format!("a filtered scan failed: {e}"))?;
        let mut found = Vec::new();
        for batch in batches {
            found.extend(rows(&batch.map_err(|e| format!("a filtered scan failed: {e}"))?));
        }
        let expected = table.view(View::Merged).into_iter().filter(|row| row[column] == *wanted);
        let expected: Vec<Row> = expected.take(limit.map_or(usize::MAX, |limit| limit as usize)).collect();
        let what = format!("rows of {name} with {} = {wanted}", table.shelf.columns[column].name);
        same(&what, &found, &expected)
    }
}
