//! `restock import`

mod summary;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;
use restock::{Cancel, Error, Escape, Format, Import, ImportMode, ImportReport, OnError, OutputFile};
use serde_json::{Value, json};

use super::choice;
use super::target::DatasetArg;
use crate::failure::{self, Failure};
use crate::interrupt;
use crate::output::Output;
use crate::progress::Bar;
use crate::render::print_errors;

/// Import files into a dataset: all of it, or nothing.
///
/// FULL replaces all bulk rows, INCREMENTAL replaces those whose record ID comes again and adds the others. Rows that
/// were put one by one stay untouched. `restock undo` takes the last import back.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock import shop.restock items items.csv
  restock import shop.restock items 'catalog/*.csv.gz' --mode incremental
  restock import shop.restock clicks clicks/ --dry-run
  restock import shop.restock items dirty.csv --on-error skip --rejects rejects.jsonl --report report.json
  restock import shop.restock items export.csv --rename ITEM_ID=id --rename PRICE='unit price'
  mysql -e 'select ...' | restock import shop.restock items - --delimiter tab")]
pub(crate) struct Args {
    #[command(flatten)]
    target: DatasetArg,
    /// Files, globs or folders, in this order; `-` for standard input
    #[arg(value_name = "SOURCE", required = true, value_hint = clap::ValueHint::AnyPath)]
    sources: Vec<PathBuf>,
    /// What becomes of the bulk rows that are there
    #[arg(long, value_parser = choice::mode(), default_value = "full", ignore_case = true)]
    mode: ImportMode,
    /// What becomes of rows that do not fit the schema
    #[arg(long, default_value = "fail")]
    on_error: OnErrorArg,
    /// Write the rows that do not fit to FILE, as JSON Lines with their place and their errors
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    rejects: Option<PathBuf>,
    /// Let a FULL that read no row empty the dataset
    #[arg(long)]
    allow_empty: bool,
    /// Say what would be replaced, appended, removed and rejected, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Kept with the import; the same label again is refused as already done
    #[arg(long, value_name = "L")]
    label: Option<String>,
    /// The format of all sources
    #[arg(long, value_parser = choice::source_format(), default_value = "auto", ignore_case = true)]
    format: Choice<Format>,
    /// How quotes inside quoted CSV fields are written
    #[arg(long, default_value = "none")]
    escape: EscapeArg,
    /// The character between CSV fields: one byte, or tab [default: comma]
    #[arg(long, value_name = "C", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The CSV files have no header: these are their columns
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    no_header: Option<Vec<String>>,
    /// Read the schema's column A from the sources' column B
    #[arg(long, value_name = "A=B", value_parser = rename)]
    rename: Vec<(String, String)>,
    /// How many threads parse; the outcome is the same with any number [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Write what --json prints to FILE, whatever the outcome
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    report: Option<PathBuf>,
}

/// `None` is the choice by the file itself.
type Choice<T> = Option<T>;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnErrorArg {
    /// the import fails and names them
    Fail,
    /// they are left out and counted
    Skip,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum EscapeArg {
    /// doubled, as in RFC 4180
    None,
    /// doubled, or \" and \\
    Backslash,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | br"\t" => Ok(b'\t'),
        [byte] => Ok(*byte),
        _ => Err("one ASCII character, or tab".to_owned()),
    }
}

fn rename(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, header)) if !column.is_empty() => Ok((column.to_owned(), header.to_owned())),
        _ => Err("write SCHEMA_NAME=header".to_owned()),
    }
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        if self.report.is_some() && self.report == self.rejects {
            return Err(Failure::usage("--report and --rejects are to be two files").into());
        }
        // Before the import: afterwards it would be too late to find that it cannot be written.
        let report_file = match &self.report {
            Some(path) => {
                let opened = OutputFile::open(path, &self.sources).map_err(|error| {
                    let json = failed_report(&error, self.mode, self.dry_run);
                    Failure::new(format!("--report {error}")).with_json(json)
                })?;
                Some((path.clone(), opened))
            }
            None => None,
        };
        let (path, dry_run, mode) = (self.target.path().to_owned(), self.dry_run, self.mode);
        let done = self.import();
        let json = match &done {
            Ok(report) => serde_json::to_value(report)?,
            Err(error) => failed_report(error, mode, dry_run),
        };
        if let Some((path, file)) = report_file
            && let Err(error) = write_report(file, &json)
        {
            let import = if done.is_ok() { "the import is done" } else { "the import failed" };
            let message = format!("{}; {import}", cannot_write(&path, &error));
            return Err(Failure::new(message).with_json(json).into());
        }
        match done {
            Ok(report) => {
                print_errors(&report.errors, report.error_count);
                out.result(&json, |text| summary::print(text, &report))?;
                out.flush()?;
                summary::tell_removed(&path, &report);
                Ok(())
            }
            Err(error) => Err(explain(&path, error, json).into()),
        }
    }

    fn import(self) -> Result<ImportReport, Error> {
        let store = restock::Store::open_existing(self.target.path())?;
        let dataset = store.dataset(&self.target.dataset)?;
        let cancel = Cancel::new();
        let _guard = interrupt::cancels(cancel.clone());
        let bar = Bar::new();
        let watching = bar.clone();
        let import = self.configure(dataset.import_all(&self.sources));
        let import = import.cancel(cancel).progress(move |progress| watching.update(progress));
        let done = if self.dry_run { import.dry_run() } else { import.run() };
        bar.clear();
        done
    }

    fn configure(&self, import: Import) -> Import {
        let on_error = match self.on_error {
            OnErrorArg::Fail => OnError::Fail,
            OnErrorArg::Skip => OnError::Skip,
        };
        let escape = match self.escape {
            EscapeArg::None => Escape::None,
            EscapeArg::Backslash => Escape::Backslash,
        };
        let mut import =
            import.mode(self.mode).on_error(on_error).allow_empty(self.allow_empty).escape(escape);
        if let Some(file) = &self.rejects {
            import = import.rejects(file);
        }
        if let Some(label) = &self.label {
            import = import.label(label);
        }
        if let Some(format) = self.format {
            import = import.format(format);
        }
        if let Some(delimiter) = self.delimiter {
            import = import.delimiter(delimiter);
        }
        if let Some(names) = &self.no_header {
            import = import.no_header(names);
        }
        if let Some(threads) = self.threads {
            import = import.threads(threads.get());
        }
        self.rename.iter().fold(import, |import, (column, header)| import.rename(column, header))
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}

fn write_report(mut file: OutputFile, json: &Value) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(json)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// The object of an import that failed; `errors` stands there even if there are none.
fn failed_report(error: &Error, mode: ImportMode, dry_run: bool) -> Value {
    let report = match error {
        Error::Import(failure) => serde_json::to_value(&failure.report).unwrap_or_default(),
        _ => Value::Null,
    };
    let mut members = match report {
        Value::Object(members) => members,
        _ => serde_json::Map::from_iter([
            ("mode".to_owned(), json!(mode)),
            ("dry_run".to_owned(), json!(dry_run)),
        ]),
    };
    members.insert("error".to_owned(), error.to_string().into());
    members.entry("errors").or_insert_with(|| json!([]));
    members.entry("error_count").or_insert_with(|| json!(0));
    Value::Object(members)
}

/// Shows the errors of records as a list, then why the import failed.
fn explain(path: &Path, error: Error, json: Value) -> Failure {
    let Error::Import(failure) = &error else { return failure::on_store(path, error).with_json(json) };
    let report = &failure.report;
    failure::on_records(&failure.message, &report.errors, report.error_count).with_json(json)
}
