//! Rows that are only an ID.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::record_batch::RecordBatch;
use restock_schema::{DatasetName, DatasetType, LimitSet, Schema};
use restock_store::{NewDataset, Snapshot, Storage, Store, View};

const SCHEMA: &str = r#"{"type":"record","name":"Items","fields":[
    {"name":"ITEM_ID","type":"string"}, {"name":"BY","type":"string"}]}"#;

pub fn items() -> DatasetName {
    "items".parse().unwrap()
}

/// A store with an empty dataset of items.
pub fn store(storage: impl Storage + 'static) -> Store {
    let store = Store::open_storage(Arc::new(storage)).unwrap();
    let new = NewDataset {
        name: items(),
        dataset_type: DatasetType::Items,
        schema: Schema::from_avro(SCHEMA).unwrap(),
        record_id: None,
        domain: None,
        limits: LimitSet::None,
    };
    store.create_dataset(new).unwrap();
    store
}

/// Rows of these IDs, by somebody.
pub fn batch(ids: &[&str], by: &str) -> RecordBatch {
    let columns: [Arc<StringArray>; 2] =
        [Arc::new(ids.iter().map(Some).collect()), Arc::new(ids.iter().map(|_| Some(by)).collect())];
    RecordBatch::try_new(Schema::from_avro(SCHEMA).unwrap().to_arrow(), columns.map(|c| c as _).to_vec())
        .unwrap()
}

/// The rows of a view, `ID by`, sorted.
pub fn rows(snapshot: &Snapshot, view: View) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in snapshot.dataset(&items()).unwrap().scan().view(view).batches().unwrap() {
        let batch = batch.unwrap();
        let (ids, by) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        rows.extend((0..batch.num_rows()).map(|row| format!("{} {}", ids.value(row), by.value(row))));
    }
    rows.sort();
    rows
}
