//! `restock alter`

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::schema_file;
use super::target::DatasetArg;
use crate::output::Output;

/// Change a dataset's schema: new nullable columns only, in which old rows read null.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  restock schema shop.restock items > items.json        # add a field {\"name\": \"BRAND\", \"type\": [\"null\", \"string\"]}
  restock alter shop.restock items --schema items.json")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// A file with the whole new schema as Avro JSON, `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    schema: PathBuf,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let schema = schema_file::read(&self.schema)?;
        let dataset = self.target.write()?;
        let before = dataset.schema()?;
        let version = dataset.alter(&schema)?;
        let after = dataset.schema()?;
        let added: Vec<&str> = after
            .fields()
            .iter()
            .map(|field| field.name.as_str())
            .filter(|name| before.field(name).is_none())
            .collect();
        Ok(out.result(&json!({"version": version, "added": added}), |text| match added.as_slice() {
            [] => writeln!(text, "`{}` has the schema already", dataset.name()),
            added => writeln!(text, "`{}`: added {} (version {version})", dataset.name(), added.join(", ")),
        })?)
    }
}
