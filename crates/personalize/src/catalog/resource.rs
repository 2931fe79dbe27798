//! Resources: what the control plane makes, as it is kept.

use std::fmt;

use restock::{DatasetName, DatasetType, Domain};
use serde::{Deserialize, Serialize};

use super::job::Job;

/// What a resource is. The order is that of the hidden dataset's record IDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A dataset group.
    DatasetGroup,
    /// A schema.
    Schema,
    /// A dataset of a group.
    Dataset,
    /// An event tracker.
    EventTracker,
    /// A dataset import job.
    ImportJob,
    /// A dataset export job.
    ExportJob,
    /// A data deletion job.
    DeletionJob,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Kind::DatasetGroup,
        Kind::Schema,
        Kind::Dataset,
        Kind::EventTracker,
        Kind::ImportJob,
        Kind::ExportJob,
        Kind::DeletionJob,
    ];

    /// How ARNs name it (`personalize.md`, section 4.5).
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::DatasetGroup => "dataset-group",
            Kind::Schema => "schema",
            Kind::Dataset => "dataset",
            Kind::EventTracker => "event-tracker",
            Kind::ImportJob => "dataset-import-job",
            Kind::ExportJob => "dataset-export-job",
            Kind::DeletionJob => "data-deletion-job",
        }
    }

    /// How a message names it.
    pub fn words(self) -> &'static str {
        match self {
            Kind::DatasetGroup => "dataset group",
            Kind::Schema => "schema",
            Kind::Dataset => "dataset",
            Kind::EventTracker => "event tracker",
            Kind::ImportJob => "dataset import job",
            Kind::ExportJob => "dataset export job",
            Kind::DeletionJob => "data deletion job",
        }
    }

    /// Whether it is one of the three kinds of job.
    pub fn is_job(self) -> bool {
        matches!(self, Kind::ImportJob | Kind::ExportJob | Kind::DeletionJob)
    }
}

/// Which resource: a kind and the name after it in an ARN. A dataset's is `<group>/<TYPE>`, a tracker's 8 hex digits.
///
/// Its text, `dataset-import-job/daily`, is what an ARN ends with, the record ID in the hidden dataset, and the label of
/// an import job's commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// The kind.
    pub kind: Kind,
    /// The name.
    pub name: String,
}

impl ResourceId {
    /// The resource of this kind and name.
    pub fn new(kind: Kind, name: impl Into<String>) -> ResourceId {
        ResourceId { kind, name: name.into() }
    }

    /// The dataset of a type in a group.
    pub fn dataset(group: &str, dataset_type: DatasetType) -> ResourceId {
        ResourceId::new(Kind::Dataset, format!("{group}/{}", wire_type(dataset_type)))
    }

    /// Reads its text.
    pub fn parse(text: &str) -> Option<ResourceId> {
        let (kind, name) = text.split_once('/')?;
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        (!name.is_empty()).then(|| ResourceId::new(kind, name))
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.name)
    }
}

/// A dataset type as answers and ARNs write it: `ACTION_INTERACTIONS`.
pub fn wire_type(dataset_type: DatasetType) -> String {
    dataset_type.as_str().to_ascii_uppercase().replace('-', "_")
}

/// A domain as answers write it: `VIDEO_ON_DEMAND`.
pub fn wire_domain(domain: Domain) -> String {
    domain.as_str().to_ascii_uppercase().replace('-', "_")
}

/// A resource. Times are milliseconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// When it was made; no two resources of a store have the same.
    pub created_ms: u64,
    /// When it was last changed, not counting states that follow from the time.
    pub updated_ms: u64,
    /// When its deletion was asked for, while that is still shown (`--states paced`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_ms: Option<u64>,
    /// Its tags, in the order given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// What only its kind has.
    pub body: Body,
}

/// A tag of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key; a resource has each once.
    pub key: String,
    /// Its value, which may be empty.
    pub value: String,
}

/// What only the resources of one kind have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// A dataset group.
    DatasetGroup(DatasetGroup),
    /// A schema.
    Schema(DatasetSchema),
    /// A dataset.
    Dataset(DatasetBody),
    /// An event tracker.
    EventTracker(EventTracker),
    /// A job of any kind.
    Job(Job),
}

/// A dataset group: the part before `/` in the names of its datasets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetGroup {
    /// Its domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// As given; never assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// As given; never used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
}

/// A schema by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetSchema {
    /// The Avro JSON, as given.
    pub text: String,
    /// The domain of the groups it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
}

/// A dataset; its rows and its columns are the store's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetBody {
    /// The name given to it, which is not that of its ARN.
    pub name: String,
    /// Its group.
    pub group: String,
    /// Its type.
    pub dataset_type: DatasetType,
    /// The store's dataset.
    pub stored: DatasetName,
    /// The name of its schema.
    pub schema: String,
    /// The last change of its schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<SchemaUpdate>,
    /// Where its events go by, if it holds action interactions (they have no tracker).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
}

/// A change of a dataset's schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaUpdate {
    /// The name of the schema it got.
    pub schema: String,
    /// When it was asked for.
    pub created_ms: u64,
}

/// An event tracker: what events of a group name it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTracker {
    /// Its name, which is not that of its ARN.
    pub name: String,
    /// Its group.
    pub group: String,
    /// A UUID.
    pub tracking_id: String,
}
