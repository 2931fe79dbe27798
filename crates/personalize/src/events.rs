//! The events plane: records that are put one by one (`personalize.md`, section 3).
//!
//! A call is one atomic batch: [`intake`] reads all of it before anything is written, [`ledger`] keeps beside the rows
//! which events were there already and which wait for their user.

mod intake;
mod ledger;
mod members;
mod properties;
mod row;
mod turns;
mod values;

use std::sync::Arc;

use restock::{Dataset, DatasetType, Record, Store};
use serde_json::Value;

use crate::catalog::{Arns, Body, Catalog, DatasetBody, Kind, ResourceId};
use crate::refusal::{Exception, Refusal};
use intake::{Arrival, Individual};
use ledger::Ledger;
use members::Members;

/// The longest ARN on the wire (`personalize.md`, section 5.6).
const ARN_CHARS: usize = 256;
/// The longest `trackingId`, in characters.
const TRACKING_CHARS: usize = 256;

/// Takes the records of the events plane into a store. Calls that touch the same events or sessions go one after another,
/// others side by side.
#[derive(Debug)]
pub struct Events {
    store: Store,
    catalog: Arc<Catalog>,
    ledger: Ledger,
}

impl Events {
    /// Opens what the events plane keeps beside the rows of a store, or makes it.
    ///
    /// # Errors
    /// The store is read-only.
    pub fn open(store: &Store, catalog: &Arc<Catalog>) -> restock::Result<Events> {
        Ok(Events { store: store.clone(), catalog: catalog.clone(), ledger: Ledger::open(store)? })
    }

    /// Answers one operation of the plane; its records are durable on return.
    ///
    /// # Errors
    /// What the service would refuse; nothing of the call is stored then.
    pub fn call(&self, operation: &str, input: &Value, arns: &Arns<'_>) -> Result<(), Refusal> {
        let members = Members::of(input, "")?;
        match operation {
            "PutEvents" => self.put_events(&members),
            "PutActionInteractions" => self.put_action_interactions(&members),
            "PutUsers" => self.put_individuals(&members, arns, &Individual::USERS),
            "PutItems" => self.put_individuals(&members, arns, &Individual::ITEMS),
            "PutActions" => self.put_individuals(&members, arns, &Individual::ACTIONS),
            other => Err(Refusal::new(
                Exception::UnknownOperation,
                format!("{other} is not an operation of the events plane"),
            )),
        }
    }

    /// Events that wait for the call which names their user.
    ///
    /// # Errors
    /// Damage in what unflushed puts touch.
    pub fn waiting(&self) -> restock::Result<u64> {
        self.ledger.waiting()
    }

    /// Forgets what is kept of a tracker that is gone: the events that waited for their user, and which were there.
    ///
    /// # Errors
    /// The store cannot write.
    pub fn forget_tracker(&self, tracking_id: &str) -> restock::Result<()> {
        self.ledger.forget(&self.store, tracking_id)
    }

    fn put_events(&self, members: &Members<'_>) -> Result<(), Refusal> {
        let tracking_id = members.required_text("trackingId", TRACKING_CHARS)?;
        let unknown =
            || Refusal::invalid(format!("There is no event tracker with the tracking ID {tracking_id}"));
        let group = self.group_of_tracker(tracking_id).ok_or_else(unknown)?;
        let id = ResourceId::dataset(&group, DatasetType::Interactions);
        let dataset = self.dataset_of(&id)?.ok_or_else(|| {
            Refusal::invalid(format!(
                "The dataset group {group} of the event tracker {tracking_id} has no Item interactions dataset; create one first"
            ))
        })?;
        let arrivals = intake::events(members, &dataset.snapshot()?)?;
        self.take(tracking_id, &dataset, arrivals)
    }

    fn put_action_interactions(&self, members: &Members<'_>) -> Result<(), Refusal> {
        let tracking_id = members.required_text("trackingId", TRACKING_CHARS)?;
        let unknown = || {
            Refusal::new(
                Exception::ResourceNotFound,
                format!("There is no Action interactions dataset with the tracking ID {tracking_id}"),
            )
        };
        let id = self.dataset_of_tracking_id(tracking_id).ok_or_else(unknown)?;
        let dataset = self.dataset_of(&id)?.ok_or_else(unknown)?;
        let arrivals = intake::action_interactions(members, &dataset.snapshot()?)?;
        self.take(tracking_id, &dataset, arrivals)
    }

    fn put_individuals(
        &self,
        members: &Members<'_>,
        arns: &Arns<'_>,
        individual: &Individual,
    ) -> Result<(), Refusal> {
        let arn = members.required_text("datasetArn", ARN_CHARS)?;
        let id = arns.parse_kind(arn, Kind::Dataset)?;
        let absent =
            || Refusal::new(Exception::ResourceNotFound, format!("The given dataset does not exist: {arn}"));
        let wrong = || {
            let wanted = individual.dataset_type;
            Refusal::invalid(format!(
                "The dataset {arn} does not hold {wanted}; this operation puts {wanted}"
            ))
        };
        let body = self.dataset_body(&id).ok_or_else(absent)?;
        if body.dataset_type != individual.dataset_type {
            return Err(wrong());
        }
        let dataset = self.dataset_of(&id)?.ok_or_else(absent)?;
        let records: Vec<Record> = intake::individuals(members, &dataset.snapshot()?, individual)?;
        dataset.put(records)?;
        Ok(())
    }

    fn take(&self, tracking_id: &str, dataset: &Dataset, arrivals: Vec<Arrival>) -> Result<(), Refusal> {
        Ok(self.ledger.take(&self.store, tracking_id, dataset, arrivals)?)
    }

    fn group_of_tracker(&self, tracking_id: &str) -> Option<String> {
        self.catalog.all(Kind::EventTracker).into_iter().find_map(|(_, resource)| match &resource.body {
            Body::EventTracker(tracker)
                if tracker.tracking_id == tracking_id && resource.deleted_ms.is_none() =>
            {
                Some(tracker.group.clone())
            }
            _ => None,
        })
    }

    fn dataset_of_tracking_id(&self, tracking_id: &str) -> Option<ResourceId> {
        self.catalog.all(Kind::Dataset).into_iter().find_map(|(id, resource)| match &resource.body {
            Body::Dataset(body) => (body.tracking_id.as_deref() == Some(tracking_id)).then_some(id),
            _ => None,
        })
    }

    fn dataset_body(&self, id: &ResourceId) -> Option<DatasetBody> {
        let resource = self.catalog.get(id)?;
        match &resource.body {
            Body::Dataset(body) => Some(body.clone()),
            _ => None,
        }
    }

    /// The store's dataset of a resource, if both are there.
    fn dataset_of(&self, id: &ResourceId) -> Result<Option<Dataset>, Refusal> {
        let Some(resource) = self.catalog.get(id) else { return Ok(None) };
        let Body::Dataset(body) = &resource.body else { return Ok(None) };
        if resource.deleted_ms.is_some() {
            let message = format!("The dataset {} is being deleted", id.name);
            return Err(Refusal::new(Exception::ResourceInUse, message));
        }
        Ok(Some(self.store.dataset(&body.stored.to_string())?))
    }
}

#[cfg(test)]
mod tests;
