//! `restock undo`

use anyhow::Result;
#[cfg(feature = "serve")]
use restock::UndoReport;
use serde_json::json;

use super::target::{Place, PlaceArg};
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{count, number_of, time};

/// Take back a dataset's last import.
///
/// Its bulk rows are again as they were before that import, in their order. Rows that were put stay as they are, what
/// was deleted since stays deleted, and the schema stays.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "restock undo [OPTIONS] <STORE> <DATASET>\n       restock undo [OPTIONS] --server <URL> <DATASET>",
    after_help = "\
Examples:
  restock undo shop.restock items --dry-run
  restock undo shop.restock items
  restock undo --server http://127.0.0.1:8787 shop/items"
)]
pub(crate) struct Args {
    #[command(flatten)]
    place: PlaceArg,
    /// Say what would be taken back, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let (place, dataset) = self.place.take()?;
        let dataset = dataset.ok_or_else(|| Failure::usage("which dataset? Name it behind the store"))?;
        let done = match place {
            Place::Store(store) => store.write()?.undo(&dataset, self.dry_run)?,
            #[cfg(feature = "serve")]
            Place::Server(server) => by_server(&server, &dataset, self.dry_run)?,
        };
        let json = json!({
            "version": done.version,
            "rows": done.rows,
            "rows_before": done.rows_before,
            "undone": {
                "version": done.undone.version,
                "time": time(done.undone.time_ms),
                "mode": done.undone.mode,
                "label": done.undone.label,
            },
            "dry_run": self.dry_run,
        });
        Ok(out.result(&json, |text| {
            let mode = done.undone.mode;
            let (verb, version) =
                if self.dry_run { ("would take", None) } else { ("took", Some(done.version)) };
            let version = version.map(|version| format!(" (version {version})")).unwrap_or_default();
            writeln!(
                text,
                "{verb} back the {mode} import of {}: `{}` {} {} instead of {}{version}",
                time(done.undone.time_ms),
                dataset,
                if self.dry_run { "would have" } else { "has" },
                count(done.rows.bulk, "bulk row"),
                number_of(done.rows_before.bulk),
            )
        })?)
    }
}

/// Undoes where the store is open.
#[cfg(feature = "serve")]
fn by_server(server: &super::server::Server, dataset: &str, dry_run: bool) -> Result<UndoReport> {
    let asked = json!({"dataset": dataset, "dry_run": dry_run}).to_string();
    let mut told = server.ask("POST", "/_restock/undo", &asked)?;
    let mut member = |name: &str| told.get_mut(name).map(serde_json::Value::take).unwrap_or_default();
    Ok(UndoReport {
        version: serde_json::from_value(member("version"))?,
        undone: serde_json::from_value(member("undone"))?,
        rows_before: serde_json::from_value(member("rows_before"))?,
        rows: serde_json::from_value(member("rows"))?,
    })
}
