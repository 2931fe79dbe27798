//! The resources of a store: groups, schemas, datasets, trackers and jobs by kind and name.
//!
//! All are in memory behind one lock, and written through to a hidden dataset of the same store. A dataset's rows and
//! columns are the store's alone: [`adopt`](Catalog::adopt) makes resources of what the command line made.

mod adopt;
mod arn;
mod holds;
mod job;
mod jobs;
mod resource;
mod shelf;
mod stamps;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard};

use restock::{DatasetName, Store};

use crate::refusal::Refusal;
pub(crate) use adopt::tracking_id;
pub use arn::Arns;
pub use holds::Hold;
pub use job::{IngestionMode, Job, JobProgress, JobRecord, JobRequest, JobState};
pub use resource::{
    Body, DatasetBody, DatasetGroup, DatasetSchema, EventTracker, Kind, Resource, ResourceId, SchemaUpdate,
    Tag, wire_domain, wire_type,
};
pub use stamps::now_ms;

use holds::Holds;
use shelf::Shelf;
use stamps::Stamps;

/// The resources of a store.
#[derive(Debug)]
pub struct Catalog {
    shelf: Shelf,
    stamps: Stamps,
    holds: Holds,
    /// One change at a time; readers go on while it waits for the disk.
    turn: Mutex<()>,
    resources: RwLock<BTreeMap<ResourceId, Arc<Resource>>>,
    /// The store's datasets at the last adoption.
    seen: Mutex<Option<Vec<DatasetName>>>,
    progress: Mutex<BTreeMap<ResourceId, JobProgress>>,
    /// Taken to tell of a change of a job, for those who wait for an end.
    job_changes: Mutex<()>,
    job_changed: Condvar,
}

impl Catalog {
    /// Reads the resources of a store.
    ///
    /// # Errors
    /// The store is read-only, or a resource cannot be read.
    pub fn open(store: &Store) -> restock::Result<Catalog> {
        let shelf = Shelf::open(store)?;
        let resources = shelf.read()?;
        let last = resources.values().map(|resource| resource.created_ms).max().unwrap_or(0);
        Ok(Catalog {
            shelf,
            stamps: Stamps::after(last),
            holds: Holds::default(),
            turn: Mutex::default(),
            resources: RwLock::new(resources),
            seen: Mutex::default(),
            progress: Mutex::default(),
            job_changes: Mutex::default(),
            job_changed: Condvar::new(),
        })
    }

    /// A resource, if it is there.
    pub fn get(&self, id: &ResourceId) -> Option<Arc<Resource>> {
        self.read().get(id).cloned()
    }

    /// The resources of a kind, by name.
    pub fn all(&self, kind: Kind) -> Vec<(ResourceId, Arc<Resource>)> {
        let resources = self.read();
        let from = resources.range(ResourceId::new(kind, "")..).take_while(|(id, _)| id.kind == kind);
        from.map(|(id, resource)| (id.clone(), resource.clone())).collect()
    }

    /// Keeps other changes that take one of these away until it is dropped; waits for those that have one.
    pub fn hold(&self, ids: Vec<ResourceId>) -> Hold<'_> {
        self.holds.take(ids)
    }

    /// Changes resources: `make` sees them as they are and says what becomes of them; that is durable, and seen by all,
    /// on return. One change at a time.
    ///
    /// # Errors
    /// Those of `make`, and nothing is changed then; the store cannot write.
    pub fn change<T>(&self, make: impl FnOnce(&mut Change<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let resources = self.read();
        let mut change =
            Change { stamps: &self.stamps, resources: &resources, kept: Vec::new(), gone: Vec::new() };
        let made = make(&mut change)?;
        let Change { kept, gone, .. } = change;
        drop(resources);
        self.shelf.keep(&kept)?;
        let forgotten = self.shelf.forget(&gone);
        let jobs = kept.iter().any(|(id, _)| id.kind.is_job());
        let mut resources = self.resources.write().unwrap_or_else(PoisonError::into_inner);
        resources.extend(kept);
        if forgotten.is_ok() {
            for id in &gone {
                resources.remove(id);
            }
        }
        drop(resources);
        drop(turn);
        if jobs {
            self.tell_of_jobs();
        }
        forgotten?;
        Ok(made)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<ResourceId, Arc<Resource>>> {
        self.resources.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A change of resources while it is decided.
#[derive(Debug)]
pub struct Change<'a> {
    stamps: &'a Stamps,
    resources: &'a BTreeMap<ResourceId, Arc<Resource>>,
    kept: Vec<(ResourceId, Arc<Resource>)>,
    gone: Vec<ResourceId>,
}

impl Change<'_> {
    /// A resource, if it is there, as this change makes it.
    pub fn get(&self, id: &ResourceId) -> Option<&Arc<Resource>> {
        let kept = self.kept.iter().rev().find(|(kept, _)| kept == id).map(|(_, resource)| resource);
        kept.or_else(|| self.resources.get(id))
    }

    /// The resources of a kind, by name, as they were before this change.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = (&ResourceId, &Arc<Resource>)> {
        self.resources.range(ResourceId::new(kind, "")..).take_while(move |(id, _)| id.kind == kind)
    }

    /// A new resource, made now.
    pub fn make(&mut self, id: ResourceId, tags: Vec<Tag>, body: Body) -> Arc<Resource> {
        let created_ms = self.stamps.next();
        let resource = Resource { created_ms, updated_ms: created_ms, deleted_ms: None, tags, body };
        self.keep(id, resource)
    }

    /// A resource as it shall be, in the place of what has its ID.
    pub fn keep(&mut self, id: ResourceId, resource: Resource) -> Arc<Resource> {
        let resource = Arc::new(resource);
        self.kept.push((id, resource.clone()));
        resource
    }

    /// Removes a resource.
    pub fn remove(&mut self, id: ResourceId) {
        self.gone.push(id);
    }
}

#[cfg(test)]
mod tests;
