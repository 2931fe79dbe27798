//! The server's own routes: the page and what feeds it, health, metrics, history, undo, reset.

use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use restock::Store;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Fault, answer, json_answer};
use super::exchange::Shared;
use super::overview::overview;
use super::page;
use super::route::Own;
use crate::personalize::Plane;
use crate::refusal::{Exception, Refusal};

/// Prometheus' text format.
const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What `POST /_restock/undo` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Undo {
    dataset: String,
    #[serde(default)]
    dry_run: bool,
}

/// Answers a request for one of them.
pub(super) async fn answer_own(
    shared: &Shared,
    own: Own,
    request: &Parts,
    body: &[u8],
) -> Result<Answer, Fault> {
    match own {
        Own::Page => Ok(page::page()),
        Own::Health => Ok(ok(&json!({"status": "ok"}))),
        Own::Overview => Ok(ok(&shared.block(overview).await??)),
        Own::Metrics => {
            let overview = shared.block(overview).await??;
            Ok(answer(METRICS, shared.metrics.text(&overview)))
        }
        Own::History => {
            let dataset = dataset(request)?;
            let told = shared.block(move |service| history(service.store(), dataset.as_deref())).await?;
            told.map(|told| ok(&told)).map_err(refused)
        }
        Own::Undo => {
            let asked: Undo = serde_json::from_slice(body).map_err(|error| {
                let message = format!(
                    "expected {{\"dataset\": \"GROUP/NAME\", \"dry_run\": false}} in the body: {error}"
                );
                Fault::refused(Plane::Events, Refusal::new(Exception::Serialization, message))
            })?;
            let done = shared.block(move |service| undo(service.store(), &asked)).await?;
            done.map(|done| ok(&done)).map_err(refused)
        }
        Own::Reset => {
            shared.reset().await?;
            Ok(ok(&json!({"reset": true})))
        }
    }
}

/// The dataset that the query asks for.
fn dataset(request: &Parts) -> Result<Option<String>, Fault> {
    match request.uri.query().unwrap_or_default().split_once('=') {
        None => Ok(None),
        // A dataset's name holds nothing that a query would encode but `/`, which may stand as it is.
        Some(("dataset", name)) => Ok(Some(name.replace("%2F", "/").replace("%2f", "/"))),
        Some(_) => {
            let message = "expected no query, or ?dataset=GROUP/NAME";
            Err(Fault::refused(Plane::Events, Refusal::invalid(message)))
        }
    }
}

/// The commits of the history; with a dataset, those that touched it.
fn history(store: &Store, dataset: Option<&str>) -> restock::Result<Value> {
    let mut commits = store.history();
    if let Some(name) = dataset {
        commits.retain(|commit| match &commit.dataset {
            Some(dataset) => dataset.to_string() == name,
            // A deletion of users touches every dataset of its group.
            None => commit.group.as_deref() == name.split_once('/').map(|(group, _)| group),
        });
        if commits.is_empty() {
            store.dataset(name)?;
        }
    }
    Ok(json!({"versions": commits}))
}

fn undo(store: &Store, asked: &Undo) -> restock::Result<Value> {
    let done = store.undo(&asked.dataset, asked.dry_run)?;
    Ok(json!({
        "version": done.version,
        "undone": done.undone,
        "rows_before": done.rows_before,
        "rows": done.rows,
    }))
}

fn refused(error: restock::Error) -> Fault {
    Fault::refused(Plane::Events, Refusal::invalid(error.to_string()))
}

fn ok(body: &Value) -> Answer {
    json_answer(Plane::Events, Some(body))
}
