//! What a server answers from.

use std::sync::Arc;

use restock::Store;
use serde_json::Value;

use crate::personalize::{Caller, Personalize, Plane};
use crate::refusal::Refusal;

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
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobProgress {
    /// The job's name.
    pub name: String,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes there are, where that is known.
    pub total: Option<u64>,
    /// Rows read.
    pub rows: u64,
}

/// Makes a service anew as it was when the server started.
pub type Reset = Arc<dyn Fn() -> Result<Arc<dyn Service>, String> + Send + Sync>;
