//! An import, done and foretold.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use restock::arrow::record_batch::RecordBatchIterator;
use restock::{Cancel, Dataset, Error, Import, ImportMode, ImportReport, OnError};

use super::checks::{Check, same};
use super::operation::{From, ImportStep, Line, Meanwhile, Stop};
use super::player::Player;
use super::sheet::{self, Sheet};
use super::world::Counts;
use crate::shelf::{Row, Shelf};

/// What the report of an import has to say of its sources.
struct Sources {
    good: Vec<Row>,
    sheets: Vec<(String, Sheet)>,
}

/// What has to become of an import.
#[derive(Debug, PartialEq)]
enum Fate {
    Done,
    /// The label is known, or there was no FULL (S3): nothing is read.
    Refused,
    /// It fails, and the report says which records were at fault.
    Rejected,
    /// It fails for another reason after it began to read.
    Failed,
    Cancelled,
}

/// Does something when half of the text was read.
struct Midway {
    text: io::Cursor<Vec<u8>>,
    half: u64,
    act: Option<Box<dyn FnOnce() -> io::Result<()> + Send>>,
}

impl Read for Midway {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.text.position() < self.half {
            let room = (self.half - self.text.position()).min(out.len() as u64) as usize;
            return self.text.read(&mut out[..room]);
        }
        if let Some(act) = self.act.take() {
            act()?;
        }
        self.text.read(out)
    }
}

/// Does what others do meanwhile; their failure breaks the import, whose fate is another then.
fn others(dataset: Dataset, meanwhile: Vec<Meanwhile>, width: usize) -> io::Result<()> {
    let shelf = Shelf::of(&dataset.name().to_string());
    for step in meanwhile {
        let done = match step {
            Meanwhile::Put(rows) => dataset.put(rows.iter().map(|row| shelf.record(row, width))).map(drop),
            Meanwhile::Delete(ids) => dataset.delete(&ids, false).map(drop),
            Meanwhile::Sync => dataset.store().sync(),
        };
        done.map_err(io::Error::other)?;
    }
    Ok(())
}

impl Player {
    pub fn import(&mut self, step: &ImportStep) -> Check {
        let table = self.world.table(step.dataset);
        let (shelf, width) = (table.shelf, table.width);
        let quiet = step.meanwhile.is_empty();
        let json = step.from == From::JsonFiles;
        let mut read = Sources { good: Vec::new(), sheets: Vec::new() };
        let folder = self.home.fresh("source");
        for (number, lines) in step.files.iter().enumerate() {
            let style = step.style.wrapping_add(number as u64);
            let make = if json { sheet::json_lines } else { sheet::csv };
            let mut sheet = make(shelf, width, lines, style);
            if step.stop == Some(Stop::OpenQuote) && number + 1 == step.files.len() {
                sheet.text.extend_from_slice(b"\n\"open");
            }
            let name = format!("part-{number}.{}", if json { "jsonl" } else { "csv" });
            read.good.extend(lines.iter().filter(|line| line.flaw.is_none()).map(|line| line.row.clone()));
            read.sheets.push((folder.join(name).display().to_string(), sheet));
        }
        fs::create_dir(&folder).unwrap();
        for (path, sheet) in &read.sheets {
            fs::write(path, &sheet.text).unwrap();
        }
        let fate = self.fate(step, &read);
        let (version, files) = (self.store().snapshot().version(), self.home.listing());
        if step.dry_run && quiet && fate != Fate::Cancelled {
            let outcome = self.prepare(step, &read, &folder).dry_run();
            let mut foretold = self.world.clone();
            self.judge(step, &read, &fate, &mut foretold, outcome)?;
        }
        if quiet && step.dry_run {
            same("S6: the files after a dry run", &self.home.listing(), &files)?;
            same("S6: the version after a dry run", &self.store().snapshot().version(), &version)?;
        }
        let outcome = self.prepare(step, &read, &folder).run();
        let mut world = self.world.clone();
        // Others were let in when half of the source was read, which may never have been.
        let let_in = !matches!(step.stop, Some(Stop::CancelledBefore)) && fate != Fate::Refused;
        for step_of_others in step.meanwhile.iter().filter(|_| let_in) {
            match step_of_others {
                Meanwhile::Put(rows) => drop(world.put(step.dataset, rows.clone())),
                Meanwhile::Delete(ids) => drop(world.delete(step.dataset, ids)),
                Meanwhile::Sync => {}
            }
        }
        self.judge(step, &read, &fate, &mut world, outcome)?;
        self.world = world;
        if quiet && fate != Fate::Done {
            same("S6: the files after a failed import", &self.home.listing(), &files)?;
            same("S6: the version after a failed import", &self.store().snapshot().version(), &version)?;
        }
        fs::remove_dir_all(&folder).unwrap();
        Ok(())
    }

    fn fate(&self, step: &ImportStep, read: &Sources) -> Fate {
        let table = self.world.table(step.dataset);
        let known = step.label.as_ref().is_some_and(|label| table.labels.contains(label));
        let bad: usize = read.sheets.iter().map(|(_, sheet)| sheet.errors.len()).sum();
        if known || (step.mode == ImportMode::Incremental && !table.bulk.loaded) {
            return Fate::Refused;
        }
        match step.stop {
            Some(Stop::CancelledBefore | Stop::CancelledMidway) => return Fate::Cancelled,
            Some(Stop::Broken | Stop::OpenQuote) => return Fate::Failed,
            None => {}
        }
        let full = step.mode == ImportMode::Full;
        match (bad, read.good.len()) {
            (1.., _) if !step.skip => Fate::Rejected,
            (1.., 0) if full => Fate::Rejected,
            (0, 0) if full && !step.allow_empty => Fate::Failed,
            _ => Fate::Done,
        }
    }

