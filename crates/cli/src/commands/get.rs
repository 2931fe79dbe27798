//! `restock get`

use std::io::Write;

use anyhow::Result;
use restock::View;
use serde_json::json;

use super::choice;
use super::target::DatasetArg;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::name;

/// Print records by ID as JSON Lines, every column in schema order.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock get shop.restock items i1
  restock get shop.restock items i1 i2 --view bulk

Exit status 1 if one is missing; standard error says which.")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// The record IDs
    #[arg(value_name = "ID", required = true, allow_negative_numbers = true)]
    ids: Vec<String>,
    /// What to see
    #[arg(long, value_parser = choice::view(), default_value = "merged", ignore_case = true)]
    view: View,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let dataset = self.target.read()?;
        let found = dataset.get_many(&self.ids, self.view)?;
        let missing: Vec<&str> = self
            .ids
            .iter()
            .zip(&found)
            .filter(|(_, record)| record.is_none())
            .map(|(id, _)| id.as_str())
            .collect();
        let json = json!({"records": found.iter().flatten().collect::<Vec<_>>(), "missing": missing});
        if !out.json() {
            for record in found.iter().flatten() {
                serde_json::to_writer(out.writer(), record)?;
                out.writer().write_all(b"\n")?;
            }
        }
        if !missing.is_empty() {
            let shown: Vec<String> = missing.iter().map(|id| name(id)).collect();
            let message = format!("`{}` has no record {}", dataset.name(), shown.join(", "));
            return Err(Failure::new(message).with_json(json).into());
        }
        Ok(out.result(&json, |_| Ok(()))?)
    }
}
