//! `restock undo`

use anyhow::Result;
use serde_json::json;

use super::target::DatasetArg;
use crate::output::Output;
use crate::render::{count, number_of, time};

/// Take back a dataset's last import.
///
/// Its bulk rows are again as they were before that import, in their order. Rows that were put stay as they are, what
/// was deleted since stays deleted, and the schema stays.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock undo shop.restock items --dry-run
  restock undo shop.restock items")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// Say what would be taken back, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let done = self.target.store.write()?.undo(&self.target.dataset, self.dry_run)?;
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
                self.target.dataset,
                if self.dry_run { "would have" } else { "has" },
                count(done.rows.bulk, "bulk row"),
                number_of(done.rows_before.bulk),
            )
        })?)
    }
}
