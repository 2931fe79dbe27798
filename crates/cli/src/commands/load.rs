//! `restock load`

use std::path::PathBuf;

use anyhow::Result;
use restock::fixtures::{Checked, Fixture};

use super::target::StoreArg;
use crate::output::Output;
use crate::render::{count, number_of};

/// Load a fixture: a small data set to test or to play with.
///
/// Its datasets are made and loaded: the FULL imports, then the puts, then the INCREMENTAL imports.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock load test.restock rules --check
  restock load test.restock fixtures/airline

`rules` is built in and shows every rule of imports on a few rows.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// A built-in fixture or one in `fixtures/` by name, or a fixture's folder
    #[arg(value_name = "NAME|DIR", value_hint = clap::ValueHint::DirPath)]
    fixture: PathBuf,
    /// Compare the rows with what the fixture says they must be
    #[arg(long)]
    check: bool,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let fixture = Fixture::find(&self.fixture)?;
        let store = self.store.write()?;
        let loaded = fixture.load_into(&store)?;
        let checked: Option<Checked> = if self.check { Some(fixture.check(&store)?) } else { None };
        let mut json = serde_json::to_value(&loaded)?;
        if let (Some(checked), serde_json::Value::Object(members)) = (&checked, &mut json) {
            members.insert("checked".to_owned(), serde_json::to_value(checked)?);
        }
        Ok(out.result(&json, |text| {
            for dataset in &loaded.datasets {
                writeln!(
                    text,
                    "`{}`: {}, {} put: {} bulk + {} individual = {} merged",
                    dataset.name,
                    count(dataset.imports, "import"),
                    count(dataset.puts, "record"),
                    number_of(dataset.rows.bulk),
                    number_of(dataset.rows.individual),
                    number_of(dataset.rows.merged)
                )?;
            }
            match checked {
                None => Ok(()),
                Some(checked) => {
                    writeln!(
                        text,
                        "checked {} in {}: as expected",
                        count(checked.rows, "row"),
                        count(checked.views, "view")
                    )
                }
            }
        })?)
    }
}
