//! Verification of a store that does not open: each file that the manifest names on its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{VerifyReport, leftover, note};
use crate::error::{Error, Result};
use crate::files::{self, MANIFEST};
use crate::keys::KeyIndex;
use crate::manifest::{self, LiveMeta, Manifest};
use crate::open;
use crate::segment::{Segment, SegmentMeta};
use crate::storage::Storage;
use crate::vectors::{Vector, VectorFile};

/// How often it starts over because a writer replaced the manifest meanwhile.
const ATTEMPTS: usize = 5;

/// Lists all damaged files of a store that `error` keeps from being opened.
pub(super) fn each(storage: &dyn Storage, error: Error) -> Result<VerifyReport> {
    let mut report = VerifyReport::default();
    for _ in 0..ATTEMPTS {
        let manifest = match manifest::read(storage) {
            Ok(manifest) => manifest,
            Err(unreadable) if open::is_not_found(&unreadable) => {
                note(&mut report, Err(Error::damaged(MANIFEST, None, "it is missing")));
                return Ok(report);
            }
            Err(Error::Io { action, source }) => return Err(Error::Io { action, source }),
            Err(unreadable) => {
                note(&mut report, Err(unreadable));
                return Ok(report);
            }
        };
        report = named_by(storage, &manifest)?;
        // What a writer removed meanwhile is not damage.
        if manifest::read(storage).is_ok_and(|again| again.version == manifest.version) {
            break;
        }
    }
    if report.is_ok() {
        note(&mut report, Err(error));
    }
    Ok(report)
}

fn named_by(storage: &dyn Storage, manifest: &Manifest) -> Result<VerifyReport> {
    let mut report = VerifyReport { version: manifest.version, ..VerifyReport::default() };
    let mut named = BTreeSet::new();
    let mut vectors = BTreeMap::new();
    for meta in &manifest.vectors {
        named.insert(files::vectors(meta.version));
        match VectorFile::open(storage, meta.clone()) {
            Ok(file) => {
                vectors.insert(meta.version, Arc::new(file));
            }
            Err(error) => note(&mut report, Err(error)),
        }
    }
    for live in lives(manifest) {
        let meta = &live.segment;
        if named.insert(files::segment(meta.id)) {
            note(&mut report, rows_of(storage, meta));
            if let Some(keys) = &meta.keys {
                named.insert(files::keys(meta.id));
                let checked = KeyIndex::open(storage, meta.id, keys, meta.rows);
                note(&mut report, checked.and_then(|keys| keys.verify()));
            }
        }
        for place in [live.dead, live.shadowed].into_iter().flatten() {
            if let Some(file) = vectors.get(&place.file) {
                let vector = Vector::stored(file.clone(), place, meta.rows);
                note(&mut report, vector.rows().map(|_| ()));
            }
        }
    }
    if let Some(log) = manifest.log {
        named.insert(files::log(log.first_version));
        note(&mut report, open::check_log(storage, log.first_version));
    }
    report.files += named.len() as u64;
    report.leftover = leftover(storage, |path| named.contains(path))?;
    Ok(report)
}

/// Every use of a segment.
fn lives(manifest: &Manifest) -> impl Iterator<Item = &LiveMeta> {
    manifest.datasets.iter().flat_map(|dataset| {
        let generations = std::iter::once(&dataset.bulk).chain(&dataset.kept);
        generations.flat_map(|generation| &generation.segments).chain(&dataset.individual)
    })
}

/// Checks the file of a segment's rows, whatever became of its key index.
fn rows_of(storage: &dyn Storage, meta: &SegmentMeta) -> Result<()> {
    Segment::open(storage, SegmentMeta { keys: None, ..meta.clone() })?.verify()
}
