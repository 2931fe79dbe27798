//! `restock draft-schema`

use std::path::PathBuf;

use anyhow::Result;
use restock::DatasetType;
use serde_json::json;

use super::choice;
use crate::output::{Output, note};

/// Propose a schema for a file: Avro JSON to look at and correct.
///
/// Reads the first 10,000 records of a CSV or JSON Lines file, compressed or not. An import never does this: it takes
/// the schema as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  restock draft-schema items.csv --type items > items.json")]
pub(crate) struct Args {
    /// The file; `-` for CSV on standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// What the dataset is to be about
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::dataset_type(), ignore_case = true)]
    dataset_type: DatasetType,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let draft = restock::draft_schema(&self.file, self.dataset_type)?;
        if !out.json() {
            draft.notes.iter().for_each(note);
        }
        let json = json!({"schema": draft.schema, "notes": draft.notes});
        Ok(out.result(&json, |text| writeln!(text, "{}", draft.schema.to_avro()))?)
    }
}
