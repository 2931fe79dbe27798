//! `restock copy`

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::target::StoreArg;
use crate::output::Output;

/// Copy a store as it is at this moment, also while another process writes to it.
///
/// Files that never change are shared with the copy by hard links where both lie on one disk.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  restock copy shop.restock backup/monday.restock")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The folder of the copy: one that does not exist yet, or an empty one
    #[arg(value_name = "DEST", value_hint = clap::ValueHint::DirPath)]
    dest: PathBuf,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let store = self.store.read()?;
        let version = store.snapshot().version();
        store.copy_to(&self.dest)?;
        let path = self.dest.display();
        Ok(out.result(&json!({"version": version, "path": path.to_string()}), |text| {
            writeln!(text, "{path}: a copy of version {version} of {}", self.store.path().display())
        })?)
    }
}
