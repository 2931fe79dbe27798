//! Puts and deletes in several datasets, as one.

use std::collections::BTreeMap;

use restock_schema::DatasetName;
use restock_store::Change;

use crate::dataset::Dataset;
use crate::error::Result;
use crate::record::{Record, to_batch};
use crate::store::Store;

/// Puts and deletes in several datasets that become durable and visible as one, or not at all. See [`Store::batch`].
#[derive(Debug)]
#[must_use = "nothing happens before `commit`"]
pub struct Batch {
    store: Store,
    puts: BTreeMap<DatasetName, (Dataset, Vec<Record>)>,
    deletes: BTreeMap<DatasetName, Vec<String>>,
}

impl Store {
    /// An empty batch of puts and deletes in datasets of this store.
    ///
    /// ```
    /// # use restock::{DatasetType, Schema, Store, record};
    /// # let store = Store::in_memory()?;
    /// # let schema = Schema::from_avro(r#"{"type": "record", "name": "Items", "fields": [
    /// #     {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}]}"#)?;
    /// # let old = store.create_dataset("old/items", DatasetType::Items, schema.clone())?;
    /// # let new = store.create_dataset("new/items", DatasetType::Items, schema)?;
    /// # old.put([record! { "ITEM_ID" => "i1", "PRICE" => 9.5 }])?;
    /// let mut batch = store.batch();
    /// batch.delete(&old, &["i1"]);
    /// batch.put(&new, [record! { "ITEM_ID" => "i1", "PRICE" => 9.5 }]);
    /// batch.commit()?;
    /// assert_eq!(old.snapshot()?.counts()?.individual + new.snapshot()?.counts()?.individual, 1);
    /// # Ok::<(), restock::Error>(())
    /// ```
    pub fn batch(&self) -> Batch {
        Batch { store: self.clone(), puts: BTreeMap::new(), deletes: BTreeMap::new() }
    }
}

impl Batch {
    /// Adds records to put into a dataset; of equal IDs the last counts (S5).
    pub fn put<R: Into<Record>>(&mut self, dataset: &Dataset, records: impl IntoIterator<Item = R>) {
        let put = self.puts.entry(dataset.name().clone()).or_insert_with(|| (dataset.clone(), Vec::new()));
        put.1.extend(records.into_iter().map(Into::into));
    }

    /// Adds IDs to delete from both origins of a dataset (S8), before anything of this batch is put into it. Those that
    /// are not there are ignored.
    pub fn delete<S: AsRef<str>>(&mut self, dataset: &Dataset, ids: &[S]) {
        let deleted = self.deletes.entry(dataset.name().clone()).or_default();
        deleted.extend(ids.iter().map(|id| id.as_ref().to_owned()));
    }

    /// Makes all of it durable. The version that made; the current one if there is nothing in it.
    ///
    /// # Errors
    /// A record that does not fit its dataset, IDs of a dataset without record ID, a dataset that is gone; nothing is
    /// changed then.
    pub fn commit(self) -> Result<u64> {
        let mut changes = Vec::with_capacity(self.puts.len() + self.deletes.len());
        for (name, ids) in self.deletes {
            changes.push((name, Change::Delete(ids)));
        }
        for (name, (dataset, records)) in self.puts {
            let snapshot = dataset.snapshot()?;
            let rows = to_batch(&records, snapshot.schema(), &snapshot.text_limits())?;
            changes.push((name, Change::Put(rows)));
        }
        Ok(self.store.inner().apply(&changes)?)
    }
}
