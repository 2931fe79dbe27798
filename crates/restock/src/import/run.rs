//! Runs an import: sources -> batches -> segment -> commit.

use std::time::{Duration, Instant};

use restock_csv::Block;
use restock_schema::DatasetName;
use restock_store::{Encoded, ImportMode, ImportOutcome, ImportRequest};

use super::rejects::Rejects;
use super::report::{ImportReport, Progress};
use super::{Import, OnError, Origin, Watcher};
use crate::error::{Error, ImportFailure, Result};
use crate::source::{self, Input, Source, SourceError, SourceOptions, SourceSummary, Target, Watch};

/// Errors that a report holds, whatever their number.
const ERRORS_REPORTED: usize = 100;
/// How often the watcher is told at most.
const TOLD_EVERY: Duration = Duration::from_millis(50);

pub(super) fn run(import: Import, dry_run: bool) -> Result<ImportReport> {
    let started = Instant::now();
    let paths = match &import.origin {
        Origin::Paths(paths) => paths.clone(),
        Origin::Reader(..) | Origin::Readers(_) | Origin::Batches(_) => Vec::new(),
    };
    let (sources, bytes_total) = sources(import.origin)?;
    let store = import.dataset.store().inner().clone();
    let name = import.dataset.name().clone();
    let request = ImportRequest { mode: import.mode, label: import.label, cancel: import.cancel.clone() };
    let segment = store.import(&name, request)?;
    if import.mode == ImportMode::Full {
        check_room(&store, &name)?;
    }
    let target = Target::new(segment.schema(), crate::dataset::text_limits(segment.before()))
        .with_record_id(segment.before().record_id())
        .for_store();
    let options = SourceOptions {
        format: import.format,
        csv: std::sync::Arc::new(import.dialect),
        delimiter_given: import.delimiter_given,
        ..SourceOptions::default()
    };
    let watch = Watch::new(import.cancel.flag());
    let threads =
        import.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut report = ImportReport::new(name, import.mode, store.snapshot().version(), dry_run);
    report.bulk_rows = segment.before().counts()?.bulk;
    let mut running = Running {
        segment,
        report,
        on_error: import.on_error,
        rejects: import.rejects.as_deref().map(|file| Rejects::open(file, &paths)).transpose()?,
        watcher: import.watcher,
        told: None,
        bytes_total,
        writing: Duration::ZERO,
    };
    let encoder = running.segment.encoder();
    let read = source::run(
        sources,
        &target,
        &options,
        threads,
        &watch,
        |batch| encoder.encode(&batch).map_err(Error::from),
        |block| running.take(block, &watch),
    );
    running.report.phases.insert("write".into(), running.writing.as_secs_f64());
    let reading = started.elapsed().saturating_sub(running.writing).as_secs_f64();
    running.report.phases.insert("read".into(), reading);
    running.report.work = watch.clock().seconds();
    match read {
        Ok(summary) => running.end(summary, import.allow_empty, started),
        Err(error) => Err(running.failed(error, started)),
    }
}

/// What to read, and how many bytes that is on disk, where all are known.
fn sources(origin: Origin) -> Result<(Vec<Source>, Option<u64>)> {
    Ok(match origin {
        Origin::Paths(paths) => {
            let inputs = source::resolve(&paths)?;
            let bytes = inputs.iter().map(Input::len).sum();
            (inputs.into_iter().map(Source::from).collect(), bytes)
        }
        Origin::Reader(reader, name) => (vec![Source::Reader { name, reader }], None),
        Origin::Readers(readers) => {
            (readers.into_iter().map(|(name, reader)| Source::Reader { name, reader }).collect(), None)
        }
        Origin::Batches(batches) => {
            let schema = batches.schema();
            (vec![Source::Batches { name: "<batches>".into(), schema, batches: Box::new(batches) }], None)
        }
    })
}

/// A FULL keeps the rows there are until it is done. Where they alone show that there is no room for as many
/// again, it is refused before it writes. (What the sources will need cannot be told from their size: columns may be
/// ignored, bytes compressed.)
fn check_room(store: &restock_store::Store, dataset: &DatasetName) -> Result<()> {
    let Some(free) = store.free_bytes()? else { return Ok(()) };
    let there = store.info()?.datasets.into_iter().find(|info| info.name == *dataset);
    let there = there.map_or(0, |info| info.bytes_live);
    if free >= there / 2 {
        return Ok(());
    }
    let detail = format!(
        "a FULL keeps the {} MB that `{dataset}` has until it is done, and {} MB are free for as much again",
        there.div_ceil(1 << 20),
        free >> 20
    );
    Err(restock_store::Error::DiskFull { detail }.into())
}

/// An import while its sources are read.
struct Running {
    segment: restock_store::Import,
    report: ImportReport,
    on_error: OnError,
    rejects: Option<Rejects>,
    watcher: Option<Watcher>,
    told: Option<Instant>,
    bytes_total: Option<u64>,
    writing: Duration,
}

