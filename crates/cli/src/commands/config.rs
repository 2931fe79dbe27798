//! `restock config`

use anyhow::Result;
use serde_json::json;

use super::target::StoreArg;
use crate::output::Output;

/// Show or change the settings of a store.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock config shop.restock
  restock config shop.restock undo-depth 3")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    #[command(subcommand)]
    setting: Option<Setting>,
}

#[derive(Debug, clap::Subcommand)]
enum Setting {
    /// How many imports of each dataset `restock undo` can take back; 0 keeps none
    #[command(after_help = "Example:\n  restock config shop.restock undo-depth 3")]
    UndoDepth {
        /// The number of imports
        #[arg(value_name = "N")]
        depth: u32,
    },
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let store = match self.setting {
            None => self.store.read()?,
            Some(Setting::UndoDepth { depth }) => {
                let store = self.store.write()?;
                store.set_undo_depth(depth)?;
                store
            }
        };
        let info = store.info()?;
        Ok(out.result(&json!({"version": info.version, "undo_depth": info.undo_depth}), |text| {
            writeln!(text, "undo-depth {}", info.undo_depth)
        })?)
    }
}
