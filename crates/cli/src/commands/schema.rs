//! `restock schema`

use anyhow::Result;
use serde_json::json;

use super::target::DatasetArg;
use crate::output::Output;

/// Print a dataset's schema as Avro JSON.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  restock schema shop.restock items > items.json")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let dataset = self.target.read()?;
        let json = json!({
            "dataset": dataset.name(),
            "type": dataset.dataset_type(),
            "record_id": dataset.record_id(),
            "domain": dataset.domain(),
            "limits": dataset.limits(),
            "schema": dataset.schema(),
        });
        Ok(out.result(&json, |text| writeln!(text, "{}", dataset.schema().to_avro()))?)
    }
}
