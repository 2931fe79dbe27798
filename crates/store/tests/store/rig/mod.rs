//! What the tests are written with: a store, rows as text, and the operations in one line each.

mod double;
mod rows;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use restock_schema::{DatasetName, DatasetType, LimitSet, Schema};
use restock_store::{
    Cancel, DatasetSnapshot, DeleteUsersReport, Durability, Error, ImportMode, ImportOutcome, ImportRequest,
    MemoryStorage, NewDataset, PutReport, RowCounts, Snapshot, Storage, Store, View,
};

pub use double::{Double, Op, full};
pub use rows::{batch, text};

const ITEMS: &str = r#"{"type":"record","name":"Items","fields":[
    {"name":"ITEM_ID","type":"string"},
    {"name":"CATEGORY","type":["null","string"],"categorical":true},
    {"name":"PRICE","type":["null","double"]}]}"#;
const USERS: &str = r#"{"type":"record","name":"Users","fields":[
    {"name":"USER_ID","type":"string"},
    {"name":"COUNTRY","type":["null","string"],"categorical":true},
    {"name":"NOTE","type":["null","string"]}]}"#;
const INTERACTIONS: &str = r#"{"type":"record","name":"Interactions","fields":[
    {"name":"USER_ID","type":"string"},
    {"name":"ITEM_ID","type":"string"},
    {"name":"TIMESTAMP","type":"long"},
    {"name":"EVENT_TYPE","type":"string"}]}"#;

/// The schema a typed dataset of the tests has.
pub fn schema(dataset_type: DatasetType) -> Schema {
    let avro = match dataset_type {
        DatasetType::Items => ITEMS,
        DatasetType::Users => USERS,
        DatasetType::Interactions => INTERACTIONS,
        other => panic!("the tests have no schema for {other}"),
    };
    Schema::from_avro(avro).unwrap()
}

pub fn name(text: &str) -> DatasetName {
    text.parse().unwrap()
}

pub fn new_dataset(dataset: &str, dataset_type: DatasetType) -> NewDataset {
    NewDataset {
        name: name(dataset),
        dataset_type,
        schema: schema(dataset_type),
        record_id: None,
        domain: None,
        limits: LimitSet::None,
    }
}

/// A store with the datasets `items`, `users` and `interactions`, and the folder it lies in, if any.
#[derive(Debug)]
pub struct Rig {
    pub store: Store,
    dir: Option<Arc<tempfile::TempDir>>,
}

impl Rig {
    pub fn in_memory() -> Rig {
        Rig::on(MemoryStorage::new()).with_datasets()
    }

    /// Opens what is on a storage, or makes an empty store there.
    pub fn on(storage: impl Storage + 'static) -> Rig {
        Rig { store: Store::open_storage(Arc::new(storage)).unwrap(), dir: None }
    }

    pub fn on_disk() -> Rig {
        let dir = tempfile::tempdir().unwrap();
        Rig { store: Store::create(dir.path()).unwrap(), dir: Some(Arc::new(dir)) }.with_datasets()
    }

    pub fn with_datasets(self) -> Rig {
        for (name, kind) in [
            ("items", DatasetType::Items),
            ("users", DatasetType::Users),
            ("interactions", DatasetType::Interactions),
        ] {
            self.store.create_dataset(new_dataset(name, kind)).unwrap();
        }
        self
    }

    /// The store's folder.
    pub fn path(&self) -> &Path {
        self.dir.as_ref().expect("the store lies in a folder").path()
    }

    /// Closes the store, and keeps its folder.
    pub fn close(self) -> Arc<tempfile::TempDir> {
        self.dir.expect("the store lies in a folder")
    }

    /// Closes the store and opens it again.
    pub fn reopen(self) -> Rig {
        let Rig { store, dir } = self;
        let path = dir.as_ref().expect("the store lies in a folder").path().to_owned();
        drop(store);
        Rig { store: Store::open_existing(path).unwrap(), dir }
    }

    /// Reads the store as another process would.
    pub fn reader(&self) -> Store {
        Store::open_read_only(self.path()).unwrap()
    }

    pub fn full(&self, dataset: &str, rows: &[&str]) -> ImportOutcome {
        self.import(dataset, ImportMode::Full, rows).unwrap()
    }

    pub fn incremental(&self, dataset: &str, rows: &[&str]) -> ImportOutcome {
        self.import(dataset, ImportMode::Incremental, rows).unwrap()
    }

    pub fn import(&self, dataset: &str, mode: ImportMode, rows: &[&str]) -> Result<ImportOutcome, Error> {
        self.import_batches(dataset, ImportRequest { mode, ..ImportRequest::default() }, &[rows])
    }

