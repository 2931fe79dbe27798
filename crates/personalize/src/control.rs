//! The control plane: resources are made, described, listed, changed and deleted (`personalize.md`, sections 4 and 5.3).

mod datasets;
mod groups;
mod input;
mod jobs;
mod lists;
mod schemas;
mod states;
mod tags;
mod trackers;
mod training;

use std::sync::Arc;

use serde_json::Value;

use crate::catalog::{Arns, Kind, Resource, ResourceId, now_ms};
use crate::personalize::{Caller, Personalize};
use crate::refusal::{Exception, Refusal};
use input::Input;
pub(crate) use training::outside;

/// What an operation answers: JSON, or nothing if it has no output.
type Answer = Result<Option<Value>, Refusal>;

/// One call of the control plane.
struct Call<'a> {
    service: &'a Personalize,
    arns: Arns<'a>,
    input: Input<'a>,
    /// Milliseconds since 1970-01-01 UTC: every state that a call sees is that of one time.
    now: u64,
}

impl Personalize {
    /// Answers one operation of the control plane.
    pub(crate) fn control(&self, operation: &str, input: &Value, caller: &Caller) -> Answer {
        let call = Call {
            service: self,
            arns: Arns::new(self.settings(), caller),
            input: Input::of(input)?,
            now: now_ms(),
        };
        if let Some(answer) = training::answer(operation, &call.input) {
            return answer;
        }
        call.sweep()?;
        self.catalog().adopt(self.store())?;
        match operation {
            "CreateDatasetGroup" => call.create_group(),
            "DescribeDatasetGroup" => call.describe_group(),
            "ListDatasetGroups" => call.list_groups(),
            "DeleteDatasetGroup" => call.delete_group(),
            "CreateSchema" => call.create_schema(),
            "DescribeSchema" => call.describe_schema(),
            "ListSchemas" => call.list_schemas(),
            "DeleteSchema" => call.delete_schema(),
            "CreateDataset" => call.create_dataset(),
            "DescribeDataset" => call.describe_dataset(),
            "ListDatasets" => call.list_datasets(),
            "UpdateDataset" => call.update_dataset(),
            "DeleteDataset" => call.delete_dataset(),
            "CreateDatasetImportJob" => call.create_import_job(),
            "CreateDatasetExportJob" => call.create_export_job(),
            "CreateDataDeletionJob" => call.create_deletion_job(),
            "DescribeDatasetImportJob" => call.describe_job(Kind::ImportJob),
            "DescribeDatasetExportJob" => call.describe_job(Kind::ExportJob),
            "DescribeDataDeletionJob" => call.describe_job(Kind::DeletionJob),
            "ListDatasetImportJobs" => call.list_jobs(Kind::ImportJob),
            "ListDatasetExportJobs" => call.list_jobs(Kind::ExportJob),
            "ListDataDeletionJobs" => call.list_jobs(Kind::DeletionJob),
            "CreateEventTracker" => call.create_tracker(),
            "DescribeEventTracker" => call.describe_tracker(),
            "ListEventTrackers" => call.list_trackers(),
            "DeleteEventTracker" => call.delete_tracker(),
            "TagResource" => call.tag(),
            "UntagResource" => call.untag(),
            "ListTagsForResource" => call.list_tags(),
            other => Err(Refusal::new(
                Exception::UnknownOperation,
                format!("{other} is not an operation of Amazon Personalize that Restock knows"),
            )),
        }
    }
}

impl Call<'_> {
    /// The resource of a kind that a member names.
    fn named(&self, member: &str, kind: Kind) -> Result<(ResourceId, Arc<Resource>), Refusal> {
        let arn = self.input.arn(member)?;
        let id = self.arns.parse_kind(arn, kind)?;
        let resource = self.there(&id)?;
        Ok((id, resource))
    }

    /// A resource, if it is there or still shown.
    fn there(&self, id: &ResourceId) -> Result<Arc<Resource>, Refusal> {
        let found = self.service.catalog().get(id).filter(|resource| !self.is_gone(resource));
        found.ok_or_else(|| self.absent(id))
    }

    fn absent(&self, id: &ResourceId) -> Refusal {
        let message = format!("The given {} does not exist: {}", id.kind.words(), self.arns.of(id));
        Refusal::new(Exception::ResourceNotFound, message)
    }

    /// The refusal of a name that is taken.
    fn taken(&self, id: &ResourceId) -> Refusal {
        let message = format!("Another {} has this name: {}", id.kind.words(), self.arns.of(id));
        Refusal::new(Exception::ResourceAlreadyExists, message)
    }

    /// The refusal of a change of what is in use.
    fn in_use(&self, id: &ResourceId, why: &str) -> Refusal {
        let message = format!("The {} {} is in use: {why}", id.kind.words(), self.arns.of(id));
        Refusal::new(Exception::ResourceInUse, message)
    }

    /// That a resource is ACTIVE.
    fn active(&self, id: &ResourceId, resource: &Resource) -> Result<(), Refusal> {
        match self.status(resource) {
            states::ACTIVE => Ok(()),
            status => Err(self.in_use(id, &format!("its status is {status}; wait until it is ACTIVE"))),
        }
    }

    /// A job that is not over and is for this dataset or group, or for a dataset of this group.
    fn unfinished_job(&self, id: &ResourceId) -> Option<ResourceId> {
        let jobs = self.service.catalog().unfinished_jobs().into_iter();
        let mut concerning = jobs.filter(|record| {
            let request = &record.job.request;
            let group = id.name.split_once('/').map_or(&*id.name, |(group, _)| group);
            let of_all = matches!(request.parent().kind, Kind::DatasetGroup) && request.group() == group;
            request.parent() == *id || of_all || (id.kind == Kind::DatasetGroup && request.group() == group)
        });
        concerning.next().map(|record| record.id)
    }

    /// That no job is unfinished which needs this dataset or group.
    fn idle(&self, id: &ResourceId) -> Result<(), Refusal> {
        match self.unfinished_job(id) {
            None => Ok(()),
            Some(job) => Err(self.in_use(id, &format!("the job {} is not finished", self.arns.of(&job)))),
        }
    }

    /// Takes a resource away: at once, or after its DELETE states.
    fn delete(&self, id: &ResourceId) -> Answer {
        let now = self.now;
        let at_once = self.pace().is_none();
        self.service.catalog().change(|change| {
            let Some(resource) = change.get(id) else { return Ok(()) };
            if at_once {
                change.remove(id.clone());
            } else {
                let deleted =
                    Resource { deleted_ms: Some(now), updated_ms: now, ..Resource::clone(resource) };
                change.keep(id.clone(), deleted);
            }
            Ok(())
        })?;
        Ok(None)
    }

    /// Forgets resources whose DELETE states are over.
    fn sweep(&self) -> Result<(), Refusal> {
        let catalog = self.service.catalog();
        let gone: Vec<ResourceId> = Kind::ALL
            .into_iter()
            .flat_map(|kind| catalog.all(kind))
            .filter(|(_, resource)| self.is_gone(resource))
            .map(|(id, _)| id)
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        catalog.change(|change| {
            gone.into_iter().for_each(|id| change.remove(id));
            Ok(())
        })
    }
}

/// The body of a resource of a kind, which IDs of that kind always have.
macro_rules! body {
    ($call:expr, $id:expr, $resource:expr, $kind:ident) => {
        match &$resource.body {
            crate::catalog::Body::$kind(body) => Ok(body),
            _ => Err($call.absent(&$id)),
        }
    };
}
use body;

#[cfg(test)]
mod tests;