impl Running {
    /// Whether rows that do not fit have failed it already: it then only goes on to count them.
    fn is_failed(&self) -> bool {
        self.on_error == OnError::Fail && self.report.rejected > 0
    }

    fn take(&mut self, block: Block<Result<Encoded>>, watch: &Watch) -> Result<()> {
        let report = &mut self.report;
        report.rows_read += block.records_read;
        report.rejected += block.rejected;
        report.error_count += block.error_count;
        report.bytes += block.bytes;
        let room = ERRORS_REPORTED.saturating_sub(report.errors.len());
        report.errors.extend(block.errors.into_iter().take(room));
        if let Some(rejects) = &mut self.rejects {
            rejects.write(&block.rejects)?;
        }
        if !self.is_failed() {
            let began = Instant::now();
            for batch in block.batches {
                self.segment.append(batch?)?;
            }
            self.writing += began.elapsed();
        }
        self.tell(watch);
        Ok(())
    }

    fn tell(&mut self, watch: &Watch) {
        let Some(watcher) = &self.watcher else { return };
        if self.told.is_some_and(|told| told.elapsed() < TOLD_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        watcher(&Progress {
            bytes: watch.bytes_read(),
            bytes_total: self.bytes_total,
            rows: self.report.rows_read,
            errors: self.report.error_count,
        });
    }

    /// The report of a failure.
    fn failed(mut self, error: Error, started: Instant) -> Error {
        self.report.seconds = started.elapsed().as_secs_f64();
        self.report.accepted = self.report.rows_read - self.report.rejected;
        let located = match &error {
            // What is wrong with a whole file is no error of a record: the message says it.
            Error::Source(SourceError::Csv(error)) if error.byte().is_some() => Some(error.to_record_error()),
            _ => None,
        };
        if let Some(located) = located {
            self.report.error_count += 1;
            self.report.errors.truncate(ERRORS_REPORTED - 1);
            self.report.errors.push(located);
        }
        // What was rejected until then is written; without any, an older file stays. The import's own failure is what
        // the caller has to hear of.
        drop(self.rejects.take());
        let message = match &error {
            error if error.is_cancelled() => "cancelled; nothing was changed".to_owned(),
            Error::Source(_) => format!("{error}; nothing was imported"),
            error => error.to_string(),
        };
        Error::Import(Box::new(ImportFailure { message, report: self.report, cause: Some(error) }))
    }

    fn refused(mut self, message: String, started: Instant) -> Error {
        self.report.seconds = started.elapsed().as_secs_f64();
        Error::Import(Box::new(ImportFailure { message, report: self.report, cause: None }))
    }

    fn end(mut self, summary: SourceSummary, allow_empty: bool, started: Instant) -> Result<ImportReport> {
        self.describe(summary);
        if let Some(rejects) = self.rejects.take() {
            rejects.finish()?;
        }
        let (read, rejected) = (self.report.rows_read, self.report.rejected);
        self.report.accepted = read - rejected;
        if self.is_failed() {
            let first =
                self.report.errors.first().map(|error| format!("; the first: {error}")).unwrap_or_default();
            let message = format!(
                "{rejected} of {read} rows do not fit the schema{first}; nothing was imported (`--on-error skip` imports \
                 the others)"
            );
            return Err(self.refused(message, started));
        }
        if self.report.mode == ImportMode::Full {
            if read > 0 && self.report.accepted == 0 {
                let message = format!(
                    "none of {read} rows fits the schema, so a FULL would empty the dataset; nothing was imported"
                );
                return Err(self.refused(message, started));
            }
            if read == 0 && !allow_empty {
                let rows = self.segment.before().counts()?.bulk;
                let empty =
                    restock_store::Error::EmptyFull { dataset: self.report.dataset.to_string(), rows };
                return Err(self.failed(empty.into(), started));
            }
        }
        let began = Instant::now();
        let Running { segment, mut report, .. } = self;
        let outcome = if report.dry_run { segment.dry_run() } else { segment.commit() };
        report.phases.insert("commit".into(), began.elapsed().as_secs_f64());
        report.seconds = started.elapsed().as_secs_f64();
        match outcome {
            Ok(outcome) => {
                fill(&mut report, outcome);
                Ok(report)
            }
            Err(error) => {
                let message = error.to_string();
                let cause = Some(error.into());
                Err(Error::Import(Box::new(ImportFailure { message, report, cause })))
            }
        }
    }

    fn describe(&mut self, summary: SourceSummary) {
        let report = &mut self.report;
        report.files = summary.files;
        report.bytes = report.bytes.max(summary.bytes);
        report.ignored_columns = summary.ignored_columns;
        report.notes = summary.notes;
    }
}

fn fill(report: &mut ImportReport, outcome: ImportOutcome) {
    report.version = outcome.version;
    report.superseded = outcome.superseded;
    report.replaced = outcome.replaced;
    report.appended = outcome.appended;
    report.removed = outcome.removed;
    report.gone = outcome.gone;
    report.bulk_rows = outcome.bulk_rows;
}
