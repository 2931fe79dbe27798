//! Where resources are kept: a hidden dataset of the store, a record a resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use restock::{Dataset, Record, Store, Value};

use super::resource::{Resource, ResourceId};

/// The hidden dataset.
const NAME: &str = ".resources";
/// Its columns: the resource's text, and its JSON.
const SCHEMA: &str = r#"{"type": "record", "name": "Resources", "fields": [
    {"name": "ID", "type": "string"}, {"name": "BODY", "type": "string"}]}"#;

/// The kept resources.
#[derive(Debug)]
pub(super) struct Shelf {
    dataset: Dataset,
}

impl Shelf {
    /// Opens the one of a store, or makes it.
    pub fn open(store: &Store) -> restock::Result<Shelf> {
        let schema = restock::Schema::from_avro(SCHEMA)?;
        Ok(Shelf { dataset: store.hidden_dataset(NAME, schema, Some("ID"))? })
    }

    /// All resources.
    pub fn read(&self) -> restock::Result<BTreeMap<ResourceId, Arc<Resource>>> {
        let mut resources = BTreeMap::new();
        for batch in self.dataset.snapshot()?.scan().batches()? {
            for record in restock::records(&batch?)? {
                let (id, resource) = read(&record).ok_or_else(|| {
                    restock::Error::Refused(format!(
                        "the store's own record {} of {NAME} is none that this version of Restock reads",
                        record.get("ID").map_or_else(String::new, Value::to_string)
                    ))
                })?;
                resources.insert(id, Arc::new(resource));
            }
        }
        Ok(resources)
    }

    /// Keeps resources, in one commit, and is durable on return.
    pub fn keep(&self, resources: &[(ResourceId, Arc<Resource>)]) -> restock::Result<()> {
        let records = resources.iter().map(|(id, resource)| {
            let body = serde_json::to_string(&**resource).map_err(|error| {
                restock::Error::Refused(format!("the resource {id} cannot be written: {error}"))
            })?;
            Ok(restock::record! { "ID" => id.to_string(), "BODY" => body })
        });
        let records = records.collect::<restock::Result<Vec<Record>>>()?;
        if !records.is_empty() {
            self.dataset.put(records)?;
        }
        Ok(())
    }

    /// Forgets resources.
    pub fn forget(&self, ids: &[ResourceId]) -> restock::Result<()> {
        let ids: Vec<String> = ids.iter().map(ResourceId::to_string).collect();
        if !ids.is_empty() {
            self.dataset.delete(&ids, false)?;
        }
        Ok(())
    }
}

fn read(record: &Record) -> Option<(ResourceId, Resource)> {
    let (Some(Value::String(id)), Some(Value::String(body))) = (record.get("ID"), record.get("BODY")) else {
        return None;
    };
    Some((ResourceId::parse(id)?, serde_json::from_str(body).ok()?))
}
