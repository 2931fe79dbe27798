//! What a server answers from.

use std::sync::Arc;
use std::time::Duration;

use restock::Store;
use serde_json::Value;

use crate::personalize::{Caller, Personalize, Plane};
use crate::refusal::Refusal;

/// How long jobs may take to hear that the server ends.
const CLOSE_WAITS: Duration = Duration::from_secs(10);

/// What a server answers from: [`Personalize`], or what stands in for it. Its calls block.
pub trait Service: Send + Sync {
    /// Answers one operation; see [`Personalize::call`].
    ///
    /// # Errors
    /// Whatever the service would refuse; nothing has changed then.
    fn call(
        &self,
        plane: Plane,
        operation: &str,
        input: &Value,
        caller: &Caller,
    ) -> Result<Option<Value>, Refusal>;

    /// The store behind it.
    fn store(&self) -> &Store;

    /// How far the jobs are that run now.
    fn progress(&self) -> Vec<JobProgress> {
        Vec::new()
    }

    /// Events that wait for the call which names their user.
    fn waiting_events(&self) -> u64 {
        0
    }

    /// Asks jobs to end, and waits until they have: what has not been committed then fails.
    fn close(&self) {}
}

impl Service for Personalize {
    fn call(
        &self,
        plane: Plane,
        operation: &str,
        input: &Value,
        caller: &Caller,
    ) -> Result<Option<Value>, Refusal> {
        Personalize::call(self, plane, operation, input, caller)
    }

    fn store(&self) -> &Store {
        Personalize::store(self)
    }

    fn progress(&self) -> Vec<JobProgress> {
        let unfinished = self.catalog().unfinished_jobs().into_iter();
        let told = unfinished.filter_map(|record| {
            let progress = record.progress?;
            Some(JobProgress {
                job: record.id.to_string(),
                bytes: progress.bytes,
                total: progress.total_bytes,
                rows: progress.rows,
            })
        });
        told.collect()
    }

    fn waiting_events(&self) -> u64 {
        self.events().waiting().unwrap_or_default()
    }

    fn close(&self) {
        self.jobs().shut_down(CLOSE_WAITS);
    }
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobProgress {
    /// The job, as its ARN ends: `dataset-import-job/daily`.
    pub job: String,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes there are, where that is known.
    pub total: Option<u64>,
    /// Rows read.
    pub rows: u64,
}

/// Makes a service anew as it was when the server started.
pub type Reset = Arc<dyn Fn() -> Result<Arc<dyn Service>, String> + Send + Sync>;
