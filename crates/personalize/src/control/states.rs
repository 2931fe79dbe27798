//! What status a resource shows: with `--states paced` one after the other, by the time.

use serde_json::{Map, Value, json};

use super::Call;
use crate::catalog::{Body, Resource};
use crate::personalize::States;

pub(super) const ACTIVE: &str = "ACTIVE";

impl Call<'_> {
    /// How long each state is shown, in milliseconds, if there are any between.
    pub(super) fn pace(&self) -> Option<u64> {
        match self.service.settings().states {
            States::Instant => None,
            States::Paced(pace) => Some(u64::try_from(pace.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    /// The status that Describe and List show. A job's is its own.
    pub(super) fn status(&self, resource: &Resource) -> &'static str {
        if let Body::Job(job) = &resource.body {
            return job.status();
        }
        if let Some(deleted) = resource.deleted_ms {
            return self
                .step(deleted, ["DELETE PENDING", "DELETE IN_PROGRESS"])
                .unwrap_or("DELETE IN_PROGRESS");
        }
        if let Some(status) = self.step(resource.created_ms, ["CREATE PENDING", "CREATE IN_PROGRESS"]) {
            return status;
        }
        let update = match &resource.body {
            Body::Dataset(dataset) => dataset.update.as_ref(),
            _ => None,
        };
        update.and_then(|update| self.update_status(update.created_ms)).unwrap_or(ACTIVE)
    }

    /// The status of a change of a schema, until it is over.
    pub(super) fn update_status(&self, since: u64) -> Option<&'static str> {
        self.step(since, ["UPDATE PENDING", "UPDATE IN_PROGRESS"])
    }

    /// Whether the DELETE states of a resource are over.
    pub(super) fn is_gone(&self, resource: &Resource) -> bool {
        let deleted =
            resource.deleted_ms.map(|since| self.step(since, ["DELETE PENDING", "DELETE IN_PROGRESS"]));
        deleted.is_some_and(|status| status.is_none())
    }

    fn step(&self, since: u64, steps: [&'static str; 2]) -> Option<&'static str> {
        let number = self.now.saturating_sub(since).checked_div(self.pace()?).unwrap_or(u64::MAX);
        usize::try_from(number).ok().and_then(|number| steps.get(number)).copied()
    }
}

/// A time as answers have it: seconds since 1970-01-01 UTC, with milliseconds (`personalize.md`, section 5.1).
pub(super) fn seconds(ms: u64) -> Value {
    json!(ms as f64 / 1000.0)
}

/// The two times that all resources have.
pub(super) fn times(resource: &Resource) -> [(&'static str, Option<Value>); 2] {
    [
        ("creationDateTime", Some(seconds(resource.created_ms))),
        ("lastUpdatedDateTime", Some(seconds(resource.updated_ms))),
    ]
}

/// An object of the members that are there: what is absent is left out, never null.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Value {
    let there = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}

/// A text as a member.
pub(super) fn text(text: impl Into<String>) -> Option<Value> {
    Some(Value::String(text.into()))
}
