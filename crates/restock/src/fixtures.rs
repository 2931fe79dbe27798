//! Fixtures: small data sets that a test or a newcomer loads by name.
//!
//! ```
//! let store = restock::fixtures::load("rules")?;
//! assert_eq!(store.dataset("items")?.snapshot()?.counts()?.individual, 5);
//! # Ok::<(), restock::Error>(())
//! ```
//!
//! A fixture is built in, or a folder `schema/`, `bulk/`, `individual/`, `incremental/`, `expected/`; its format is in
//! `fixtures/README.md`. It is loaded in the order FULL imports, puts, INCREMENTAL imports. A dataset is named after
//! its type.

mod builtin;
mod compare;
mod files;

use std::path::Path;

use restock_schema::{DatasetName, DatasetType, Schema};
use restock_store::{ImportMode, RowCounts, View};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::snapshot::DatasetSnapshot;
use crate::store::Store;
use files::Files;

pub use builtin::built_in;

/// Loads a fixture into a new store in memory: what a test needs, in one line.
///
/// # Errors
/// As [`Fixture::find`] and [`Fixture::load_into`].
pub fn load(fixture: impl AsRef<Path>) -> Result<Store> {
    let store = Store::in_memory()?;
    load_into(&store, fixture)?;
    Ok(store)
}

/// Loads a fixture into a store.
///
/// # Errors
/// As [`Fixture::find`] and [`Fixture::load_into`].
pub fn load_into(store: &Store, fixture: impl AsRef<Path>) -> Result<Loaded> {
    Fixture::find(fixture)?.load_into(store)
}

/// Compares what a store holds with what the fixture says it must hold.
///
/// # Errors
/// As [`Fixture::find`] and [`Fixture::check`].
pub fn check(store: &Store, fixture: impl AsRef<Path>) -> Result<Checked> {
    Fixture::find(fixture)?.check(store)
}

/// A fixture that was found, to be loaded.
#[derive(Clone, Debug)]
pub struct Fixture {
    name: String,
    files: Files,
    group: Option<String>,
}

/// What a fixture made of a store.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loaded {
    /// The fixture.
    pub fixture: String,
    /// The version of the store afterwards.
    pub version: u64,
    /// The datasets made.
    pub datasets: Vec<LoadedDataset>,
}

/// A dataset that a fixture made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadedDataset {
    /// Its name.
    pub name: DatasetName,
    /// Imports run, the FULL included.
    pub imports: u64,
    /// Records put; of several of one ID the last counts.
    pub puts: u64,
    /// Its rows at the end.
    pub rows: RowCounts,
}

/// What was found to be as it must.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The fixture.
    pub fixture: String,
    /// Views compared, of all datasets.
    pub views: u64,
    /// Their rows.
    pub rows: u64,
}

impl Fixture {
    /// Finds a fixture: a [built-in](built_in) one; a folder; or by name in the folder that the environment variable
    /// `RESTOCK_FIXTURES` names, and in `fixtures/` of the current folder and of those above it.
    ///
    /// # Errors
    /// There is none; the message lists those there are.
    pub fn find(name_or_path: impl AsRef<Path>) -> Result<Fixture> {
        let (name, files) = Files::find(name_or_path.as_ref())?;
        Ok(Fixture { name, files, group: None })
    }

    /// Puts its datasets into a group: `GROUP/items` instead of `items`.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>) -> Fixture {
        self.group = Some(group.into());
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn dataset(&self, dataset_type: DatasetType) -> Result<DatasetName> {
        let group = self.group.iter().map(|group| format!("{group}/"));
        Ok(DatasetName::parse(&format!("{}{dataset_type}", group.collect::<String>()))?)
    }

