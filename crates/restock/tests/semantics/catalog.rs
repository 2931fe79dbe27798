//! A small shop whose rows are written as CSV lines, for tests that show one rule.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use restock::{Dataset, DatasetType, ImportMode, ImportReport, Record, Result, Schema, Store, Value, View};
use tempfile::TempDir;

pub const ITEMS: &str = r#"{"type": "record", "name": "Items", "fields": [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRE", "type": ["null", "string"], "categorical": true},
    {"name": "PRICE", "type": ["null", "double"]}]}"#;
const USERS: &str = r#"{"type": "record", "name": "Users", "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "COUNTRY", "type": ["null", "string"], "categorical": true},
    {"name": "NOTE", "type": ["null", "string"]}]}"#;
const INTERACTIONS: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}]}"#;

/// A store with the datasets `items`, `users` and `interactions`.
pub struct Catalog {
    pub store: Store,
    pub items: Dataset,
    pub users: Dataset,
    pub interactions: Dataset,
    folder: TempDir,
}

impl Catalog {
    pub fn in_memory() -> Catalog {
        Catalog::of(Store::in_memory().unwrap(), TempDir::new().unwrap())
    }

    pub fn on_disk() -> Catalog {
        let folder = TempDir::new().unwrap();
        Catalog::of(Store::create(folder.path().join("store")).unwrap(), folder)
    }

    fn of(store: Store, folder: TempDir) -> Catalog {
        let make =
            |name, kind, avro| store.create_dataset(name, kind, Schema::from_avro(avro).unwrap()).unwrap();
        let items = make("items", DatasetType::Items, ITEMS);
        let users = make("users", DatasetType::Users, USERS);
        let interactions = make("interactions", DatasetType::Interactions, INTERACTIONS);
        Catalog { store, items, users, interactions, folder }
    }

    /// A path beside the store.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the store.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Every file of the store with its content.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files(self.store.path().expect("the store lies in a folder"))
    }
}

/// A CSV text with the header of a dataset.
pub fn csv(dataset: &Dataset, lines: &[&str]) -> String {
    let schema = dataset.schema().unwrap();
    let header: Vec<&str> = schema.fields().iter().map(|field| field.name.as_str()).collect();
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    format!("{}\n{lines}", header.join(","))
}

/// Imports lines without their header.
pub fn import(dataset: &Dataset, mode: ImportMode, lines: &[&str]) -> Result<ImportReport> {
    dataset.import_reader(Cursor::new(csv(dataset, lines)), "lines").mode(mode).run()
}

pub fn full(dataset: &Dataset, lines: &[&str]) -> ImportReport {
    import(dataset, ImportMode::Full, lines).unwrap()
}

pub fn incremental(dataset: &Dataset, lines: &[&str]) -> ImportReport {
    import(dataset, ImportMode::Incremental, lines).unwrap()
}

/// Puts a record that is written as a CSV line.
pub fn put(dataset: &Dataset, line: &str) {
    dataset.put([record(dataset, line)]).unwrap();
}

/// A record that is written as a CSV line; an empty cell is null.
pub fn record(dataset: &Dataset, line: &str) -> Record {
    let schema = dataset.schema().unwrap();
    let cells = schema.fields().iter().zip(line.split(','));
    let value = |cell: &str| match (cell, cell.parse::<i64>(), cell.parse::<f64>()) {
        ("", ..) => Value::Null,
        (_, Ok(number), _) => number.into(),
        (_, _, Ok(number)) => number.into(),
        _ => cell.into(),
    };
    cells.map(|(field, cell)| (field.name.clone(), value(cell))).collect()
}

/// The rows of a view as CSV lines, in scan order.
pub fn rows(dataset: &Dataset, view: View) -> Vec<String> {
    rows_of(&dataset.snapshot().unwrap(), view)
}

/// The rows of a view of a snapshot.
pub fn rows_of(snapshot: &restock::DatasetSnapshot, view: View) -> Vec<String> {
    let text = crate::export::bytes(snapshot, restock::Format::Csv, view).unwrap();
    String::from_utf8(text).unwrap().lines().skip(1).map(str::to_owned).collect()
}

/// Every file below a folder with its content, by path.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}
