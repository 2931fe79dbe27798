//! `restock init`

use std::path::PathBuf;

use anyhow::Result;
use restock::Store;
use serde_json::json;

use crate::output::Output;

/// Make an empty store.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  restock init shop.restock")]
pub(crate) struct Args {
    /// The folder: one that does not exist yet, or an empty one
    #[arg(value_name = "STORE", value_hint = clap::ValueHint::DirPath)]
    store: PathBuf,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let store = Store::create(&self.store)?;
        let version = store.snapshot().version();
        let path = self.store.display();
        Ok(out.result(&json!({"path": path.to_string(), "version": version}), |text| {
            writeln!(text, "{path}: an empty store; make a dataset in it with `restock create`")
        })?)
    }
}
