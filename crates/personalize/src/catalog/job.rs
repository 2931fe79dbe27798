//! Jobs: what was asked for, and what became of it.

use restock::ImportMode;
use serde::{Deserialize, Serialize};

use super::resource::{Kind, ResourceId};

/// A job of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What was asked for.
    pub request: JobRequest,
    /// How far it is.
    pub state: JobState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// Users that a deletion job deleted, once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_deleted: Option<u64>,
}

impl Job {
    /// A job that waits.
    pub fn new(request: JobRequest) -> Job {
        Job { request, state: JobState::Pending, failure_reason: None, num_deleted: None }
    }

    /// The state as its kind shows it (`personalize.md`, sections 2.3 and 4.2).
    pub fn status(&self) -> &'static str {
        let deletion = matches!(self.request, JobRequest::Deletion { .. });
        match (self.state, deletion) {
            (JobState::Pending, false) => "CREATE PENDING",
            (JobState::InProgress, false) => "CREATE IN_PROGRESS",
            (JobState::Finished, false) => "ACTIVE",
            (JobState::Failed, false) => "CREATE FAILED",
            (JobState::Pending, true) => "PENDING",
            (JobState::InProgress, true) => "IN_PROGRESS",
            (JobState::Finished, true) => "COMPLETED",
            (JobState::Failed, true) => "FAILED",
        }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// It waits for its turn.
    Pending,
    /// It runs.
    InProgress,
    /// It did what was asked, and that is committed.
    Finished,
    /// It did nothing.
    Failed,
}

impl JobState {
    /// Whether it is over.
    pub fn is_ended(self) -> bool {
        matches!(self, JobState::Finished | JobState::Failed)
    }
}

/// What a job is to do. Datasets and groups are named as ARNs name them: `<group>/<TYPE>`, `<group>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobRequest {
    /// Import objects into a dataset.
    Import {
        /// The dataset.
        dataset: String,
        /// `dataSource.dataLocation`, as given.
        location: String,
        /// As given; never assumed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role_arn: Option<String>,
        /// FULL unless something else was given.
        mode: ImportMode,
        /// `publishAttributionMetricsToS3`, kept and echoed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        publish_metrics: Option<bool>,
    },
    /// Export a dataset to a folder of objects.
    Export {
        /// The dataset.
        dataset: String,
        /// `jobOutput.s3DataDestination.path`, as given.
        path: String,
        /// `jobOutput.s3DataDestination.kmsKeyArn`, as given; never used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kms_key_arn: Option<String>,
        /// As given; never assumed.
        role_arn: String,
        /// Which rows.
        mode: IngestionMode,
    },
    /// Delete users with all they did from a group.
    Deletion {
        /// The group.
        group: String,
        /// `dataSource.dataLocation`, as given.
        location: String,
        /// As given; never assumed.
        role_arn: String,
    },
}

impl JobRequest {
    /// The kind of job.
    pub fn kind(&self) -> Kind {
        match self {
            JobRequest::Import { .. } => Kind::ImportJob,
            JobRequest::Export { .. } => Kind::ExportJob,
            JobRequest::Deletion { .. } => Kind::DeletionJob,
        }
    }

    /// The dataset or group it is for.
    pub fn parent(&self) -> ResourceId {
        match self {
            JobRequest::Import { dataset, .. } | JobRequest::Export { dataset, .. } => {
                ResourceId::new(Kind::Dataset, dataset)
            }
            JobRequest::Deletion { group, .. } => ResourceId::new(Kind::DatasetGroup, group),
        }
    }

    /// The group it is for, or whose dataset it is for.
    pub fn group(&self) -> &str {
        match self {
            JobRequest::Import { dataset, .. } | JobRequest::Export { dataset, .. } => {
                dataset.split_once('/').map_or(dataset, |(group, _)| group)
            }
            JobRequest::Deletion { group, .. } => group,
        }
    }
}

/// Which rows an export writes (`personalize.md`, section 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum IngestionMode {
    /// Those of imports.
    Bulk,
    /// Those put one by one.
    #[default]
    Put,
    /// Both; of each record ID the newest.
    All,
}

impl IngestionMode {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            IngestionMode::Bulk => "BULK",
            IngestionMode::Put => "PUT",
            IngestionMode::All => "ALL",
        }
    }
}

/// A job as it stands in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Which; its text is the label of its commit.
    pub id: ResourceId,
    /// When it was made: jobs run in this order.
    pub created_ms: u64,
    /// When its state last changed.
    pub updated_ms: u64,
    /// The job.
    pub job: Job,
    /// How far it has come, while it runs. Not kept.
    pub progress: Option<JobProgress>,
}

/// How far a running job has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobProgress {
    /// Bytes read or written so far.
    pub bytes: u64,
    /// All bytes, where they are known.
    pub total_bytes: Option<u64>,
    /// Rows so far.
    pub rows: u64,
}
