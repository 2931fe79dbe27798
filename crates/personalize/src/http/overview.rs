//! What the page shows, as JSON: groups, datasets with their rows, trackers, jobs.
//!
//! It is asked of the service's own operations, so that the page says nothing else than a client is told.

use std::collections::BTreeMap;

use restock::{DatasetInfo, StoreInfo};
use serde_json::{Value, json};

use super::answer::Fault;
use super::service::{JobProgress, Service};
use crate::personalize::{Caller, Plane};

/// Jobs of a kind that are told one by one, the newest; the page is for people.
const JOBS: usize = 50;

/// Where a kind of job comes from: its name here, the operations, and the members of their answers.
const KINDS: [Kind; 3] = [
    Kind {
        kind: "import",
        list: "ListDatasetImportJobs",
        jobs: "datasetImportJobs",
        describe: "DescribeDatasetImportJob",
        job: "datasetImportJob",
        arn: "datasetImportJobArn",
    },
    Kind {
        kind: "export",
        list: "ListDatasetExportJobs",
        jobs: "datasetExportJobs",
        describe: "DescribeDatasetExportJob",
        job: "datasetExportJob",
        arn: "datasetExportJobArn",
    },
    Kind {
        kind: "deletion",
        list: "ListDataDeletionJobs",
        jobs: "dataDeletionJobs",
        describe: "DescribeDataDeletionJob",
        job: "dataDeletionJob",
        arn: "dataDeletionJobArn",
    },
];

struct Kind {
    kind: &'static str,
    list: &'static str,
    jobs: &'static str,
    describe: &'static str,
    job: &'static str,
    arn: &'static str,
}

/// What the page shows.
pub(super) fn overview(service: &dyn Service) -> Result<Value, Fault> {
    let info = service.store().info().map_err(|error| Fault::internal(error.to_string()))?;
    let path = service.store().path().map(|path| path.display().to_string());
    let asking = Asking { service, info: &info };
    let listed = KINDS.each_ref().map(|kind| (kind, asking.list(kind.list, kind.jobs, json!({}))));
    Ok(json!({
        "restock": env!("CARGO_PKG_VERSION"),
        "store": {"path": path.unwrap_or_else(|| ":memory:".to_owned()), "version": info.version},
        "waiting_events": service.waiting_events(),
        "groups": asking.groups(),
        "jobs": asking.jobs(&listed),
        "job_counts": counts(&listed),
    }))
}

/// The jobs of a kind, as their list tells them.
type Listed<'a> = (&'a Kind, Vec<Value>);

/// How many jobs there are, by kind and state.
fn counts(listed: &[Listed<'_>]) -> Vec<Value> {
    let mut counts = BTreeMap::<(&str, &str), u64>::new();
    for (kind, jobs) in listed {
        for job in jobs {
            *counts.entry((kind.kind, at(job, "status").as_str().unwrap_or_default())).or_default() += 1;
        }
    }
    let told = counts.into_iter();
    told.map(|((kind, status), jobs)| json!({"kind": kind, "status": status, "jobs": jobs})).collect()
}

struct Asking<'a> {
    service: &'a dyn Service,
    info: &'a StoreInfo,
}

