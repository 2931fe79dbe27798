//! Whether a store is what the model says it is.

use std::fmt::Debug;

use restock::{Snapshot, Store, View};

use super::dice::Dice;
use super::world::{Table, World};
use crate::shelf::{self, Row};

/// What a step found wrong, in words.
pub type Check<T = ()> = Result<T, String>;

pub const VIEWS: [View; 4] = [View::Merged, View::Newest, View::Bulk, View::Individual];

/// That two things are equal.
pub fn same<T: PartialEq<U> + Debug, U: Debug>(what: &str, found: &T, expected: &U) -> Check {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}:\n   found    {found:?}\n   expected {expected:?}"))
}

pub fn failed(what: &str) -> impl Fn(restock::Error) -> String {
    move |error| format!("{what} failed: {error}")
}

fn same_rows(what: &str, found: &[Row], expected: &[Row]) -> Check {
    if found == expected {
        return Ok(());
    }
    let at = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    let (rows, of) = (found.len(), expected.len());
    let what = format!("{what}: {rows} rows instead of {of}; row {at} differs");
    same(&what, &found.get(at), &expected.get(at))
}

/// The rows of a view.
pub fn scan(snapshot: &Snapshot, dataset: &str, view: View) -> Check<Vec<Row>> {
    let dataset = snapshot.dataset(dataset).map_err(failed("reading a dataset"))?;
    let batches = dataset.scan().view(view).batches().map_err(|e| format!("the scan failed: {e}"))?;
    let mut rows = Vec::new();
    for batch in batches {
        rows.extend(shelf::rows(&batch.map_err(|e| format!("the scan failed: {e}"))?));
    }
    Ok(rows)
}

/// Every row of every view, in order, and every count (S1, S2, S4, S9, S11).
pub fn snapshot_is(snapshot: &Snapshot, world: &World) -> Check {
    let names: Vec<String> = snapshot.names().iter().map(ToString::to_string).collect();
    let mut expected: Vec<&str> = world.tables.keys().copied().collect();
    expected.sort_by_key(|name| restock::DatasetName::parse(name).unwrap());
    same("the names of the datasets", &names, &expected)?;
    for (name, table) in &world.tables {
        for view in VIEWS {
            let what = format!("S4, S11: {view:?} of {name}");
            same_rows(&what, &scan(snapshot, name, view)?, &table.view(view))?;
        }
        let dataset = snapshot.dataset(name).map_err(failed("reading a dataset"))?;
        let counts = dataset.counts().map_err(failed("counting"))?;
        same(&format!("counts of {name}"), &counts, &table.counts())?;
        same(&format!("schema of {name}"), dataset.schema(), &table.shelf.schema(table.width))?;
    }
    Ok(())
}

/// What the store tells about itself.
pub fn info_is(store: &Store, world: &World) -> Check {
    let info = store.info().map_err(failed("info"))?;
    same("undo depth", &u64::from(info.undo_depth), &(world.depth as u64))?;
    for found in &info.datasets {
        let name = found.name.to_string();
        let table = world.table(&name);
        let counts = table.counts();
        same(&format!("info: rows of {name}"), &found.rows, &counts)?;
        let shadowed = counts.bulk + counts.individual - counts.merged;
        same(&format!("info: shadowed rows of {name}"), &found.shadowed, &shadowed)?;
        same(&format!("info: imports kept of {name}"), &found.undo_kept, &(table.kept.len() as u64))?;
        let last = found.last_import.as_ref().map(|last| super::world::Last {
            version: last.version,
            mode: last.mode,
            label: last.label.clone(),
        });
        same(&format!("info: last import of {name}"), &last, &table.bulk.last)?;
    }
    let history: Vec<super::world::Past> = store
        .history()
        .into_iter()
        .map(|commit| super::world::Past {
            what: commit.what,
            dataset: commit.dataset.map(|name| name.to_string()),
            label: commit.label,
            rows: commit.rows,
        })
        .collect();
    let kept = world.history.len().saturating_sub(1000);
    let expected = &world.history[kept..];
    same("the length of the history", &history.len(), &expected.len())?;
    same("the last commit of the history", &history.last(), &expected.last())?;
    if history != expected {
        return Err("the history changed".to_owned());
    }
    Ok(())
}

/// Records by ID, in every view.
pub fn gets_are(snapshot: &Snapshot, table: &Table, ids: &[String]) -> Check {
    let dataset = snapshot.dataset(table.shelf.name).map_err(failed("reading a dataset"))?;
    for view in VIEWS {
        let rows = table.view(view);
        for id in ids {
            let expected = rows.iter().find(|row| table.shelf.id(row).as_ref() == Some(id));
            let found = dataset.get_in(id, view).map_err(failed("get"))?;
            let found = found.map(|record| table.shelf.row(&record, table.width));
            same(&format!("{view:?} get of {id:?} in {}", table.shelf.name), &found.as_ref(), &expected)?;
        }
        let asked: Vec<&String> = ids.iter().chain(ids.first()).collect();
        let expected: Vec<Row> = asked
            .iter()
            .filter_map(|id| rows.iter().find(|row| table.shelf.id(row).as_ref() == Some(id)).cloned())
            .collect();
        let what = format!("{view:?} get of {asked:?} in {}", table.shelf.name);
        let found = dataset.get_many(&asked, view).map_err(failed("get_many"))?;
        let found: Vec<Row> =
            found.into_iter().flatten().map(|record| table.shelf.row(&record, table.width)).collect();
        same_rows(&what, &found, &expected)?;
        let found = dataset.get_batch(&asked, view).map_err(failed("get_batch"))?;
        same_rows(&format!("{what} as a batch"), &shelf::rows(&found), &expected)?;
    }
    Ok(())
}

/// Everything that is cheap enough to be asked after each step.
pub fn store_is(store: &Store, world: &World, dice: &mut Dice) -> Check {
    let snapshot = store.snapshot();
    snapshot_is(&snapshot, world)?;
    info_is(store, world)?;
    for table in world.tables.values().filter(|table| table.shelf.key.is_some()) {
        let ids: Vec<String> = (0..2)
            .filter_map(|_| table.shelf.id(&super::deal::row(dice, table.shelf)))
            .chain(table.view(View::Merged).last().and_then(|row| table.shelf.id(row)))
            .collect();
        gets_are(&snapshot, table, &ids)?;
    }
    Ok(())
}

/// Every checksum and invariant, and no file left over.
pub fn verifies(store: &Store) -> Check {
    let report = store.verify().map_err(failed("verify"))?;
    same("damage", &report.damaged, &Vec::<String>::new())?;
    same("files left over", &report.leftover, &Vec::<String>::new())
}
