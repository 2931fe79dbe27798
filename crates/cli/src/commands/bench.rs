//! `restock bench`

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;
use restock::{Cancel, DatasetType, Error, ImportReport, Schema, Store};
use serde_json::json;

use super::{choice, schema_file};
use crate::failure::{self, Failure};
use crate::interrupt;
use crate::output::Output;
use crate::progress::Bar;
use crate::render::{bytes, count, number_of, right, table};

/// Import files into a store that is thrown away, and print where the time went
///
/// Everything is done as by `restock import`: values are checked, record IDs are indexed, files are synced.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock bench items.csv --schema items.json --type items
  restock bench 'clicks/*.csv' --schema clicks.json --type interactions --dir /mnt/disk --rounds 5")]
pub(crate) struct Args {
    /// Files, globs or folders
    #[arg(value_name = "SOURCE", required = true, value_hint = clap::ValueHint::AnyPath)]
    sources: Vec<PathBuf>,
    /// A file with the schema as Avro JSON, `-` for standard input (`restock draft-schema` proposes one)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    schema: PathBuf,
    /// What the rows are about: it decides the record ID
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::dataset_type(), default_value = "custom", ignore_case = true)]
    dataset_type: DatasetType,
    /// The column that identifies a record of a custom dataset
    #[arg(long, value_name = "COLUMN")]
    record_id: Option<String>,
    /// How many times it is done; the round of the median time is shown
    #[arg(long, value_name = "N", default_value = "3")]
    rounds: NonZeroUsize,
    /// How many threads parse [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Where the store is made for as long as it takes: on the disk you ask about [default: the temporary folder]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

/// One import and what it left on disk.
struct Round {
    report: ImportReport,
    stored: u64,
}

/// What the threads do, in the order in which they do it.
const WORK: [(&str, &str); 4] = [
    ("split", "read, decompress, cut into chunks"),
    ("tokenise", "find the fields"),
    ("convert", "values to columns"),
    ("encode", "columns to the segment's"),
];
const PHASES: [(&str, &str); 3] = [
    ("read", "wait for the threads below"),
    ("write", "columns to the file"),
    ("commit", "index of record IDs, sync, manifest"),
];

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let schema = schema_file::read(&self.schema)?;
        let dir = self.dir.clone().unwrap_or_else(std::env::temp_dir);
        let mut rounds = Vec::new();
        for _ in 0..self.rounds.get() {
            let folder = tempfile::Builder::new().prefix("restock-bench-").tempdir_in(&dir);
            let folder = folder.map_err(|error| {
                Failure::new(format!("cannot make a folder in {}: {error}", dir.display()))
            })?;
            let path = folder.path().join("bench.restock");
            rounds.push(self.round(&path, schema.clone()).map_err(|error| explain(&path, error))?);
        }
        rounds.sort_by(|one, two| one.report.seconds.total_cmp(&two.report.seconds));
        let seconds = |round: Option<&Round>| round.map_or(0.0, |round| round.report.seconds);
        let spread = [seconds(rounds.first()), seconds(rounds.last())];
        let Some(median) = rounds.get(rounds.len() / 2) else { return Ok(()) };
        let report = &median.report;
        let json = json!({
            "rows": report.rows_read, "bytes": report.bytes, "seconds": report.seconds, "spread": spread,
            "stored_bytes": median.stored, "phases": report.phases, "work": report.work,
        });
        Ok(out.result(&json, |text| print(text, median, spread, rounds.len()))?)
    }

    fn round(&self, path: &Path, schema: Schema) -> Result<Round, Error> {
        let store = Store::create(path)?;
        let mut new = store.new_dataset("bench", self.dataset_type, schema);
        if let Some(column) = &self.record_id {
            new = new.record_id(column);
        }
        let dataset = new.create()?;
        let cancel = Cancel::new();
        let _guard = interrupt::cancels(cancel.clone());
        let bar = Bar::new();
        let watching = bar.clone();
        let mut import = dataset.import_all(&self.sources).cancel(cancel);
        if let Some(threads) = self.threads {
            import = import.threads(threads.get());
        }
        let done = import.progress(move |progress| watching.update(progress)).run();
        bar.clear();
        let stored = store.info()?.datasets.iter().map(|info| info.bytes_live).sum();
        Ok(Round { report: done?, stored })
    }
}

fn explain(path: &Path, error: Error) -> Failure {
    match &error {
        Error::Import(failure) => {
            let report = &failure.report;
            failure::on_records(&failure.message, &report.errors, report.error_count)
        }
        _ => failure::on_store(path, error),
    }
}

fn print(text: &mut dyn Write, round: &Round, spread: [f64; 2], rounds: usize) -> io::Result<()> {
    let Round { report, stored } = round;
    let rate = |seconds: f64| bytes((report.bytes as f64 / seconds.max(1e-6)) as u64);
    let [least, most] = spread;
    let rows = count(report.rows_read, "row");
    writeln!(text, "{rows}, {} of {}", bytes(report.bytes), count(report.files, "file"))?;
    writeln!(
        text,
        "{:.3} s, {}/s, {} rows/s (median of {rounds}, {least:.3} to {most:.3} s)",
        report.seconds,
        rate(report.seconds),
        number_of((report.rows_read as f64 / report.seconds.max(1e-6)) as u64)
    )?;
    writeln!(text, "{} on disk\n", bytes(*stored))?;
    let mut times = table(["phase", "seconds", "a second", ""]);
    let mut lines = |times_of: &BTreeMap<String, f64>, names: &[(&str, &str)], indent: &str| {
        for (name, what) in names {
            let seconds = times_of.get(*name).copied().unwrap_or(0.0);
            let row =
                [format!("{indent}{name}").into(), right(format!("{seconds:.3}")), right(rate(seconds))];
            times.add_row(row.into_iter().chain([(*what).into()]));
        }
    };
    lines(&report.phases, &PHASES, "");
    lines(&report.work, &WORK, "  ");
    writeln!(text, "{times}")?;
    writeln!(text, "The indented ones are done by all threads together, beside what stands above them.")
}
