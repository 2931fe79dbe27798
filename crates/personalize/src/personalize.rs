//! The operations, without HTTP around them.

use std::sync::Arc;
use std::time::Duration;

use restock::Store;
use serde_json::Value;

use crate::catalog::{Arns, Catalog};
use crate::control::outside;
use crate::events::Events;
use crate::jobs::Jobs;
use crate::objects::Objects;
use crate::refusal::Refusal;

/// Which of the service's three APIs a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Plane {
    /// `personalize`: groups, schemas, datasets, jobs, trackers, tags.
    Control,
    /// `personalize-events`: records one by one.
    Events,
    /// `personalize-runtime`: recommendations, which are outside Restock.
    Runtime,
}

/// How long resources stay in the states between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum States {
    /// Made or gone when the call answers; jobs as fast as they are.
    #[default]
    Instant,
    /// Every documented state is shown for this long.
    Paced(Duration),
}

/// Whether the service's quotas hold that have nothing to do with what Restock can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quotas {
    /// No smallest number of interactions, no largest size of an import.
    #[default]
    Off,
    /// As the service (`personalize.md`, section 2.3).
    On,
}

/// What a server is started with that operations depend on.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--states`
    pub states: States,
    /// `--quotas`
    pub quotas: Quotas,
    /// The region that ARNs must name; without one, any, and answers have the caller's.
    pub region: Option<String>,
    /// The account that ARNs must name; without one, any, and answers have `123456789012`.
    pub account: Option<String>,
}

/// Who calls, as far as answers depend on it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The region of the request's credential scope: answers render ARNs with it.
    pub region: String,
    /// What the answer carries as `x-amzn-requestid`, and the log.
    pub request_id: String,
}

/// The service over one store. Cheap to clone; calls block (an answer waits for the disk, a job's creation up to 300 ms).
#[derive(Clone)]
pub struct Personalize {
    store: Store,
    settings: Arc<Settings>,
    catalog: Arc<Catalog>,
    events: Arc<Events>,
    jobs: Arc<Jobs>,
}

impl Personalize {
    /// The service over `store`, whose unfinished jobs are settled first: those that committed are ACTIVE, the others
    /// CREATE FAILED.
    ///
    /// # Errors
    /// The store is read-only, or its hidden datasets cannot be read.
    pub fn open(store: Store, settings: Settings, objects: Arc<dyn Objects>) -> restock::Result<Personalize> {
        let catalog = Arc::new(Catalog::open(&store)?);
        let settings = Arc::new(settings);
        let events = Arc::new(Events::open(&store, &catalog)?);
        let jobs = Arc::new(Jobs::open(&store, &catalog, &objects, &settings)?);
        Ok(Personalize { store, settings, catalog, events, jobs })
    }

    /// Answers one operation, named as the service names it (`CreateDataset`, `PutEvents`). `Ok(None)` is the empty body of
    /// an operation without output.
    ///
    /// # Errors
    /// Whatever the service would refuse; nothing has changed then.
    pub fn call(
        &self,
        plane: Plane,
        operation: &str,
        input: &Value,
        caller: &Caller,
    ) -> Result<Option<Value>, Refusal> {
        match plane {
            Plane::Control => self.control(operation, input, caller),
            Plane::Events => {
                self.catalog.adopt(&self.store)?;
                self.events.call(operation, input, &Arns::new(&self.settings, caller)).map(|()| None)
            }
            Plane::Runtime => Err(outside(operation)),
        }
    }

    /// How the service was started.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The events plane.
    pub(crate) fn events(&self) -> &Events {
        &self.events
    }

    /// The jobs.
    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// The resources.
    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The store behind it.
    pub fn store(&self) -> &Store {
        &self.store
    }
}
