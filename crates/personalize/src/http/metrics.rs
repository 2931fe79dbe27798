//! What is counted, as Prometheus reads it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::overview::at;
use crate::personalize::Plane;

/// Upper bounds of the durations' buckets in seconds: from an answer out of memory to a job's creation that waits.
const BUCKETS: [f64; 12] = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 2.0];

/// What is counted since the server started.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    operations: Mutex<BTreeMap<String, Operation>>,
}

#[derive(Debug, Default)]
struct Operation {
    by_status: BTreeMap<u16, u64>,
    /// One more than there are bounds: the last is for what took longer.
    buckets: [u64; BUCKETS.len() + 1],
    seconds: f64,
    records: u64,
}

/// How many records an input of the events plane brings.
pub(super) fn records(plane: Plane, input: &Value) -> u64 {
    let members = input.as_object().into_iter().flatten();
    let lists = members.filter_map(|(_, value)| value.as_array());
    if plane == Plane::Events { lists.map(|list| list.len() as u64).sum() } else { 0 }
}

impl Metrics {
    /// Counts a request that was answered.
    pub fn request(&self, operation: &str, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        self.with(operation, |counted| {
            *counted.by_status.entry(status).or_default() += 1;
            counted.seconds += seconds;
            let at = BUCKETS.iter().position(|bound| seconds <= *bound).unwrap_or(BUCKETS.len());
            if let Some(bucket) = counted.buckets.get_mut(at) {
                *bucket += 1;
            }
        });
    }

    /// Counts records that were put.
    pub fn put(&self, operation: &str, records: u64) {
        if records > 0 {
            self.with(operation, |counted| counted.records += records);
        }
    }

    fn with(&self, operation: &str, count: impl FnOnce(&mut Operation)) {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        match operations.get_mut(operation) {
            Some(counted) => count(counted),
            None => count(operations.entry(operation.to_owned()).or_default()),
        }
    }

    /// The text of it all, with what `overview` says about jobs and rows.
    pub fn text(&self, overview: &Value) -> String {
        let mut page = Page::default();
        let operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        page.family("restock_requests_total", "counter", "Requests answered, by operation and HTTP status.");
        for (name, counted) in &*operations {
            for (status, count) in &counted.by_status {
                let status = status.to_string();
                page.line("restock_requests_total", &[("operation", name), ("status", &status)], count);
            }
        }
        let family = "restock_request_seconds";
        page.family(family, "histogram", "Time from a request's headers to its answer.");
        for (name, counted) in &*operations {
            let mut sum = 0;
            let bounds = BUCKETS.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
            for (bound, count) in bounds.zip(counted.buckets) {
                sum += count;
                page.line(&format!("{family}_bucket"), &[("operation", name), ("le", &bound)], sum);
            }
            page.line(&format!("{family}_sum"), &[("operation", name)], counted.seconds);
            page.line(&format!("{family}_count"), &[("operation", name)], sum);
        }
        page.family("restock_records_put_total", "counter", "Records of calls that put them, by operation.");
        for (name, counted) in operations.iter().filter(|(_, counted)| counted.records > 0) {
            page.line("restock_records_put_total", &[("operation", name)], counted.records);
        }
        drop(operations);
        page.jobs(overview);
        page.rows(overview);
        page.0
    }
}

/// Text in Prometheus' format, version 0.0.4.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a string does not fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = labels.join(",");
        let _ = match labels.as_str() {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }

    fn jobs(&mut self, overview: &Value) {
        self.family("restock_jobs", "gauge", "Jobs, by kind and state.");
        for counted in at(overview, "job_counts").as_array().into_iter().flatten() {
            let label = |name| at(counted, name).as_str().unwrap_or_default();
            let jobs = at(counted, "jobs").as_u64().unwrap_or_default();
            self.line("restock_jobs", &[("kind", label("kind")), ("state", label("status"))], jobs);
        }
    }

    fn rows(&mut self, overview: &Value) {
        self.family("restock_rows", "gauge", "Rows of datasets, by origin.");
        for group in at(overview, "groups").as_array().into_iter().flatten() {
            let name = at(group, "name").as_str().unwrap_or_default();
            for dataset in at(group, "datasets").as_array().into_iter().flatten() {
                let kind = at(dataset, "type").as_str().unwrap_or_default();
                for origin in ["bulk", "individual"] {
                    let rows = at(at(dataset, "rows"), origin).as_u64().unwrap_or_default();
                    self.line(
                        "restock_rows",
                        &[("group", name), ("dataset", kind), ("origin", origin)],
                        rows,
                    );
                }
            }
        }
        let family = "restock_waiting_events";
        self.family(family, "gauge", "Events that wait for the call which names their user.");
        self.line(family, &[], at(overview, "waiting_events").as_u64().unwrap_or_default());
    }
}

/// A label's value as the format writes it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests;