    fn prepare(&self, step: &ImportStep, read: &Sources, folder: &PathBuf) -> Import {
        let dataset = self.store().dataset(step.dataset).unwrap();
        let cancel = Cancel::new();
        let import = match step.from {
            From::CsvFolder => dataset.import(folder),
            From::CsvFiles | From::JsonFiles => dataset.import_all(read.sheets.iter().map(|(path, _)| path)),
            From::CsvReader => {
                let (name, sheet) = &read.sheets[0];
                let half = sheet.text.len() as u64 / 2;
                let (stop, flag, others_do) = (step.stop, cancel.clone(), step.meanwhile.clone());
                let (width, of_others) = (self.world.table(step.dataset).width, dataset.clone());
                let act = move || {
                    others(of_others, others_do, width)?;
                    match stop {
                        Some(Stop::CancelledMidway) => flag.cancel(),
                        Some(Stop::Broken) => return Err(io::Error::other("the line went dead")),
                        _ => {}
                    }
                    Ok(())
                };
                let text = io::Cursor::new(sheet.text.clone());
                dataset.import_reader(Midway { text, half, act: Some(Box::new(act)) }, name)
            }
            From::Batches => {
                let table = self.world.table(step.dataset);
                let rows = |lines: &[Line]| lines.iter().map(|line| line.row.clone()).collect::<Vec<_>>();
                let batches = step.files.iter().map(|lines| Ok(table.shelf.batch(&rows(lines), table.width)));
                let batches: Vec<_> = batches.collect();
                let schema = table.shelf.schema(table.width).to_arrow();
                dataset.import_batches(RecordBatchIterator::new(batches, schema))
            }
        };
        if step.stop == Some(Stop::CancelledBefore) {
            cancel.cancel();
        }
        let import = import
            .mode(step.mode)
            .on_error(if step.skip { OnError::Skip } else { OnError::Fail })
            .allow_empty(step.allow_empty)
            .threads(step.threads)
            .cancel(cancel);
        match &step.label {
            Some(label) => import.label(label),
            None => import,
        }
    }

    /// Whether the outcome is the fate; the model does what was done.
    fn judge(
        &self,
        step: &ImportStep,
        read: &Sources,
        fate: &Fate,
        world: &mut super::world::World,
        outcome: restock::Result<ImportReport>,
    ) -> Check {
        let report = match (fate, outcome) {
            (Fate::Done, Ok(report)) => report,
            (Fate::Rejected, Err(Error::Import(failure))) => return located(read, &failure.report),
            (Fate::Cancelled, Err(error)) if error.is_cancelled() => return Ok(()),
            (Fate::Failed, Err(Error::Import(_))) | (Fate::Refused, Err(Error::Store(_))) => return Ok(()),
            (fate, Ok(report)) => return Err(format!("an import to be {fate:?} was done: {report:?}")),
            (fate, Err(error)) => return Err(format!("an import to be {fate:?} failed so: {error}")),
        };
        located(read, &report)?;
        let counts = world.import(step.dataset, step.mode, read.good.clone(), step.label.clone());
        let found = Counts {
            superseded: report.superseded,
            replaced: report.replaced,
            appended: report.appended,
            removed: report.removed,
            gone: report.gone,
            bulk_rows: report.bulk_rows,
        };
        let kind = if report.dry_run { "dry run" } else { "report" };
        same(&format!("the {kind} of an import"), &found, &counts)?;
        same("accepted rows", &report.accepted, &(read.good.len() as u64))?;
        same("the mode", &report.mode, &step.mode)?;
        let batches = step.from == From::Batches;
        same("files", &report.files, &(if batches { 1 } else { read.sheets.len() as u64 }))?;
        let ignored = !batches && read.sheets.iter().any(|(_, sheet)| sheet.ignored);
        let ignored: &[&str] = if ignored { &["IGNORED"] } else { &[] };
        same("ignored columns", &report.ignored_columns, &ignored)?;
        if let Some(last) = &mut world.tables.get_mut(step.dataset).expect("it is there").bulk.last {
            last.version = report.version;
        }
        Ok(())
    }
}

/// S12: every error is named by file, line and column, in order.
fn located(read: &Sources, report: &ImportReport) -> Check {
    let errors = read.sheets.iter().flat_map(|(file, sheet)| {
        sheet.errors.iter().map(|(line, column)| (file.clone(), *line, column.map(str::to_owned)))
    });
    let errors: Vec<_> = errors.collect();
    let found = report.errors.iter().map(|error| (error.file.clone(), error.line, error.column.clone()));
    let found: Vec<_> = found.collect();
    same("S12: the places of the errors", &found, &errors[..errors.len().min(100)].to_vec())?;
    same("S12: the number of errors", &report.error_count, &(errors.len() as u64))?;
    same("rejected rows", &report.rejected, &(errors.len() as u64))?;
    same("rows read", &report.rows_read, &((errors.len() + read.good.len()) as u64))
}
