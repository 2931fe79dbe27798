//! A dataset of a store, to be written and read.

use std::io::{BufRead, Read};
use std::path::Path;

use arrow::record_batch::{RecordBatch, RecordBatchReader};
use restock_schema::{DatasetName, Schema, TextLimit};
use restock_store::{DeleteReport, Durability, PendingPut, PutReport, UndoReport};

use crate::error::Result;
use crate::import::{Import, PutLines, convert_batch, read_records};
use crate::record::{Record, to_batch};
use crate::snapshot::DatasetSnapshot;
use crate::store::Store;

/// A dataset of a store. Cheap to clone; keeps the store open.
#[derive(Clone, Debug)]
pub struct Dataset {
    store: Store,
    name: DatasetName,
}

impl Dataset {
    pub(crate) fn new(store: Store, name: DatasetName) -> Dataset {
        Dataset { store, name }
    }

    /// The name.
    pub fn name(&self) -> &DatasetName {
        &self.name
    }

    /// The store it belongs to.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// It as it is now.
    ///
    /// # Errors
    /// It was dropped.
    pub fn snapshot(&self) -> Result<DatasetSnapshot> {
        Ok(DatasetSnapshot::new(self.store.inner().snapshot().dataset(&self.name)?))
    }

    /// The schema as it is now.
    ///
    /// # Errors
    /// It was dropped.
    pub fn schema(&self) -> Result<Schema> {
        Ok(self.snapshot()?.schema().clone())
    }

    /// A bulk import of a file, a glob, a folder, or `-` for standard input, to be configured and run.
    pub fn import(&self, source: impl AsRef<Path>) -> Import {
        self.import_all([source])
    }

    /// A bulk import of several sources, in the order given (S11).
    pub fn import_all<S: AsRef<Path>>(&self, sources: impl IntoIterator<Item = S>) -> Import {
        Import::of_paths(self.clone(), sources.into_iter().map(|source| source.as_ref().to_owned()).collect())
    }

    /// A bulk import of what a reader gives; `name` stands for it in errors.
    pub fn import_reader(&self, reader: impl Read + Send + 'static, name: &str) -> Import {
        Import::of_reader(self.clone(), Box::new(reader), name.to_owned())
    }

    /// A bulk import of several readers in the order given, each with the name that stands for it in errors. One is read to
    /// its end before the next is touched, so that they may open what they read at their first read.
    pub fn import_readers(
        &self,
        readers: impl IntoIterator<Item = (String, Box<dyn Read + Send>)>,
    ) -> Import {
        Import::of_readers(self.clone(), readers.into_iter().collect())
    }

    /// A bulk import of record batches, whose columns are converted where no value is lost.
    pub fn import_batches(&self, batches: impl RecordBatchReader + Send + 'static) -> Import {
        Import::of_batches(self.clone(), Box::new(batches))
    }

    /// Puts records as individual rows, as one atomic batch, durable on return (S7).
    ///
    /// # Errors
    /// A record that does not fit the schema; nothing is put then.
    pub fn put<R: Into<Record>>(&self, records: impl IntoIterator<Item = R>) -> Result<PutReport> {
        self.put_with(records, Durability::Synced)
    }

    /// As [`put`](Self::put), with another durability.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_with<R: Into<Record>>(
        &self,
        records: impl IntoIterator<Item = R>,
        durability: Durability,
    ) -> Result<PutReport> {
        let dataset = self.snapshot()?;
        let records: Vec<Record> = records.into_iter().map(Into::into).collect();
        let batch = to_batch(&records, dataset.schema(), &dataset.text_limits())?;
        self.put_converted(&batch, durability)
    }

    /// Puts the rows of a batch as one atomic batch. Its columns are found by name in any order, and converted where
    /// no value is lost, as [`import_batches`](Self::import_batches) does; the same limits hold.
    ///
    /// # Errors
    /// Columns that the schema has and the batch has not, or the other way round, and rows that do not fit, each with
    /// its number; nothing is put then.
    pub fn put_batch(&self, batch: &RecordBatch, durability: Durability) -> Result<PutReport> {
        self.put_converted(&convert_batch(&self.snapshot()?, batch)?, durability)
    }

    fn put_converted(&self, batch: &RecordBatch, durability: Durability) -> Result<PutReport> {
        Ok(self.store.inner().put(&self.name, batch, durability)?)
    }

    /// Puts JSON Lines, one record a line, as one atomic batch; `name` stands for the reader in errors.
    ///
    /// # Errors
    /// A line that is no record of the dataset, an unknown key included; nothing is put then.
    pub fn put_json_lines(&self, reader: impl Read + Send + 'static, name: &str) -> Result<PutReport> {
        let dataset = self.snapshot()?;
        let batch = read_records(&dataset, Box::new(reader), name)?;
        self.put_converted(&batch, Durability::Synced)
    }

    /// Puts JSON Lines record by record, each durable on its own, in the order of the lines; `name` stands for the
    /// reader in errors.
    ///
    /// ```
    /// # use restock::{DatasetType, Schema, Store};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = Store::in_memory()?;
    /// # let schema = r#"{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"},
    /// #     {"name": "PRICE", "type": ["null", "float"]}]}"#;
    /// # let items = store.create_dataset("items", DatasetType::Items, Schema::from_avro(schema)?)?;
    /// let lines = "{\"ITEM_ID\": \"i1\"}\n{\"ITEM_ID\": \"i2\", \"PRICE\": 4.5}\n".as_bytes();
    /// for begun in items.put_lines(lines, "new items")? {
    ///     let begun = begun?;
    ///     let done = begun.put.wait()?;
    ///     println!("line {} is durable: version {}", begun.line, done.version);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no such dataset; the lines' own come from the iterator.
    pub fn put_lines(&self, reader: impl BufRead + Send + 'static, name: &str) -> Result<PutLines> {
        PutLines::new(self.clone(), Box::new(reader), name)
    }

    pub(crate) fn begin_put(&self, batch: &RecordBatch) -> Result<PendingPut> {
        Ok(self.store.inner().begin_put(&self.name, batch)?)
    }

    /// Deletes records by ID from both origins (S8).
    ///
    /// # Errors
    /// The dataset has no record ID.
    pub fn delete<S: AsRef<str>>(&self, ids: &[S], dry_run: bool) -> Result<DeleteReport> {
        Ok(self.store.inner().delete(&self.name, ids, dry_run)?)
    }

    /// Changes the schema: new nullable columns only; old rows read null in them. The version that made.
    ///
    /// # Errors
    /// Any other difference.
    pub fn alter(&self, schema: &Schema) -> Result<u64> {
        Ok(self.store.inner().alter(&self.name, schema)?)
    }

    /// Takes back the last import (S10).
    ///
    /// # Errors
    /// There is none, or it is no longer kept.
    pub fn undo(&self) -> Result<UndoReport> {
        Ok(self.store.inner().undo(&self.name, false)?)
    }
}

/// The limit of each column's texts.
pub(crate) fn text_limits(dataset: &restock_store::DatasetSnapshot) -> Vec<Option<TextLimit>> {
    let (limits, kind, id) = (dataset.limits(), dataset.dataset_type(), dataset.record_id());
    dataset.schema().fields().iter().map(|field| limits.for_field(field, kind, id)).collect()
}
