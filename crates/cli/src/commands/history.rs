//! `restock history`

use anyhow::Result;
use comfy_table::Cell;
use restock::{Commit, Store};
use serde_json::{Value, json};

use super::target::{Place, PlaceArg};
use crate::output::Output;
use crate::render::{number_of, right, table, time};

/// List what changed the store, oldest first.
///
/// The last thousand imports, undos, deletions of users, and changes of datasets and their schemas; single puts and
/// deletes are not listed.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "restock history [OPTIONS] <STORE> [DATASET]\n       restock history [OPTIONS] --server <URL> [DATASET]",
    after_help = "\
Examples:
  restock history shop.restock
  restock history shop.restock items --json
  restock history --server http://127.0.0.1:8787 shop/items"
)]
pub(crate) struct Args {
    #[command(flatten)]
    place: PlaceArg,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let (place, dataset) = self.place.take()?;
        let commits = match place {
            Place::Store(store) => of_store(&store.read()?, dataset.as_deref())?,
            #[cfg(feature = "serve")]
            Place::Server(server) => of_server(&server, dataset.as_deref())?,
        };
        let json = json!({"versions": commits.iter().map(to_json).collect::<Vec<_>>()});
        Ok(out.result(&json, |text| {
            let mut table =
                table(["VERSION", "TIME", "WHAT", "DATASET", "BULK", "INDIVIDUAL", "MERGED", "LABEL"]);
            for commit in &commits {
                let what = serde_json::to_value(commit.what).unwrap_or_default();
                let group = commit.group.as_deref().map(|group| format!("{group}/*"));
                table.add_row([
                    right(commit.version.to_string()),
                    Cell::new(time(commit.time_ms)),
                    Cell::new(what.as_str().unwrap_or_default()),
                    Cell::new(commit.dataset.as_ref().map(ToString::to_string).or(group).unwrap_or_default()),
                    right(number_of(commit.rows.bulk)),
                    right(number_of(commit.rows.individual)),
                    right(number_of(commit.rows.merged)),
                    Cell::new(commit.label.as_deref().unwrap_or_default()),
                ]);
            }
            writeln!(text, "{table}")
        })?)
    }
}

/// The commits of a store; with a dataset, those that touched it.
fn of_store(store: &Store, dataset: Option<&str>) -> Result<Vec<Commit>> {
    let mut commits = store.history();
    if let Some(name) = dataset {
        commits.retain(|commit| touches(commit, name));
        if commits.is_empty() {
            store.dataset(name)?;
        }
    }
    Ok(commits)
}

/// The same of the store that a server has open.
#[cfg(feature = "serve")]
fn of_server(server: &super::server::Server, dataset: Option<&str>) -> Result<Vec<Commit>> {
    let query = dataset.map(|name| format!("?dataset={name}")).unwrap_or_default();
    let mut told = server.ask("GET", &format!("/_restock/history{query}"), "")?;
    Ok(serde_json::from_value(told.get_mut("versions").map(Value::take).unwrap_or_default())?)
}

/// A deletion of users touches every dataset of its group.
fn touches(commit: &Commit, name: &str) -> bool {
    match &commit.dataset {
        Some(dataset) => dataset.to_string() == name,
        None => commit.group.as_deref() == name.split_once('/').map(|(group, _)| group),
    }
}

fn to_json(commit: &Commit) -> Value {
    json!({
        "version": commit.version,
        "time": time(commit.time_ms),
        "what": commit.what,
        "dataset": commit.dataset,
        "group": commit.group,
        "label": commit.label,
        "rows": commit.rows,
    })
}
