//! `restock create`

use std::path::PathBuf;

use anyhow::Result;
use restock::{DatasetType, Domain, LimitSet};
use serde_json::json;

use super::target::DatasetArg;
use super::{choice, schema_file};
use crate::output::Output;

/// Make an empty dataset in a store.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock create shop.restock items --type items --schema items.json
  restock create shop.restock shop/users --type users --schema users.json --domain ecommerce
  restock create shop.restock prices --type custom --schema prices.json --record-id SKU")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// What the dataset is about: it decides the required fields and the record ID
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::dataset_type(), ignore_case = true)]
    dataset_type: DatasetType,
    /// A file with the schema as Avro JSON, `-` for standard input (`restock draft-schema` proposes one)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    schema: PathBuf,
    /// The column that identifies a record of a custom dataset: a non-null string, int or long
    #[arg(long, value_name = "COLUMN")]
    record_id: Option<String>,
    /// The domain of the dataset's group
    #[arg(long, value_parser = choice::domain(), ignore_case = true)]
    domain: Option<Domain>,
    /// The limits that imports and puts hold values to
    #[arg(long, value_parser = choice::limits(), default_value = "none", ignore_case = true)]
    limits: LimitSet,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let schema = schema_file::read(&self.schema)?;
        let store = self.target.store.write()?;
        let mut new = store.new_dataset(&self.target.dataset, self.dataset_type, schema).limits(self.limits);
        if let Some(column) = self.record_id {
            new = new.record_id(column);
        }
        if let Some(domain) = self.domain {
            new = new.domain(domain);
        }
        let made = new.create()?.snapshot()?;
        let (name, record_id, columns) = (made.name(), made.record_id(), made.schema().fields().len());
        let json = json!({
            "version": store.snapshot().version(),
            "dataset": name,
            "type": made.dataset_type(),
            "record_id": record_id,
        });
        Ok(out.result(&json, |text| {
            let id = record_id.map_or("no record ID".to_owned(), |id| format!("record ID {id}"));
            writeln!(
                text,
                "`{name}`: an empty dataset of type {} ({columns} columns, {id})",
                made.dataset_type()
            )
        })?)
    }
}
