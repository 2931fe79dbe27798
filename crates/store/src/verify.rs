//! Verification: reads everything and checks every checksum and invariant.

mod files;

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::{Error, Result};
use crate::files::{LOG, SEGMENTS, is_ours, keys as keys_file};
use crate::keys::{fingerprint, matches};
use crate::manifest;
use crate::open;
use crate::segment::Segment;
use crate::state::{DatasetState, Live};
use crate::storage::Storage;
use crate::store::{Store, existing};
use crate::turn::Cancel;

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// The version that was checked; 0 if not even that can be read.
    pub version: u64,
    /// Files read.
    pub files: u64,
    /// What is damaged, each with its file.
    pub damaged: Vec<String>,
    /// Files of ours that nothing names: left by a process that died, swept at the next opening for writing.
    pub leftover: Vec<String>,
}

impl Default for VerifyReport {
    /// Of `MANIFEST` alone.
    fn default() -> VerifyReport {
        VerifyReport { version: 0, files: 1, damaged: Vec::new(), leftover: Vec::new() }
    }
}

impl VerifyReport {
    /// Whether everything is as it was written.
    pub fn is_ok(&self) -> bool {
        self.damaged.is_empty()
    }
}

impl Store {
    /// Reads every file and checks every checksum and invariant. Nothing is taken from what is in memory.
    ///
    /// # Errors
    /// Only what keeps it from looking, as a folder that cannot be listed; damage is in the report.
    pub fn verify(&self) -> Result<VerifyReport> {
        verify(&*self.storage)
    }

    /// Verifies the store in a folder, also one that is too damaged to be opened: then each file that
    /// `MANIFEST` names is checked on its own.
    ///
    /// # Errors
    /// [`Error::NotAStore`], and what keeps it from looking; damage is in the report.
    pub fn verify_path(path: impl AsRef<Path>) -> Result<VerifyReport> {
        Store::verify_storage(&*existing(path.as_ref())?)
    }

    /// As [`verify_path`](Self::verify_path), of a store on any storage.
    ///
    /// # Errors
    /// As [`verify_path`](Self::verify_path).
    pub fn verify_storage(storage: &dyn Storage) -> Result<VerifyReport> {
        if !open::has_manifest(storage)? {
            match open::check_vacant(storage) {
                Err(Error::Damaged { .. }) => {}
                vacant => {
                    vacant?;
                    let path = open::shown(storage);
                    return Err(Error::NotAStore { path, detail: open::NO_MANIFEST.into() });
                }
            }
        }
        verify(storage)
    }
}

fn verify(storage: &dyn Storage) -> Result<VerifyReport> {
    let (now, version) = match open::read(storage, None) {
        Ok(opened) => opened,
        Err(error) => return files::each(storage, error),
    };
    let mut report = VerifyReport { version, ..VerifyReport::default() };
    let named = now.base.files();
    report.files += named.len() as u64;
    let mut seen = BTreeSet::new();
    for dataset in now.base.datasets.values() {
        for segment in dataset.segments() {
            if seen.insert(segment.id()) {
                note(&mut report, check_segment(dataset, &segment));
            }
        }
        for live in dataset.lives() {
            note(&mut report, check_vectors(live));
        }
        note(&mut report, check_shadows(dataset));
        note(&mut report, check_keys_once(dataset));
    }
    if let Some(log) = now.base.log {
        let checked = match open::check_log(storage, log.first_version) {
            // A writer went on to another log meanwhile; this one was read when its state was opened.
            Err(error)
                if open::is_not_found(&error) && manifest::read(storage)?.version != now.base.version =>
            {
                Ok(())
            }
            checked => checked,
        };
        note(&mut report, checked);
    }
    report.leftover = leftover(storage, |path| named.contains_key(path))?;
    Ok(report)
}

/// Files of ours that are not named.
fn leftover(storage: &dyn Storage, named: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for folder in [SEGMENTS, LOG] {
        let names = match storage.list(folder) {
            // What it held was missed where it is named.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            names => names.map_err(|e| Error::io(format!("list {folder}"), e))?,
        };
        for name in names {
            let path = format!("{folder}/{name}");
            if is_ours(folder, &name) && !named(&path) {
                left.push(path);
            }
        }
    }
    Ok(left)
}

fn note(report: &mut VerifyReport, checked: Result<()>) {
    if let Err(error) = checked {
        let text = match error {
            Error::Damaged { file, offset, detail } => {
                format!("{file}{}: {detail}", offset.map(|at| format!(" at byte {at}")).unwrap_or_default())
            }
            other => other.to_string(),
        };
        if !report.damaged.contains(&text) {
            report.damaged.push(text);
        }
    }
}

fn check_segment(dataset: &DatasetState, segment: &Segment) -> Result<()> {
    segment.verify()?;
    for batch in 0..segment.batches()? {
        for field in dataset.schema.fields() {
            let column = segment.column(batch, field)?;
            if !field.nullable && column.null_count() > 0 {
                return Err(
                    segment.damaged(None, format!("column `{}` holds a null and must not", field.name))
                );
            }
        }
    }
    let (Some(keys), Some((_, field))) = (segment.keys(), dataset.key()) else {
        return if dataset.record_id.is_some() {
            Err(segment.damaged(None, "it has no key index"))
        } else {
            Ok(())
        };
    };
    keys.verify()?;
    for entry in 0..keys.len()? {
        let row = keys.row(entry)?;
        if segment.with_key(row, field, fingerprint)? != keys.fingerprint(entry)? {
            let detail = format!("row {row} has another record ID than the index says");
            return Err(Error::damaged(&keys_file(segment.id()), None, detail));
        }
    }
    Ok(())
}

fn check_vectors(live: &Live) -> Result<()> {
    if !live.dead.rows()?.is_disjoint(live.shadowed.rows()?) {
        return Err(live.segment.damaged(None, "a dead row is counted as shadowed"));
    }
    Ok(())
}

/// Invariant: a live bulk row is shadowed exactly if a live individual row has its record ID.
fn check_shadows(dataset: &DatasetState) -> Result<()> {
    for live in &dataset.bulk.segments {
        let shadowed = dataset.shadows_of(&live.segment, Live::dead_rows)?;
        if shadowed - live.dead.rows()? != *live.shadowed.rows()? {
            return Err(live
                .segment
                .damaged(None, "the rows shadowed by individual rows are not those marked"));
        }
    }
    Ok(())
}

/// Invariant: a record ID has at most one live row in each origin.
fn check_keys_once(dataset: &DatasetState) -> Result<()> {
    let Some((_, field)) = dataset.key() else { return Ok(()) };
    for lives in [&dataset.bulk.segments, &dataset.individual] {
        for (at, live) in lives.iter().enumerate() {
            for other in lives.iter().skip(at) {
                let pairs = matches(&live.segment, live.dead.rows()?, &other.segment, field, &Cancel::new())?;
                let other_dead = other.dead.rows()?;
                let same = live.segment.id() == other.segment.id();
                let twice =
                    pairs.iter().any(|(row, twin)| !(other_dead.contains(*twin) || same && row == twin));
                if twice {
                    return Err(other.segment.damaged(None, "a record ID has two live rows"));
                }
            }
        }
    }
    Ok(())
}
