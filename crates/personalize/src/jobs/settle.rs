//! The jobs that an earlier process left unfinished: each did all or nothing, and the store says which.

use super::failure::Failure;
use super::{Context, export};
use crate::catalog::{Body, Job, JobRequest, JobState, Kind, ResourceId};
use crate::objects::Depth;

/// What a reason begins with.
const STOPPED: &str = "The server was stopped while the job waited or ran";

/// Settles them: those that committed are done, the others have failed and changed nothing.
pub(super) fn settle(context: &Context) {
    for record in context.catalog.unfinished_jobs() {
        let outcome = outcome(context, &record.id, &record.job);
        context.end(&record.id, outcome);
    }
}

fn outcome(context: &Context, id: &ResourceId, job: &Job) -> Result<Option<u64>, Failure> {
    let stopped = |what: &str| Err(Failure::new(format!("{STOPPED}; {what}")));
    match &job.request {
        JobRequest::Import { dataset, .. } if is_committed(context, id, dataset) => Ok(None),
        JobRequest::Import { .. } => stopped("nothing was imported, and the data is as before"),
        // Nothing was at its place before it was shown as running, and an object is there whole or not at all.
        JobRequest::Export { path, .. } => {
            if job.state != JobState::InProgress {
                return stopped("nothing was exported");
            }
            match context.objects.list(&export::target(id, path)?, Depth::FirstLevel) {
                Ok(found) if !found.is_empty() => Ok(None),
                _ => stopped("nothing was exported"),
            }
        }
        JobRequest::Deletion { group, .. } => match context.plans.done(&context.store, id, group)? {
            Some(users) => Ok(Some(users)),
            None => stopped("nobody was deleted"),
        },
    }
}

/// Whether an import's label is in the store's history.
fn is_committed(context: &Context, id: &ResourceId, dataset: &str) -> bool {
    let resource = context.catalog.get(&ResourceId::new(Kind::Dataset, dataset));
    let stored = resource.and_then(|resource| match &resource.body {
        Body::Dataset(body) => Some(body.stored.clone()),
        _ => None,
    });
    let label = id.to_string();
    context
        .store
        .history()
        .into_iter()
        .any(|commit| commit.label.as_ref() == Some(&label) && commit.dataset == stored)
}