    pub fn import_batches(
        &self,
        dataset: &str,
        request: ImportRequest,
        batches: &[&[&str]],
    ) -> Result<ImportOutcome, Error> {
        let mut import = self.store.import(&name(dataset), request)?;
        for rows in batches {
            let encoded = import.encoder().encode(&batch(import.schema(), rows))?;
            import.append(encoded)?;
        }
        import.commit()
    }

    pub fn put(&self, dataset: &str, rows: &[&str]) -> PutReport {
        self.put_as(dataset, rows, Durability::Synced).unwrap()
    }

    pub fn put_as(&self, dataset: &str, rows: &[&str], durability: Durability) -> Result<PutReport, Error> {
        let batch = self.batch(dataset, rows);
        self.store.put(&name(dataset), &batch, durability)
    }

    /// Rows in the columns of a dataset.
    pub fn batch(&self, dataset: &str, rows: &[&str]) -> RecordBatch {
        batch(self.dataset(dataset).schema(), rows)
    }

    pub fn delete(&self, dataset: &str, ids: &[&str]) -> u64 {
        self.store.delete(&name(dataset), ids, false).unwrap().deleted
    }

    pub fn delete_users(&self, ids: &[&str]) -> DeleteUsersReport {
        self.store.delete_users(None, ids, false, &Cancel::new()).unwrap()
    }

    pub fn undo(&self, dataset: &str) -> Result<restock_store::UndoReport, Error> {
        self.store.undo(&name(dataset), false)
    }

    pub fn compact(&self) {
        self.store.compact(None, &Cancel::new()).unwrap();
    }

    pub fn vacuum(&self) {
        self.store.vacuum(&Cancel::new()).unwrap();
    }

    pub fn dataset(&self, dataset: &str) -> DatasetSnapshot {
        self.store.snapshot().dataset(&name(dataset)).unwrap()
    }

    /// The rows of a view, as text, in scan order.
    pub fn rows(&self, dataset: &str, view: View) -> Vec<String> {
        rows_of(&self.store.snapshot(), dataset, view)
    }

    pub fn merged(&self, dataset: &str) -> Vec<String> {
        self.rows(dataset, View::Merged)
    }

    pub fn get(&self, dataset: &str, id: &str, view: View) -> Option<String> {
        self.dataset(dataset).get(id, view).unwrap().map(|row| text(&row).remove(0))
    }

    pub fn counts(&self, dataset: &str) -> RowCounts {
        self.dataset(dataset).counts().unwrap()
    }

    /// Every checksum and invariant holds, and no file is left over.
    #[track_caller]
    pub fn verify(&self) {
        let report = self.store.verify().unwrap();
        assert_eq!((&report.damaged, &report.leftover), (&Vec::new(), &Vec::new()));
        for dataset in ["items", "users", "interactions"].iter().filter(|d| self.has(d)) {
            let (counts, rows) = (self.counts(dataset), |view| self.rows(dataset, view).len() as u64);
            assert_eq!(counts.bulk, rows(View::Bulk), "bulk rows of {dataset}");
            assert_eq!(counts.individual, rows(View::Individual), "individual rows of {dataset}");
            assert_eq!(counts.merged, rows(View::Merged), "merged rows of {dataset}");
            assert_eq!(counts.merged, rows(View::Newest), "newest rows of {dataset}");
        }
    }

    fn has(&self, dataset: &str) -> bool {
        self.store.snapshot().names().contains(&name(dataset))
    }

    /// The store's files with their contents, by path.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files_in(self.path())
    }
}

/// The rows of a view in a snapshot, as text, in scan order.
pub fn rows_of(snapshot: &Snapshot, dataset: &str, view: View) -> Vec<String> {
    let batches = snapshot.dataset(&name(dataset)).unwrap().scan().view(view).batches().unwrap();
    batches.flat_map(|batch| text(&batch.unwrap())).collect()
}

/// Every file below a folder with its content, by path.
pub fn files_in(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            let content = std::fs::read(&path).unwrap();
            files.push((path, content));
        }
    }
    files.sort();
    files
}

/// A copy of what is in memory now, as a crash would leave it.
pub fn image_of(memory: &MemoryStorage) -> MemoryStorage {
    let image = MemoryStorage::new();
    for dir in ["", "segments", "log"] {
        if !dir.is_empty() {
            image.create_dir(dir).unwrap();
        }
        for file in memory.list(dir).unwrap() {
            let path = if dir.is_empty() { file } else { format!("{dir}/{file}") };
            write(&image, &path, &memory.read(&path).unwrap());
        }
    }
    image
}

/// Puts a file into memory, in the place of one that is there.
pub fn write(memory: &MemoryStorage, path: &str, content: &[u8]) {
    drop(memory.remove(path));
    memory.create(path).unwrap().write_all(content).unwrap();
}
