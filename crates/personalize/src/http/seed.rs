//! Fixtures as groups of the service, and services that can be made again as they were.

use std::path::Path;
use std::sync::Arc;

use restock::fixtures::Fixture;
use restock::{MemoryStorage, Store};
use uuid::Uuid;

use super::service::{Reset, Service};
use crate::catalog::{Body, Catalog, EventTracker, Kind, ResourceId};
use crate::objects::Objects;
use crate::personalize::{Personalize, Settings};
use crate::refusal::Refusal;

/// The group that a fixture was loaded as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeededGroup {
    /// Its name: the fixture's, or that of its folder.
    pub name: String,
    /// What `PutEvents` and the like name it by.
    pub tracking_id: String,
}

/// Digits of a tracker's ID in its ARN.
const ID_DIGITS: usize = 8;

/// Loads a fixture into the store as a group of the fixture's name, with an event tracker whose ID follows from the
/// name. A group that was seeded so before stays as it is.
///
/// # Errors
/// There is no such fixture, its name is none for a group, or the store has other datasets under it.
pub fn seed(personalize: &Personalize, fixture: &Path) -> restock::Result<SeededGroup> {
    let found = Fixture::find(fixture)?;
    let name = fixture.file_name().unwrap_or(fixture.as_os_str()).to_string_lossy().into_owned();
    let group = SeededGroup { tracking_id: tracking_id(&name), name };
    let (store, catalog) = (personalize.store(), personalize.catalog());
    if catalog.get(&group.tracker()).is_none() {
        found.in_group(&group.name).load_into(store)?;
        let tracked = catalog.adopt(store).and_then(|()| group.track(catalog));
        tracked.map_err(|refusal| restock::Error::Refused(refusal.message))?;
    }
    Ok(group)
}

impl SeededGroup {
    fn tracker(&self) -> ResourceId {
        let digits: String = self.tracking_id.chars().take(ID_DIGITS).collect();
        ResourceId::new(Kind::EventTracker, digits)
    }

    /// Makes the group's tracker: the last of what is seeded, so that its presence says that all is there.
    fn track(&self, catalog: &Catalog) -> Result<(), Refusal> {
        let Self { name, tracking_id } = self.clone();
        let tracker = EventTracker { name: name.clone(), group: name, tracking_id };
        catalog.change(|change| {
            change.make(self.tracker(), Vec::new(), Body::EventTracker(tracker));
            Ok(())
        })
    }
}

/// The tracking ID of a seeded group: the version 5 UUID of `restock:fixture:NAME` among URLs, so that a test can know
/// it.
fn tracking_id(name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("restock:fixture:{name}").as_bytes()).to_string()
}

/// A service over a store in memory, seeded with a fixture if one is named, and what makes it again as it is now.
///
/// # Errors
/// As [`seed`].
pub fn in_memory(
    fixture: Option<&Path>,
    settings: Settings,
    objects: Arc<dyn Objects>,
) -> restock::Result<(Personalize, Option<SeededGroup>, Reset)> {
    let storage = MemoryStorage::new();
    let open = move |storage: MemoryStorage| {
        let store = Store::open_storage(Arc::new(storage))?;
        Personalize::open(store, settings.clone(), Arc::clone(&objects))
    };
    let personalize = open(storage.clone())?;
    let seeded = fixture.map(|fixture| seed(&personalize, fixture)).transpose()?;
    let seeded_storage = storage.copy();
    let reset = move || match open(seeded_storage.copy()) {
        Ok(personalize) => Ok(Arc::new(personalize) as Arc<dyn Service>),
        Err(error) => Err(error.to_string()),
    };
    Ok((personalize, seeded, Arc::new(reset)))
}

#[cfg(test)]
mod tests;