    /// Makes its datasets and loads them: of all the FULL, then the puts, then the INCREMENTALs.
    ///
    /// # Errors
    /// A dataset of a name is there already, and nothing is changed then; or a file of the fixture is at fault, and
    /// what was loaded before it stays.
    pub fn load_into(&self, store: &Store) -> Result<Loaded> {
        let types = self.files.types()?;
        let names = types.iter().map(|each| self.dataset(*each)).collect::<Result<Vec<_>>>()?;
        if let Some(name) = store.datasets().iter().find(|name| names.contains(name)) {
            return Err(Error::Refused(format!(
                "the store has a dataset `{name}` already; load fixture `{}` into a new store",
                self.name
            )));
        }
        let mut datasets = Vec::with_capacity(types.len());
        for (dataset_type, name) in types.into_iter().zip(names) {
            let schema = Schema::from_avro(&self.files.read(&format!("schema/{dataset_type}.json"))?)?;
            let dataset = store.create_dataset(&name.to_string(), dataset_type, schema)?;
            datasets.push((dataset_type, dataset, 0, 0));
        }
        for (dataset_type, dataset, imports, _) in &mut datasets {
            if let Some(import) = self.files.import(dataset, &format!("bulk/{dataset_type}"))? {
                import.run()?;
                *imports += 1;
            }
        }
        for (dataset_type, dataset, _, puts) in &mut datasets {
            let path = format!("individual/{dataset_type}.jsonl");
            if self.files.holds(&path)? {
                let records = self.files.read(&path)?.into_owned();
                *puts = dataset.put_json_lines(std::io::Cursor::new(records), &path)?.accepted;
            }
        }
        for step in self.files.names("incremental")? {
            for (dataset_type, dataset, imports, _) in &mut datasets {
                if let Some(import) =
                    self.files.import(dataset, &format!("incremental/{step}/{dataset_type}"))?
                {
                    import.mode(ImportMode::Incremental).run()?;
                    *imports += 1;
                }
            }
        }
        let snapshot = store.snapshot();
        let datasets = datasets.into_iter().map(|(_, dataset, imports, puts)| {
            let name = dataset.name().clone();
            let rows = snapshot.dataset(&name.to_string())?.counts()?;
            Ok(LoadedDataset { name, imports, puts, rows })
        });
        Ok(Loaded {
            fixture: self.name.clone(),
            version: snapshot.version(),
            datasets: datasets.collect::<Result<_>>()?,
        })
    }

    /// Writes its files into a new folder, to be looked at and changed.
    ///
    /// # Errors
    /// The folder exists, or cannot be written.
    pub fn unpack(&self, folder: impl AsRef<Path>) -> Result<()> {
        self.files.unpack(folder.as_ref())
    }

    /// Compares the merged and the bulk view of its datasets with `expected/`, to the byte of their CSV.
    ///
    /// # Errors
    /// A row differs: the message names the first, and what it should be. The fixture has nothing to compare with.
    pub fn check(&self, store: &Store) -> Result<Checked> {
        let snapshot = store.snapshot();
        let mut checked = Checked { fixture: self.name.clone(), views: 0, rows: 0 };
        for dataset_type in self.files.types()? {
            let dataset = snapshot.dataset(&self.dataset(dataset_type)?.to_string())?;
            for (view, ending) in [(View::Merged, "csv"), (View::Bulk, "bulk.csv")] {
                let path = format!("expected/{dataset_type}.{ending}");
                if self.files.holds(&path)? {
                    checked.rows += self.compare(&dataset, view, &path)?;
                    checked.views += 1;
                }
            }
        }
        if checked.views == 0 {
            return Err(Error::Refused(format!(
                "fixture `{}` has no `expected/` to check against",
                self.name
            )));
        }
        Ok(checked)
    }

    fn compare(&self, dataset: &DatasetSnapshot, view: View, path: &str) -> Result<u64> {
        let (found, rows) = compare::sorted_csv(dataset, view)?;
        compare::compare(&found, &self.files.read(path)?).map_err(|difference| {
            Error::Refused(format!(
                "fixture `{}`: dataset `{}` is not as {path} has it: {difference}",
                self.name,
                dataset.name()
            ))
        })?;
        Ok(rows)
    }
}

/// The examples of the page on fixtures.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/fixtures.md")]
struct Page;

#[cfg(test)]
mod tests;
