//! Jobs: imports, exports and deletions, run behind the calls that create them.
//!
//! Two threads run them, each one at a time in the order of creation: one those that write to the store (imports and
//! deletions, which would wait for each other anyway), one exports, which read a snapshot. A job waits as PENDING until
//! it is its turn. What is known of a job stands in the catalog; here is only who is next.

mod deletion;
mod export;
mod failure;
mod import;
mod location;
mod reading;
mod settle;
mod worker;

use std::sync::Arc;
use std::time::{Duration, Instant};

use restock::{Cancel, Dataset, Store};

use crate::catalog::{Body, Catalog, Job, JobProgress, JobRequest, Kind, ResourceId};
use crate::objects::Objects;
use crate::personalize::{Settings, States};
use crate::refusal::Refusal;
use deletion::Plans;
use failure::Failure;
use worker::Worker;

/// How long a call that creates a job waits for its end: a client that describes once and then sleeps a minute shall
/// find most jobs done.
const ANSWER_AFTER: Duration = Duration::from_millis(300);

/// What a job needs to run.
#[derive(Clone)]
struct Context {
    store: Store,
    catalog: Arc<Catalog>,
    objects: Arc<dyn Objects>,
    settings: Arc<Settings>,
    plans: Arc<Plans>,
}

/// Runs jobs. Dropping it shuts down.
pub struct Jobs {
    context: Context,
    writing: Worker,
    exporting: Worker,
}

impl Jobs {
    /// Settles the jobs that an earlier process left unfinished, then is ready for new ones.
    ///
    /// # Errors
    /// The store is read-only, or a thread cannot be started.
    pub fn open(
        store: &Store,
        catalog: &Arc<Catalog>,
        objects: &Arc<dyn Objects>,
        settings: &Arc<Settings>,
    ) -> restock::Result<Jobs> {
        let context = Context {
            store: store.clone(),
            catalog: catalog.clone(),
            objects: objects.clone(),
            settings: settings.clone(),
            plans: Arc::new(Plans::open(store)?),
        };
        settle::settle(&context);
        let worker = |name: &str| {
            let context = context.clone();
            Worker::start(name, move |id, cancel| context.run(id, cancel))
                .map_err(|source| restock::Error::File { file: format!("the thread {name}"), source })
        };
        Ok(Jobs { writing: worker("imports")?, exporting: worker("exports")?, context })
    }

    /// Runs a job that was created, when it is its turn, and waits for its end, but not long.
    pub fn submit(&self, id: &ResourceId) {
        let Some(record) = self.context.catalog.job(id) else { return };
        let worker = if id.kind == Kind::ExportJob { &self.exporting } else { &self.writing };
        worker.submit(record.created_ms, id.clone());
        if self.context.settings.states == States::Instant {
            self.context.catalog.wait_for_job(id, ANSWER_AFTER);
        }
    }

    /// Takes no job any more, cancels those that run and fails those that wait. A job that does not hear of it in time
    /// is left as it is: the next start settles it.
    pub fn shut_down(&self, longest: Duration) {
        let until = Instant::now() + longest;
        let waiting = [&self.writing, &self.exporting].map(Worker::stop);
        for id in waiting.into_iter().flatten() {
            self.context.end(&id, Err(Failure::new("The server was shut down before the job began")));
        }
        for worker in [&self.writing, &self.exporting] {
            if !worker.join(until) {
                tracing::warn!(
                    worker = worker.name(),
                    "a job did not stop in time; the next start settles it"
                );
            }
        }
    }
}

/// How long dropping waits for jobs.
const DROP_WAITS: Duration = Duration::from_secs(5);

impl Drop for Jobs {
    fn drop(&mut self) {
        self.shut_down(DROP_WAITS);
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("writing", &self.writing).field("exporting", &self.exporting).finish()
    }
}

impl Context {
    /// Runs a job to its end, whatever that is.
    fn run(&self, id: &ResourceId, cancel: &Cancel) {
        let Some(record) = self.catalog.job(id).filter(|record| !record.job.state.is_ended()) else { return };
        if let States::Paced(pace) = self.settings.states {
            sleep(pace, cancel);
        }
        if let Err(failure) = caught(|| self.prepare(id, &record.job)) {
            return self.end(id, Err(failure));
        }
        if let Err(refusal) = self.catalog.start_job(id) {
            tracing::error!(job = %id, error = %refusal, "a job cannot be started");
            return;
        }
        tracing::info!(job = %id, "a job begins");
        let began = Instant::now();
        let outcome = caught(|| self.work(id, &record.job, cancel));
        if let States::Paced(pace) = self.settings.states {
            sleep(pace.saturating_sub(began.elapsed()), cancel);
        }
        self.end(id, outcome);
    }

    /// What must be known before a job is shown as running.
    fn prepare(&self, id: &ResourceId, job: &Job) -> Result<(), Failure> {
        match &job.request {
            JobRequest::Export { path, .. } => export::prepare(self, id, path),
            JobRequest::Import { .. } | JobRequest::Deletion { .. } => Ok(()),
        }
    }

    /// Does what is asked; for a deletion, how many users it deleted.
    fn work(&self, id: &ResourceId, job: &Job, cancel: &Cancel) -> Result<Option<u64>, Failure> {
        match &job.request {
            JobRequest::Import { dataset, location, mode, .. } => {
                let import = import::ImportJob { id, dataset, location, mode: *mode };
                import::run(self, &import, cancel).map(|()| None)
            }
            JobRequest::Export { dataset, path, mode, .. } => {
                export::run(self, id, dataset, path, *mode, cancel).map(|()| None)
            }
            JobRequest::Deletion { group, location, .. } => {
                deletion::run(self, id, group, location, cancel).map(Some)
            }
        }
    }

    /// Writes down how a job ended.
    fn end(&self, id: &ResourceId, outcome: Result<Option<u64>, Failure>) {
        let written = match &outcome {
            Ok(num_deleted) => {
                tracing::info!(job = %id, "a job is done");
                self.catalog.finish_job(id, *num_deleted)
            }
            Err(failure) => {
                tracing::warn!(job = %id, reason = %failure, "a job failed");
                self.catalog.fail_job(id, &failure.to_string())
            }
        };
        if let Err(refusal) = written {
            tracing::error!(job = %id, error = %refusal, "how a job ended cannot be written down; the next start settles it");
        }
    }

    /// The store's dataset of a resource `<group>/<TYPE>`.
    fn dataset(&self, name: &str) -> Result<Dataset, Failure> {
        let gone = || Failure::new(format!("The dataset {name} is gone"));
        let resource = self.catalog.get(&ResourceId::new(Kind::Dataset, name)).ok_or_else(gone)?;
        let Body::Dataset(body) = &resource.body else { return Err(gone()) };
        Ok(self.store.dataset(&body.stored.to_string())?)
    }

    /// A function that tells the catalog how far a job is.
    fn progress(&self, id: &ResourceId) -> impl Fn(JobProgress) + Send + Sync + 'static {
        let (catalog, id) = (self.catalog.clone(), id.clone());
        move |progress| catalog.set_job_progress(&id, progress)
    }
}

/// A job that panics fails: the server goes on.
fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(Failure::new(format!("An error inside Restock ended the job; nothing of it was stored: {text}")))
    })
}

/// Sleeps, until it is cancelled.
fn sleep(time: Duration, cancel: &Cancel) {
    let until = Instant::now() + time;
    while !cancel.is_cancelled() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(Duration::from_millis(20)));
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::new(refusal.message)
    }
}

#[cfg(test)]
mod tests;
