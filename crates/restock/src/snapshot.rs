//! Snapshots as their users see them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use restock_schema::{DatasetName, DatasetType, Domain, LimitSet, Schema, TextLimit};
use restock_store::{RowCounts, Scan, StoreInfo, View};

use crate::error::Result;
use crate::export::Export;
use crate::record::Record;

/// An immutable, consistent view of all datasets at one version (S9). Cheap to take and to clone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    inner: restock_store::Snapshot,
    /// The folder of its store. The store itself is not held: its lock is not a reader's to keep.
    folder: Option<PathBuf>,
}

impl Snapshot {
    pub(crate) fn new(inner: restock_store::Snapshot, folder: Option<&Path>) -> Snapshot {
        Snapshot { inner, folder: folder.map(Path::to_owned) }
    }

    /// The version it shows.
    pub fn version(&self) -> u64 {
        self.inner.version()
    }

    /// The names of the datasets, in order.
    pub fn names(&self) -> Vec<DatasetName> {
        self.inner.names()
    }

    /// A dataset by name.
    ///
    /// # Errors
    /// There is none; the error lists the near names.
    pub fn dataset(&self, name: &str) -> Result<DatasetSnapshot> {
        Ok(DatasetSnapshot::new(self.inner.dataset(&DatasetName::parse(name)?)?))
    }

    /// What the store holds.
    ///
    /// # Errors
    /// Damage in what unflushed puts touch.
    pub fn info(&self) -> Result<StoreInfo> {
        Ok(self.inner.info()?)
    }

    /// Makes a store at `path` that holds what this snapshot shows, whatever became of its store since. Files that
    /// the store still has are shared by hard links where they can.
    ///
    /// # Errors
    /// There is something at `path` already, or it cannot be written.
    pub fn copy_to(&self, path: impl AsRef<Path>) -> Result<()> {
        let folder = self.folder.as_ref().and_then(|path| restock_store::Store::open_read_only(path).ok());
        // A store that is not there gives no links; the snapshot has its files open.
        let from = folder.map_or_else(restock_store::Store::in_memory, Ok)?;
        Ok(from.copy_to(&self.inner, path)?)
    }
}

/// A dataset at the version of its snapshot.
#[derive(Clone, Debug)]
pub struct DatasetSnapshot {
    inner: restock_store::DatasetSnapshot,
    /// Of the columns, once a record was read: all that are read share them.
    names: OnceLock<Arc<Vec<String>>>,
}

impl DatasetSnapshot {
    pub(crate) fn new(inner: restock_store::DatasetSnapshot) -> DatasetSnapshot {
        DatasetSnapshot { inner, names: OnceLock::new() }
    }

    fn names(&self) -> &Arc<Vec<String>> {
        let names = || self.schema().fields().iter().map(|field| field.name.clone()).collect();
        self.names.get_or_init(|| Arc::new(names()))
    }

    /// The name.
    pub fn name(&self) -> &DatasetName {
        self.inner.name()
    }

    /// The dataset type.
    pub fn dataset_type(&self) -> DatasetType {
        self.inner.dataset_type()
    }

    /// The domain of its group.
    pub fn domain(&self) -> Option<Domain> {
        self.inner.domain()
    }

    /// The record ID's column.
    pub fn record_id(&self) -> Option<&str> {
        self.inner.record_id()
    }

    /// The value limits in force.
    pub fn limits(&self) -> LimitSet {
        self.inner.limits()
    }

    /// The schema.
    pub fn schema(&self) -> &Schema {
        self.inner.schema()
    }

    /// The Arrow schema of its scans.
    pub fn arrow_schema(&self) -> SchemaRef {
        self.inner.arrow_schema()
    }

    pub(crate) fn text_limits(&self) -> Vec<Option<TextLimit>> {
        crate::dataset::text_limits(&self.inner)
    }

    /// Live rows by origin.
    ///
    /// # Errors
    /// Damage in what unflushed puts touch.
    pub fn counts(&self) -> Result<RowCounts> {
        Ok(self.inner.counts()?)
    }

    /// A scan of all columns in the merged view, to be narrowed.
    pub fn scan(&self) -> Scan {
        self.inner.scan()
    }

    /// The record of an ID in the merged view.
    ///
    /// # Errors
    /// The dataset has no record ID, or damage.
    pub fn get(&self, id: &str) -> Result<Option<Record>> {
        self.get_in(id, View::Merged)
    }

    /// The record of an ID in a view.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_in(&self, id: &str, view: View) -> Result<Option<Record>> {
        let mut values = Vec::with_capacity(self.names().len());
        let found = self.inner.visit(id, view, |cell| values.push(cell.into()))?;
        Ok(found.then(|| Record::of(Arc::clone(self.names()), values)))
    }

    /// The records of many IDs, in the order asked; `None` for one that is not there. Thousands are got by several
    /// threads.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_many<S: AsRef<str>>(&self, ids: &[S], view: View) -> Result<Vec<Option<Record>>> {
        let parts = self.inner.read_many(ids, view, |found| {
            // Names of its own: threads that count the users of one value wait for each other.
            let names = Arc::new(self.names().to_vec());
            let (mut records, mut values) = (Vec::with_capacity(found.len()), Vec::new());
            self.inner.visit_each(found, |cell| {
                values.push(cell.into());
                if values.len() == names.len() {
                    let next = Vec::with_capacity(names.len());
                    records.push(Record::of(Arc::clone(&names), std::mem::replace(&mut values, next)));
                }
            })?;
            Ok(found.iter().map(|(number, _)| *number).zip(records).collect::<Vec<_>>())
        })?;
        let mut records = vec![None; ids.len()];
        for (number, record) in parts.into_iter().flatten() {
            if let Some(slot) = records.get_mut(number) {
                *slot = Some(record);
            }
        }
        Ok(records)
    }

    /// The records of those of many IDs that a view has, in the order asked, as one Arrow batch of all columns: the fastest
    /// way to thousands of records, and ready for Arrow's kernels. IDs that are not there are left out.
    ///
    /// ```
    /// # use restock::{DatasetType, Schema, Store, View, record};
    /// # let store = Store::in_memory()?;
    /// # let schema = Schema::from_avro(r#"{"type": "record", "name": "Items", "fields": [
    /// #     {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}]}"#)?;
    /// # let items = store.create_dataset("items", DatasetType::Items, schema)?;
    /// # items.put([record! { "ITEM_ID" => "i1", "PRICE" => 9.5 }, record! { "ITEM_ID" => "i2", "PRICE" => 3.5 }])?;
    /// let batch = store.snapshot().dataset("items")?.get_batch(&["i2", "i7", "i1"], View::Merged)?;
    /// assert_eq!(batch.num_rows(), 2);
    /// # Ok::<(), restock::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get), and more text than a batch can hold: 2 GiB.
    pub fn get_batch<S: AsRef<str>>(&self, ids: &[S], view: View) -> Result<RecordBatch> {
        Ok(self.inner.get_batch(ids, view)?)
    }

    /// An export to a file, to be configured and run; the format goes by its extension.
    pub fn export(&self, out: impl AsRef<Path>) -> Export {
        Export::new(self.clone(), out.as_ref().to_owned())
    }
}
