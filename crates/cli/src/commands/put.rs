//! `restock put`

mod stream;

use std::fs::File;
use std::io::{BufReader, IsTerminal, Read, stdin};
use std::path::PathBuf;

use anyhow::Result;
use restock::Error;
use serde_json::json;

use super::target::DatasetArg;
use crate::failure::{self, Failure};
use crate::output::{Output, note};
use crate::render::{count, number_of};

/// Put records one by one: no import ever changes them.
///
/// Reads JSON Lines, one record a line, its keys the columns' names; an unknown key is an error. All records are put,
/// or none. A record of an ID that was put before replaces that one.
///
/// With --stream each line is put as it comes, and acknowledged as soon as it is durable.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock put shop.restock items new-items.jsonl
  echo '{\"ITEM_ID\": \"i1\", \"PRICE\": 9.9}' | restock put shop.restock items
  tail -f clicks.jsonl | restock put shop.restock clicks --stream")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// The file, `-` for standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Put each line on its own; print a line of JSON for each as soon as it is durable
    #[arg(long)]
    stream: bool,
    /// How many lines of a stream are put at once; they share syncs
    #[arg(long, value_name = "N", default_value_t = 16, requires = "stream", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let (reader, name): (Box<dyn Read + Send>, String) = match self.file.to_str() {
            Some("-") => {
                if stdin().is_terminal() {
                    note("one JSON object a line; Ctrl-D ends");
                }
                (Box::new(stdin()), "-".to_owned())
            }
            _ => {
                let name = self.file.display().to_string();
                let file = File::open(&self.file);
                (Box::new(file.map_err(|error| Failure::new(format!("cannot read {name}: {error}")))?), name)
            }
        };
        let dataset = self.target.write()?;
        if self.stream {
            let lines = dataset.put_lines(BufReader::new(reader), &name)?;
            return stream::run(lines, self.threads, out);
        }
        let done = dataset.put_json_lines(reader, &name).map_err(failed)?;
        let json = json!({
            "version": done.version,
            "accepted": done.accepted,
            "replaced": done.replaced,
            "appended": done.appended,
        });
        Ok(out.result(&json, |text| {
            writeln!(
                text,
                "put {} into `{}`: {} new, {} replaced (version {})",
                count(done.accepted, "record"),
                self.target.dataset,
                number_of(done.appended),
                number_of(done.replaced),
                done.version
            )
        })?)
    }
}

fn failed(error: Error) -> anyhow::Error {
    let Error::Rejected { message, errors, error_count } = &error else { return error.into() };
    let json = json!({"errors": errors, "error_count": error_count});
    failure::on_records(message, errors, *error_count).with_json(json).into()
}
