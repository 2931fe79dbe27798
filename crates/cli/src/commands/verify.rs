//! `restock verify`

use anyhow::Result;
use restock::Store;
use serde_json::json;

use super::target::StoreArg;
use crate::failure::Failure;
use crate::output::{Output, note};
use crate::render::count;

/// Read the whole store and check every checksum and invariant.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  restock verify shop.restock\n\nExit status 1 names on standard error what is damaged."
)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let found = Store::verify_path(self.store.path())?;
        let json = json!({
            "ok": found.is_ok(),
            "version": found.version,
            "files": found.files,
            "damaged": found.damaged,
            "leftover": found.leftover,
        });
        if !found.is_ok() {
            found.damaged.iter().for_each(note);
            let message =
                format!("{}: {}", self.store.path().display(), count(found.damaged.len() as u64, "damage"));
            return Err(Failure::new(format!("{message}; restore the store from a copy"))
                .with_json(json)
                .into());
        }
        Ok(out.result(&json, |text| {
            writeln!(
                text,
                "{} read, everything is as it was written (version {})",
                count(found.files, "file"),
                found.version
            )?;
            match found.leftover.len() as u64 {
                0 => Ok(()),
                left => writeln!(
                    text,
                    "{} that a process left behind, or is writing now: the next to write to the store removes what \
                     was left",
                    count(left, "file")
                ),
            }
        })?)
    }
}
