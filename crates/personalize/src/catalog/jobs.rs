//! What runs jobs needs of the catalog.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::{Body, Catalog, Job, JobProgress, JobRecord, JobState, Kind, Resource, ResourceId, now_ms};
use crate::refusal::{Exception, Refusal};

impl Catalog {
    /// A job as it stands.
    pub fn job(&self, id: &ResourceId) -> Option<JobRecord> {
        self.record(id.clone(), &self.get(id)?)
    }

    /// The jobs of a kind in the order of their creation.
    pub fn jobs(&self, kind: Kind) -> Vec<JobRecord> {
        let all = self.all(kind).into_iter();
        let mut jobs: Vec<_> = all.filter_map(|(id, resource)| self.record(id, &resource)).collect();
        jobs.sort_by_key(|job| job.created_ms);
        jobs
    }

    /// The jobs of all kinds that wait or run, in the order of their creation.
    pub fn unfinished_jobs(&self) -> Vec<JobRecord> {
        let kinds = [Kind::ImportJob, Kind::ExportJob, Kind::DeletionJob].into_iter();
        let mut jobs: Vec<_> = kinds.flat_map(|kind| self.jobs(kind)).collect();
        jobs.retain(|job| !job.job.state.is_ended());
        jobs.sort_by_key(|job| job.created_ms);
        jobs
    }

    /// Says that a job runs now.
    ///
    /// # Errors
    /// There is no such job, or the store cannot write.
    pub fn start_job(&self, id: &ResourceId) -> Result<(), Refusal> {
        self.change_job(id, |job| job.state = JobState::InProgress)
    }

    /// Says that a job did what was asked; of a deletion job, how many users it deleted. Call it after the commit only.
    ///
    /// # Errors
    /// There is no such job, or the store cannot write.
    pub fn finish_job(&self, id: &ResourceId, num_deleted: Option<u64>) -> Result<(), Refusal> {
        self.change_job(id, |job| {
            job.state = JobState::Finished;
            job.num_deleted = num_deleted;
        })
    }

    /// Says why a job did nothing.
    ///
    /// # Errors
    /// There is no such job, or the store cannot write.
    pub fn fail_job(&self, id: &ResourceId, reason: &str) -> Result<(), Refusal> {
        self.change_job(id, |job| {
            job.state = JobState::Failed;
            job.failure_reason = Some(reason.to_owned());
        })
    }

    /// Says how far a running job has come. In memory only, and cheap.
    pub fn set_job_progress(&self, id: &ResourceId, progress: JobProgress) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), progress);
    }

    /// Waits until a job has ended, or for so long. Whether it has.
    pub fn wait_for_job(&self, id: &ResourceId, longest: Duration) -> bool {
        let until = Instant::now() + longest;
        let ended = || self.job(id).is_none_or(|job| job.job.state.is_ended());
        let mut changes = self.job_changes.lock().unwrap_or_else(PoisonError::into_inner);
        while !ended() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            changes = self.job_changed.wait_timeout(changes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    pub(super) fn tell_of_jobs(&self) {
        // Whoever looked before the change waits by now, and hears of it.
        drop(self.job_changes.lock().unwrap_or_else(PoisonError::into_inner));
        self.job_changed.notify_all();
    }

    fn record(&self, id: ResourceId, resource: &Arc<Resource>) -> Option<JobRecord> {
        let Body::Job(job) = &resource.body else { return None };
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
        let Resource { created_ms, updated_ms, .. } = **resource;
        Some(JobRecord { id, created_ms, updated_ms, job: job.clone(), progress })
    }

    fn change_job(&self, id: &ResourceId, alter: impl FnOnce(&mut Job)) -> Result<(), Refusal> {
        let ended = self.change(|change| {
            let gone = || Refusal::new(Exception::ResourceNotFound, format!("there is no job {id}"));
            let mut resource = Resource::clone(change.get(id).ok_or_else(gone)?);
            resource.updated_ms = now_ms().max(resource.updated_ms);
            let Body::Job(job) = &mut resource.body else { return Err(gone()) };
            alter(job);
            let ended = job.state.is_ended();
            change.keep(id.clone(), resource);
            Ok(ended)
        })?;
        if ended {
            self.progress.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        }
        Ok(())
    }
}