impl Asking<'_> {
    /// One operation's answer; nothing if it is refused: what was listed may be gone by now.
    fn ask(&self, operation: &str, input: &Value) -> Value {
        let caller = Caller { region: "us-east-1".to_owned(), request_id: "overview".to_owned() };
        self.service.call(Plane::Control, operation, input, &caller).ok().flatten().unwrap_or_default()
    }

    /// All pages of a list.
    fn list(&self, operation: &str, member: &str, input: Value) -> Vec<Value> {
        let mut listed = Vec::new();
        let mut input = input;
        loop {
            let mut page = self.ask(operation, &input);
            if let Some(Value::Array(more)) = page.get_mut(member).map(Value::take) {
                listed.extend(more);
            }
            match page.get_mut("nextToken").map(Value::take) {
                Some(token @ Value::String(_)) => set(&mut input, "nextToken", token),
                _ => return listed,
            }
        }
    }

    fn groups(&self) -> Vec<Value> {
        let groups = self.list("ListDatasetGroups", "datasetGroups", json!({}));
        let told = groups.iter().map(|group| {
            let arn = at(group, "datasetGroupArn");
            let name = at(group, "name").as_str().unwrap_or_default();
            json!({
                "name": name,
                "status": at(group, "status"),
                "domain": at(group, "domain"),
                "created": at(group, "creationDateTime"),
                "failure": at(group, "failureReason"),
                "datasets": self.datasets(arn, name),
                "trackers": self.trackers(arn),
            })
        });
        told.collect()
    }

    fn datasets(&self, group_arn: &Value, group: &str) -> Vec<Value> {
        let input = json!({"datasetGroupArn": group_arn});
        let datasets = self.list("ListDatasets", "datasets", input);
        let told = datasets.iter().map(|dataset| {
            let kind = at(dataset, "datasetType")
                .as_str()
                .unwrap_or_default()
                .to_ascii_lowercase()
                .replace('_', "-");
            let name = format!("{group}/{kind}");
            let info = self.info.datasets.iter().find(|info| info.name.to_string() == name);
            json!({
                "type": kind,
                "name": at(dataset, "name"),
                "status": at(dataset, "status"),
                "rows": info.map(|info| info.rows).unwrap_or_default(),
                "bytes": info.map(|info: &DatasetInfo| info.bytes_live + info.bytes_dead).unwrap_or_default(),
                "last_import": info.and_then(|info| info.last_import.as_ref()),
            })
        });
        told.collect()
    }

    fn trackers(&self, group_arn: &Value) -> Vec<Value> {
        let input = json!({"datasetGroupArn": group_arn});
        let trackers = self.list("ListEventTrackers", "eventTrackers", input);
        let told = trackers.iter().map(|tracker| {
            let input = json!({"eventTrackerArn": at(tracker, "eventTrackerArn")});
            let described = self.ask("DescribeEventTracker", &input);
            json!({
                "name": at(tracker, "name"),
                "status": at(tracker, "status"),
                "tracking_id": described.pointer("/eventTracker/trackingId"),
            })
        });
        told.collect()
    }

    /// The newest jobs of every kind, the newest first.
    fn jobs(&self, listed: &[Listed<'_>]) -> Vec<Value> {
        let progress = self.service.progress();
        let newest =
            listed.iter().flat_map(|(kind, jobs)| jobs.iter().take(JOBS).map(move |job| (kind, job)));
        let mut jobs: Vec<Value> = newest.map(|(kind, job)| self.job(kind, job, &progress)).collect();
        let created = |job: &Value| at(job, "created").as_f64().unwrap_or_default();
        jobs.sort_by(|one, other| created(other).total_cmp(&created(one)));
        jobs
    }

    fn job(&self, kind: &Kind, listed: &Value, progress: &[JobProgress]) -> Value {
        let mut input = json!({});
        set(&mut input, kind.arn, at(listed, kind.arn).clone());
        let mut described = self.ask(kind.describe, &input);
        let job = described.get_mut(kind.job).map(Value::take).unwrap_or_default();
        let name = at(listed, "jobName").as_str().unwrap_or_default();
        let of = ["datasetArn", "datasetGroupArn"].iter().find_map(|member| at(&job, member).as_str());
        let running = progress
            .iter()
            .find(|each| after_account(at(listed, kind.arn).as_str().unwrap_or_default()) == each.job)
            .map(|each| json!({"bytes": each.bytes, "total": each.total, "rows": each.rows}));
        let mode = ["importMode", "ingestionMode"].iter().find_map(|member| at(&job, member).as_str());
        let location = ["/dataSource/dataLocation", "/jobOutput/s3DataDestination/path"];
        json!({
            "kind": kind.kind,
            "name": name,
            "of": of.map(after_type),
            "mode": mode,
            "location": location.iter().find_map(|place| job.pointer(place)),
            "status": at(listed, "status"),
            "created": at(listed, "creationDateTime"),
            "updated": at(listed, "lastUpdatedDateTime"),
            "failure": at(listed, "failureReason"),
            "deleted": at(&job, "numDeleted"),
            "progress": running,
        })
    }
}

/// A member of an object; null if there is none.
pub(super) fn at<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn set(input: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = input {
        members.insert(name.to_owned(), value);
    }
}

/// `shop/ITEMS` of `arn:aws:personalize:us-east-1:123456789012:dataset/shop/ITEMS`.
fn after_type(arn: &str) -> &str {
    after_account(arn).split_once('/').map_or(arn, |(_, name)| name)
}

/// `dataset/shop/ITEMS` of the same.
fn after_account(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}
