//! `restock export`

use std::path::PathBuf;

use anyhow::Result;
use restock::{Format, View};
use serde_json::json;

use super::choice;
use super::target::DatasetArg;
use crate::failure::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::render::{bytes, count};

/// Write all rows to a file, in the format of its extension.
///
/// CSV and JSON Lines are compressed if the name ends in .gz or .zst.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock export shop.restock items items.parquet
  restock export shop.restock items catalog.csv --view bulk --force
  restock export shop.restock items - --format jsonl | jq .PRICE
  restock export shop.restock items items.csv.gz

What is exported can be imported again: the rows are the same.")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// The file, `-` for standard output
    #[arg(value_name = "OUT", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// What to see
    #[arg(long, value_parser = choice::view(), default_value = "merged", ignore_case = true)]
    view: View,
    /// The format [default: by OUT's extension, csv for standard output]
    #[arg(long, value_parser = choice::format(), ignore_case = true)]
    format: Option<Format>,
    /// Replace OUT if it exists
    #[arg(long)]
    force: bool,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        if self.file.to_str() == Some("-") {
            return self.print(out);
        }
        let dataset = self.target.read()?;
        let mut export = dataset.export(&self.file).view(self.view).force(self.force);
        if let Some(format) = self.format {
            export = export.format(format);
        }
        let done = interrupt::cancellable(|cancel| export.cancel(cancel.clone()).run())?;
        let path = self.file.display();
        let json = json!({"path": path.to_string(), "rows": done.rows, "bytes": done.bytes});
        Ok(out.result(&json, |text| {
            writeln!(
                text,
                "{path}: {} of `{}` ({})",
                count(done.rows, "row"),
                dataset.name(),
                bytes(done.bytes)
            )
        })?)
    }

    /// The data itself is the result.
    fn print(self, out: &mut Output) -> Result<()> {
        let format = self.format.unwrap_or(Format::Csv);
        if out.json() {
            return Err(Failure::usage("--json and OUT - both want standard output: name a file").into());
        }
        if out.is_terminal() && matches!(format, Format::Parquet | Format::Arrow) {
            return Err(
                Failure::usage(format!("{format} is not for a terminal: name a file or a pipe")).into()
            );
        }
        self.target.read()?.export_to(out.stdout(), format, self.view)?;
        Ok(())
    }
}
