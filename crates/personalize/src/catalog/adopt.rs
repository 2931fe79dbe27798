//! Resources for what the command line made: the datasets of groups, with a schema named after each.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use restock::{DatasetName, DatasetType, Snapshot, Store};
use uuid::Uuid;

use super::{Body, Catalog, Change, DatasetBody, DatasetGroup, DatasetSchema, Kind, ResourceId};
use crate::refusal::Refusal;

/// The longest name on the wire, in characters (`personalize.md`, section 5.6).
const MAX_NAME: usize = 63;

impl Catalog {
    /// Makes the resources fit the store's datasets: those that appeared get resources, those that went lose theirs.
    /// Cheap if nothing did.
    ///
    /// # Errors
    /// The store cannot write or read.
    pub fn adopt(&self, store: &Store) -> Result<(), Refusal> {
        let names = store.datasets();
        let seen = |seen: &Option<Vec<DatasetName>>| seen.as_ref() == Some(&names);
        if seen(&self.seen.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let settled = self.change(|change| {
            let snapshot = store.snapshot();
            let mut settled = true;
            let mut there = BTreeSet::new();
            for name in snapshot.names() {
                let Some(group) = name.group().map(str::to_owned) else { continue };
                let dataset_type = snapshot.dataset(&name.to_string())?.dataset_type();
                if dataset_type == DatasetType::Custom {
                    continue;
                }
                let id = ResourceId::dataset(&group, dataset_type);
                there.insert(id.clone());
                if self.is_held(&group) {
                    settled = false;
                } else if change.get(&id).is_none() {
                    adopt_dataset(change, &snapshot, &group, id, name)?;
                }
            }
            let gone = change.all(Kind::Dataset).filter_map(|(id, resource)| {
                let Body::Dataset(dataset) = &resource.body else { return None };
                let kept =
                    there.contains(id) || resource.deleted_ms.is_some() || self.is_held(&dataset.group);
                (!kept).then(|| id.clone())
            });
            let gone: Vec<_> = gone.collect();
            gone.into_iter().for_each(|id| change.remove(id));
            Ok(settled.then(|| snapshot.names()))
        })?;
        if let Some(names) = settled {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(names);
        }
        Ok(())
    }

    /// Whether somebody is making or changing what belongs to a group.
    fn is_held(&self, group: &str) -> bool {
        self.holds.has(&ResourceId::new(Kind::DatasetGroup, group))
    }
}

fn adopt_dataset(
    change: &mut Change<'_>,
    snapshot: &Snapshot,
    group: &str,
    id: ResourceId,
    stored: DatasetName,
) -> Result<(), Refusal> {
    let dataset = snapshot.dataset(&stored.to_string())?;
    let group_id = ResourceId::new(Kind::DatasetGroup, group);
    if change.get(&group_id).is_none() {
        let body = DatasetGroup { domain: dataset.domain(), ..DatasetGroup::default() };
        change.make(group_id, Vec::new(), Body::DatasetGroup(body));
    }
    let text = dataset.schema().to_avro();
    let schema = schema_for(change, &stored, DatasetSchema { text, domain: dataset.domain() });
    let dataset_type = dataset.dataset_type();
    let body = DatasetBody {
        name: stored.name().to_owned(),
        group: group.to_owned(),
        dataset_type,
        schema,
        update: None,
        tracking_id: tracking_id(dataset_type),
        stored,
    };
    change.make(id, Vec::new(), Body::Dataset(body));
    Ok(())
}

/// The name of a schema resource with this content, called after the dataset: `shop-items`, and a number behind it if
/// that is the name of another.
fn schema_for(change: &mut Change<'_>, stored: &DatasetName, schema: DatasetSchema) -> String {
    let base = stored.to_string().replace('/', "-");
    let mut number = 1;
    loop {
        let end = if number == 1 { String::new() } else { format!("-{number}") };
        // Names are ASCII: a byte is a character.
        let name = format!("{}{end}", base.get(..MAX_NAME - end.len()).unwrap_or(&base));
        let id = ResourceId::new(Kind::Schema, &name);
        match change.get(&id).map(|there| &there.body) {
            None => {
                change.make(id, Vec::new(), Body::Schema(schema));
                return name;
            }
            Some(Body::Schema(there)) if *there == schema => return name,
            Some(_) => number += 1,
        }
    }
}

/// The tracking ID of a new dataset: action interactions have one of their own (`personalize.md`, section 1.1).
pub(crate) fn tracking_id(dataset_type: DatasetType) -> Option<String> {
    (dataset_type == DatasetType::ActionInteractions).then(|| Uuid::new_v4().to_string())
}
