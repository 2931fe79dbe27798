//! `restock drop`

use anyhow::Result;
use serde_json::json;

use super::target::DatasetArg;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::count;

/// Remove a dataset with all its rows. There is no way back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  restock drop shop.restock items --yes")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// Yes, drop it
    #[arg(long)]
    yes: bool,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        if !self.yes {
            let dataset = self.target.read()?;
            let rows = count(dataset.counts()?.merged, "row");
            let message =
                format!("this would remove `{}` with {rows} for good: add --yes to do it", dataset.name());
            return Err(Failure::usage(message).into());
        }
        let store = self.target.store.write()?;
        let rows = store.snapshot().dataset(&self.target.dataset)?.counts()?;
        let version = store.drop_dataset(&self.target.dataset)?;
        Ok(out.result(&json!({"version": version, "rows": rows}), |text| {
            writeln!(
                text,
                "`{}` and its {} are gone (version {version})",
                self.target.dataset,
                count(rows.merged, "row")
            )
        })?)
    }
}
