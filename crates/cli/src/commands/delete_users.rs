//! `restock delete-users`

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::ids::IdsArg;
use super::target::StoreArg;
use crate::interrupt;
use crate::output::Output;
use crate::render::{count, number_of};

/// Delete users with all they did, in one commit.
///
/// That is their rows in users, interactions and action interactions. No undo brings them back. Their bytes are gone from the disk after `restock vacuum`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock delete-users shop.restock u1 u2
  restock delete-users shop.restock --group shop --ids leavers.txt --dry-run")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    #[command(flatten)]
    ids: IdsArg,
    /// The group whose datasets they are deleted from; without it, the datasets without a group
    #[arg(long, value_name = "G")]
    group: Option<String>,
    /// Say what would be deleted, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let ids = self.ids.read()?;
        let (store, group) = (self.store.write()?, self.group.as_deref());
        let done =
            interrupt::cancellable(|cancel| store.delete_users_with(group, &ids, self.dry_run, cancel))?;
        let rows: Map<String, Value> =
            done.rows.iter().map(|(name, rows)| (name.to_string(), (*rows).into())).collect();
        let json =
            json!({"version": done.version, "users": done.users, "rows": rows, "dry_run": self.dry_run});
        Ok(out.result(&json, |text| {
            let verb = if self.dry_run { "would delete" } else { "deleted" };
            writeln!(text, "{verb} {} (version {})", count(done.users, "user"), done.version)?;
            for (name, rows) in &done.rows {
                writeln!(text, "  {name}: {}", count(*rows, "row"))?;
            }
            if !self.dry_run {
                writeln!(
                    text,
                    "`restock vacuum` removes the last bytes of their {} rows; a reader that is open shows them until it \
                     refreshes",
                    number_of(done.rows.iter().map(|(_, rows)| rows).sum())
                )?;
            }
            Ok(())
        })?)
    }
}
