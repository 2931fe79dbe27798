//! Import, export and deletion jobs: what can be known of them without reading data is refused here.

use restock::{DatasetType, ImportMode};
use serde_json::{Value, json};

use super::states::{object, text, times};
use super::{Answer, Call, body};
use crate::catalog::{Body, DatasetBody, IngestionMode, Job, JobRequest, Kind, Resource, ResourceId, Tag};
use crate::refusal::{Exception, Refusal};

/// Jobs of a kind that may be unfinished at once (`personalize.md`, sections 2.3 and 4.2).
const UNFINISHED_MAX: usize = 5;

impl Call<'_> {
    pub(super) fn create_import_job(&self) -> Answer {
        let input = &self.input;
        let name = input.resource_name("jobName")?;
        let location = input.object("dataSource")?.location("dataLocation")?.to_owned();
        let role_arn = input.optional_role("roleArn")?.map(str::to_owned);
        let mode = match input.word("importMode", &["FULL", "INCREMENTAL"])? {
            Some("INCREMENTAL") => ImportMode::Incremental,
            _ => ImportMode::Full,
        };
        let publish_metrics = input.boolean("publishAttributionMetricsToS3")?;
        let tags = input.tags()?.unwrap_or_default();
        let (id, resource) = self.named("datasetArn", Kind::Dataset)?;
        self.active(&id, &resource)?;
        let dataset = id.name.clone();
        if mode == ImportMode::Incremental && !self.has_full(&id, body!(self, id, resource, Dataset)?)? {
            return Err(Refusal::invalid(format!(
                "importMode is INCREMENTAL, but no FULL import of the dataset {} has succeeded or is under way; import it with importMode FULL first",
                self.arns.of(&id)
            )));
        }
        let request = JobRequest::Import { dataset, location, role_arn, mode, publish_metrics };
        self.create_job("datasetImportJobArn", name, request, tags)
    }

    /// Whether a dataset has bulk data of a FULL, or will have (S3).
    fn has_full(&self, id: &ResourceId, body: &DatasetBody) -> Result<bool, Refusal> {
        let info = self.service.store().info()?;
        let loaded =
            info.datasets.iter().any(|dataset| dataset.name == body.stored && dataset.last_import.is_some());
        let unfinished = self.service.catalog().unfinished_jobs();
        let is_full = |request: &JobRequest| {
            matches!(request, JobRequest::Import { mode: ImportMode::Full, .. }) && request.parent() == *id
        };
        Ok(loaded || unfinished.iter().any(|record| is_full(&record.job.request)))
    }

    pub(super) fn create_export_job(&self) -> Answer {
        let input = &self.input;
        let name = input.resource_name("jobName")?;
        let mode = match input.word("ingestionMode", &["BULK", "PUT", "ALL"])? {
            Some("BULK") => IngestionMode::Bulk,
            Some("ALL") => IngestionMode::All,
            _ => IngestionMode::Put,
        };
        let role_arn = input.role("roleArn")?.to_owned();
        let destination = input.object("jobOutput")?.object("s3DataDestination")?;
        let path = destination.location("path")?.to_owned();
        let kms_key_arn = destination.optional_key("kmsKeyArn")?.map(str::to_owned);
        let tags = input.tags()?.unwrap_or_default();
        let (id, resource) = self.named("datasetArn", Kind::Dataset)?;
        self.active(&id, &resource)?;
        let dataset_type = body!(self, id, resource, Dataset)?.dataset_type;
        if matches!(dataset_type, DatasetType::Actions | DatasetType::ActionInteractions) {
            return Err(Refusal::invalid(format!(
                "The dataset {} holds {dataset_type}, which cannot be exported; interactions, items and users can",
                self.arns.of(&id)
            )));
        }
        let request = JobRequest::Export { dataset: id.name, path, kms_key_arn, role_arn, mode };
        self.create_job("datasetExportJobArn", name, request, tags)
    }

    pub(super) fn create_deletion_job(&self) -> Answer {
        let input = &self.input;
        let name = input.resource_name("jobName")?;
        let location = input.object("dataSource")?.location("dataLocation")?.to_owned();
        let role_arn = input.role("roleArn")?.to_owned();
        let tags = input.tags()?.unwrap_or_default();
        let (id, resource) = self.named("datasetGroupArn", Kind::DatasetGroup)?;
        self.active(&id, &resource)?;
        let request = JobRequest::Deletion { group: id.name, location, role_arn };
        self.create_job("dataDeletionJobArn", name, request, tags)
    }

    fn create_job(&self, arn: &'static str, name: &str, request: JobRequest, tags: Vec<Tag>) -> Answer {
        let id = ResourceId::new(request.kind(), name);
        let catalog = self.service.catalog();
        // Nothing of the group goes away before the job is there to keep it.
        let hold = catalog.hold(vec![ResourceId::new(Kind::DatasetGroup, request.group())]);
        self.there(&request.parent())?;
        catalog.change(|change| {
            if change.get(&id).is_some() {
                return Err(self.taken(&id));
            }
            let unfinished = change.all(id.kind).filter(|(_, resource)| match &resource.body {
                Body::Job(job) => {
                    let counts = id.kind != Kind::DeletionJob || job.request.group() == request.group();
                    counts && !job.state.is_ended()
                }
                _ => false,
            });
            if unfinished.count() >= UNFINISHED_MAX {
                let message =
                    format!("More than {UNFINISHED_MAX} resources with PENDING or IN_PROGRESS status.");
                return Err(Refusal::new(Exception::LimitExceeded, message));
            }
            change.make(id.clone(), tags, Body::Job(Job::new(request)));
            Ok(())
        })?;
        drop(hold);
        self.service.jobs().submit(&id);
        Ok(Some(object([(arn, text(self.arns.of(&id)))])))
    }

    pub(super) fn describe_job(&self, kind: Kind) -> Answer {
        let (id, resource) = self.named(arn_member(kind), kind)?;
        let job = body!(self, id, resource, Job)?;
        let more = match &job.request {
            JobRequest::Import { dataset, location, role_arn, publish_metrics, .. } => vec![
                ("datasetArn", text(self.arns.named(Kind::Dataset, dataset))),
                ("dataSource", Some(json!({"dataLocation": location}))),
                ("roleArn", role_arn.clone().and_then(text)),
                ("publishAttributionMetricsToS3", publish_metrics.map(Value::Bool)),
            ],
            JobRequest::Export { dataset, path, kms_key_arn, role_arn, mode } => {
                let destination =
                    object([("path", text(path)), ("kmsKeyArn", kms_key_arn.clone().and_then(text))]);
                vec![
                    ("datasetArn", text(self.arns.named(Kind::Dataset, dataset))),
                    ("ingestionMode", text(mode.as_str())),
                    ("roleArn", text(role_arn)),
                    ("jobOutput", Some(json!({"s3DataDestination": destination}))),
                ]
            }
            JobRequest::Deletion { location, role_arn, .. } => vec![
                ("dataSource", Some(json!({"dataLocation": location}))),
                ("roleArn", text(role_arn)),
                ("numDeleted", job.num_deleted.map(Value::from)),
            ],
        };
        let members = self.job_members(&id, &resource, job).into_iter().chain(more);
        let (_, described) = list_member(kind);
        Ok(Some(object([(described, Some(object(members)))])))
    }

    pub(super) fn list_jobs(&self, kind: Kind) -> Answer {
        let parent = match kind {
            Kind::DeletionJob => ("datasetGroupArn", Kind::DatasetGroup),
            _ => ("datasetArn", Kind::Dataset),
        };
        let (list, _) = list_member(kind);
        self.list(list, kind, Some(parent), |id, resource| {
            let Body::Job(job) = &resource.body else { return None };
            Some(object(self.job_members(id, resource, job)))
        })
    }

    /// What Describe and List both show.
    fn job_members(
        &self,
        id: &ResourceId,
        resource: &Resource,
        job: &Job,
    ) -> Vec<(&'static str, Option<Value>)> {
        let mut members = vec![
            ("jobName", text(&id.name)),
            (arn_member(id.kind), text(self.arns.of(id))),
            ("status", text(job.status())),
            ("failureReason", job.failure_reason.clone().and_then(text)),
        ];
        members.extend(times(resource));
        match &job.request {
            JobRequest::Import { mode, .. } => {
                members.push(("importMode", text(mode.to_string().to_ascii_uppercase())));
            }
            JobRequest::Deletion { group, .. } => {
                members.push(("datasetGroupArn", text(self.arns.named(Kind::DatasetGroup, group))));
            }
            JobRequest::Export { .. } => (),
        }
        members
    }
}

/// The member that names a job.
fn arn_member(kind: Kind) -> &'static str {
    match kind {
        Kind::ExportJob => "datasetExportJobArn",
        Kind::DeletionJob => "dataDeletionJobArn",
        _ => "datasetImportJobArn",
    }
}

/// The members that hold a list of jobs, and one that is described.
fn list_member(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::ExportJob => ("datasetExportJobs", "datasetExportJob"),
        Kind::DeletionJob => ("dataDeletionJobs", "dataDeletionJob"),
        _ => ("datasetImportJobs", "datasetImportJob"),
    }
}
