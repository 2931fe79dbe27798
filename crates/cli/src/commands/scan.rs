//! `restock scan`

use std::io::Write;

use anyhow::Result;
use clap::ValueEnum;
use restock::{Batches, Format, View};

use super::choice;
use super::conditions::{Condition, since, until};
use super::target::DatasetArg;
use crate::failure::Failure;
use crate::output::{Output, note};
use crate::render::records_table;

/// Rows of a table if no limit is given: a screen is no place for more.
const TABLE_ROWS: u64 = 100;

/// Print rows: a table on a terminal, CSV when piped.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock scan shop.restock items --limit 20
  restock scan shop.restock items --columns ITEM_ID,PRICE --where GENRE=Drama,Comedy
  restock scan shop.restock clicks --where USER_ID=u1 --since 2024-01-01 --until 2024-01-31 > january.csv
  restock scan shop.restock items --view individual --format jsonl

Bulk rows come in the order of their import, then individual rows in the order they were put. Conditions are met by
rows that fulfil all of them; null fulfils none. In --where a value with a comma stands in double quotes.")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// Only these columns, in this order
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// Only rows whose column has one of these values; repeated, all must hold
    #[arg(long = "where", value_name = "COLUMN=V[,V]")]
    conditions: Vec<Condition>,
    /// Only rows of this TIMESTAMP or later: epoch seconds, a date, or a date and time (UTC if it names no offset)
    #[arg(long, value_name = "T", value_parser = since, allow_negative_numbers = true)]
    since: Option<i64>,
    /// Only rows of this TIMESTAMP or earlier; a date alone includes its whole day
    #[arg(long, value_name = "T", value_parser = until, allow_negative_numbers = true)]
    until: Option<i64>,
    /// What to see
    #[arg(long, value_parser = choice::view(), default_value = "merged", ignore_case = true)]
    view: View,
    /// At most this many rows; a table has 100 if no limit is given
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// How to print them [default: table on a terminal, csv when piped]
    #[arg(long, ignore_case = true)]
    format: Option<Layout>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// a table that fits the terminal
    Table,
    /// comma-separated values with a header
    Csv,
    /// JSON Lines: one object a line
    Jsonl,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let dataset = self.target.read()?;
        let layout = self.format.unwrap_or(if out.is_terminal() { Layout::Table } else { Layout::Csv });
        let mut scan = dataset.scan().view(self.view);
        if let Some(columns) = self.columns {
            scan = scan.columns(columns);
        }
        for Condition { column, values } in self.conditions {
            scan = scan.filter(&column, values);
        }
        if self.since.is_some() || self.until.is_some() {
            if dataset.schema().field("TIMESTAMP").is_none() {
                let name = dataset.name();
                let message = format!("`{name}` has no column TIMESTAMP, which --since and --until go by");
                return Err(Failure::new(message).into());
            }
            scan = scan.range("TIMESTAMP", self.since, self.until);
        }
        let short = self.limit.is_none() && layout == Layout::Table && !out.json();
        let limit = if short { Some(TABLE_ROWS + 1) } else { self.limit };
        if let Some(rows) = limit {
            scan = scan.limit(rows);
        }
        let batches = scan.batches()?;
        match layout {
            _ if out.json() => print_json(out, batches),
            Layout::Table => print_table(out, batches, short),
            Layout::Csv => Ok(restock::write_batches(batches, out.stdout(), Format::Csv).map(drop)?),
            Layout::Jsonl => Ok(restock::write_batches(batches, out.stdout(), Format::JsonLines).map(drop)?),
        }
    }
}

fn print_table(out: &mut Output, batches: Batches, short: bool) -> Result<()> {
    let schema = batches.schema();
    let mut records = Vec::new();
    for batch in batches {
        records.extend(restock::records(&batch?)?);
    }
    let more = short && records.len() as u64 > TABLE_ROWS;
    if more {
        records.truncate(TABLE_ROWS as usize);
    }
    let table = records_table(schema.fields().iter().map(|field| field.name().as_str()), &records);
    writeln!(out.writer(), "{table}")?;
    out.flush()?;
    if more {
        note(format_args!("the first {TABLE_ROWS} rows; --limit N shows more, --format csv all of them"));
    }
    Ok(())
}

/// One object, written as the rows come: they may be many.
fn print_json(out: &mut Output, batches: Batches) -> Result<()> {
    let columns: Vec<String> = batches.schema().fields().iter().map(|field| field.name().clone()).collect();
    let writer = out.writer();
    write!(writer, r#"{{"columns":{},"rows":["#, serde_json::to_string(&columns)?)?;
    let mut first = true;
    for batch in batches {
        for record in restock::records(&batch?)? {
            if !std::mem::take(&mut first) {
                writer.write_all(b",")?;
            }
            serde_json::to_writer(&mut *writer, &record.iter().map(|(_, value)| value).collect::<Vec<_>>())?;
        }
    }
    Ok(writer.write_all(b"]}\n")?)
}
