//! `restock delete`

use anyhow::Result;
use serde_json::json;

use super::ids::IdsArg;
use super::target::DatasetArg;
use crate::output::{Output, note};
use crate::render::{count, name};

/// Delete records by ID, imported ones and ones that were put.
///
/// No undo brings them back. Their bytes are gone from the disk after `restock vacuum`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock delete shop.restock items i1 i2
  restock delete shop.restock items --ids gone.txt --dry-run")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    #[command(flatten)]
    ids: IdsArg,
    /// Say what would be deleted, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// IDs without a record that are named on a screen; `--json` has all.
const SHOWN: usize = 10;

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let ids = self.ids.read()?;
        let done = self.target.write()?.delete(&ids, self.dry_run)?;
        let json = json!({
            "version": done.version,
            "deleted": done.deleted,
            "missing": done.missing,
            "dry_run": self.dry_run,
        });
        out.result(&json, |text| {
            let verb = if self.dry_run { "would delete" } else { "deleted" };
            writeln!(
                text,
                "{verb} {} of `{}` (version {})",
                count(done.deleted, "record"),
                self.target.dataset,
                done.version
            )
        })?;
        if !done.missing.is_empty() && !out.json() {
            out.flush()?;
            let shown: Vec<String> = done.missing.iter().take(SHOWN).map(|id| name(id)).collect();
            let more = if done.missing.len() > SHOWN { ", ..." } else { "" };
            note(format_args!(
                "{} had no record: {}{more}",
                count(done.missing.len() as u64, "ID"),
                shown.join(", ")
            ));
        }
        Ok(())
    }
}
