//! `restock vacuum` and `restock compact`

use anyhow::Result;
use restock::{CleanReport, Error};
use serde_json::json;

use super::target::StoreArg;
use crate::failure::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::render::bytes;

/// Drop what is kept for undo, and rewrite every file that has deleted rows.
///
/// Afterwards no byte of a deleted row is left in the store, and no import before can be taken back. A program that
/// has the store open for reading keeps what it has read until it refreshes or ends.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  restock vacuum shop.restock")]
pub(crate) struct VacuumArgs {
    #[command(flatten)]
    store: StoreArg,
}

/// Merge the files of a dataset, or of all, without their deleted rows.
///
/// What is kept for undo stays. Imports do as much of it as reads need; this does the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  restock compact shop.restock\n  restock compact shop.restock items")]
pub(crate) struct CompactArgs {
    #[command(flatten)]
    store: StoreArg,
    /// The dataset; all if none is named
    #[arg(value_name = "DATASET")]
    dataset: Option<String>,
}

impl VacuumArgs {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let store = self.store.write()?;
        let done = interrupt::cancellable(|cancel| store.vacuum_with(cancel)).map_err(stopped)?;
        print(out, done, "; a reader that is open keeps what it has read until it refreshes")
    }
}

impl CompactArgs {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let store = self.store.write()?;
        let done = interrupt::cancellable(|cancel| store.compact_with(self.dataset.as_deref(), cancel))
            .map_err(stopped)?;
        print(out, done, "")
    }
}

/// Datasets are rewritten one after another: those that are done stay so.
fn stopped(error: Error) -> anyhow::Error {
    if error.is_cancelled() {
        return Failure::new(
            "cancelled; no row was changed, and what is freed stays so: run it again for the rest",
        )
        .into();
    }
    error.into()
}

fn print(out: &mut Output, done: CleanReport, but: &str) -> Result<()> {
    Ok(out.result(&json!({"version": done.version, "bytes_freed": done.bytes_freed}), |text| {
        writeln!(text, "freed {}{but}", bytes(done.bytes_freed))
    })?)
}
