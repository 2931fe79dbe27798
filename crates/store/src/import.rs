//! Bulk imports: FULL and INCREMENTAL (S1 to S6).
//!
//! An import writes its segment while others read and put; only the commit takes the commit lock. There the
//! rows it replaces are united with what was deleted meanwhile, and the record IDs that were put meanwhile
//! are probed again.

use std::sync::Arc;

use ahash::AHashMap;
use arrow::record_batch::RecordBatch;
use restock_schema::{DatasetName, Schema};
use roaring::RoaringBitmap;

use crate::draft::{Draft, now_ms};
use crate::error::{Error, Result};
use crate::keys::{matches, rows_matched, superseded};
use crate::manifest::{CommitKind, ImportMode, LastImport, undone_by};
use crate::pending::{Pending, bytes_of};
use crate::segment::{EncodedBatch, Encoder, Segment, SegmentWriter, Written, remove_segment};
use crate::snapshot::DatasetSnapshot;
use crate::state::{DatasetState, Generation, Live};
use crate::store::Store;
use crate::turn::{Cancel, Turn};
use crate::writer::{LogPlan, Writer};

/// What an import is asked to do.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// FULL or INCREMENTAL.
    pub mode: ImportMode,
    /// Stored by its commit; the same label again is refused as already done, also when that import was undone
    /// since, which the error says. Labels are known for the last 1,000 commits of the store, flushes and
    /// compactions not counted.
    pub label: Option<String>,
    /// Cancels it.
    pub cancel: Cancel,
}

/// What an import did, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportOutcome {
    /// The version it made; the current one for a dry run.
    pub version: u64,
    /// Rows that came again later in the import (S5).
    pub superseded: u64,
    /// INCREMENTAL: record IDs that had a live bulk row.
    pub replaced: u64,
    /// Rows stored besides those.
    pub appended: u64,
    /// FULL: live bulk rows before.
    pub removed: u64,
    /// FULL with record ID: IDs among these that did not come again.
    pub gone: Option<u64>,
    /// Live bulk rows after it.
    pub bulk_rows: u64,
}

/// A running import. Dropped before [`commit`](Self::commit), it leaves nothing behind (S6).
#[derive(Debug)]
pub struct Import {
    store: Store,
    before: DatasetSnapshot,
    request: ImportRequest,
    encoder: Encoder,
    segment: SegmentWriter,
    /// Rows behind those in `segment`.
    pending: Pending,
    turn: Turn,
}

/// A batch of fewer rows and bytes waits for others, to be encoded with them: by one thread, so it must be cheap.
const SMALL_ROWS: usize = 4096;
const SMALL_BYTES: usize = 256 << 10;

/// A batch encoded for its segment: what the parallel half of an import makes.
#[derive(Debug)]
pub struct Encoded(Prepared);

#[derive(Debug)]
enum Prepared {
    Whole(EncodedBatch),
    /// Fits the schema, and has its types.
    Small(RecordBatch),
}

impl Encoded {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        match &self.0 {
            Prepared::Whole(batch) => batch.rows(),
            Prepared::Small(batch) => batch.num_rows(),
        }
    }
}

/// Encodes batches for an import, from any number of threads.
#[derive(Clone, Debug)]
pub struct BatchEncoder(Encoder);

impl BatchEncoder {
    /// Encodes a batch of the dataset's columns, in the schema's order and types; a dictionary column may
    /// also be plain strings.
    ///
    /// # Errors
    /// Columns that are not the schema's.
    pub fn encode(&self, batch: &RecordBatch) -> Result<Encoded> {
        self.0.check(batch)?;
        if batch.num_rows() >= SMALL_ROWS || bytes_of(batch) >= SMALL_BYTES {
            return Ok(Encoded(Prepared::Whole(self.0.encode(batch)?)));
        }
        Ok(Encoded(Prepared::Small(self.0.as_typed(batch)?)))
    }
}

impl Store {
    /// Begins an import, when it is its turn.
    ///
    /// # Errors
    /// [`Error::FullFirst`] (S3), [`Error::LabelDone`], [`Error::NoDataset`], [`Error::Cancelled`].
    pub fn import(&self, name: &DatasetName, request: ImportRequest) -> Result<Import> {
        let writer = self.writer("import")?;
        self.snapshot().dataset(name)?;
        let turn = writer.turns.take(&request.cancel)?;
        // Only now, since the import waited for may have been the FULL, or the label.
        let snapshot = self.snapshot();
        let before = snapshot.dataset(name)?;
        if let Some(label) = &request.label {
            let history = &snapshot.base().history;
            let id = before.state().id;
            let done = history.iter().find(|c| c.dataset_id == id && c.label.as_ref() == Some(label));
            if let Some(done) = done {
                let undone = undone_by(history, id, done.version);
                return Err(Error::LabelDone { label: label.clone(), version: done.version, undone });
            }
        }
        if request.mode == ImportMode::Incremental && !before.is_loaded() {
            return Err(Error::FullFirst { dataset: name.to_string() });
        }
        drop(writer.commits()?);
        let key = before.state().key().map(|(column, _)| column);
        let encoder = Encoder::new(before.schema().clone(), key);
        let segment = SegmentWriter::new(self.storage.clone(), writer.ids.clone(), encoder.clone());
        let pending = Pending::new(before.schema().to_arrow());
        Ok(Import { store: self.clone(), before, request, encoder, segment, pending, turn })
    }

    /// How many bytes may still be written, where that is known.
    ///
    /// # Errors
    /// What the system reports.
    pub fn free_bytes(&self) -> Result<Option<u64>> {
        self.storage.free_bytes().map_err(|e| Error::io("ask for free space", e))
    }
}

/// The rows of an import in their segment, and what they do to others.
struct Resolved {
    segment: Option<Arc<Segment>>,
    superseded: RoaringBitmap,
    /// For each older bulk segment its rows whose record ID comes again.
    again: AHashMap<u64, RoaringBitmap>,
    /// For each individual segment (its row, the import's row) with one record ID.
    individual: AHashMap<u64, Vec<(u32, u32)>>,
}

impl Import {
    /// The schema that rows must have.
    pub fn schema(&self) -> &Schema {
        self.before.schema()
    }

    /// The dataset as it was when the import began.
    pub fn before(&self) -> &DatasetSnapshot {
        &self.before
    }

    /// An encoder for its batches.
    pub fn encoder(&self) -> BatchEncoder {
        BatchEncoder(self.encoder.clone())
    }

    /// Appends rows, behind all appended before.
    ///
    /// # Errors
    /// A full disk or other failure of the file; [`Error::Cancelled`].
    pub fn append(&mut self, batch: Encoded) -> Result<()> {
        self.request.cancel.check()?;
        match batch.0 {
            Prepared::Small(batch) => {
                if self.pending.is_full_for(&batch) {
                    self.append_pending()?;
                }
                let rows = batch.num_rows() as u64;
                self.pending.push(batch, std::iter::once((rows, 0)));
                Ok(())
            }
            Prepared::Whole(batch) => {
                self.append_pending()?;
                let rows = batch.rows() as u64;
                self.segment.append(batch, &[(rows, 0)])
            }
        }
    }

    fn append_pending(&mut self) -> Result<()> {
        if self.pending.rows() == 0 {
            return Ok(());
        }
        let (batch, runs) = self.pending.take().map_err(|e| Error::Refused(e.to_string()))?;
        self.segment.append(self.encoder.encode(&batch)?, &runs)
    }

    /// Rows appended so far.
    pub fn rows(&self) -> u64 {
        self.segment.rows() + self.pending.rows() as u64
    }

    /// Bytes of segments written so far.
    pub fn bytes(&self) -> u64 {
        self.segment.bytes()
    }

    /// Does everything but the commit: what the import would do to the dataset as it is now.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn dry_run(mut self) -> Result<ImportOutcome> {
        self.append_pending()?;
        let Import { store, before, request, segment, turn, .. } = self;
        let resolved = resolve(&store, &before, &request.cancel, segment)?;
        let outcome = foresee(&store, &before, &request, &resolved);
        if let Some(segment) = &resolved.segment {
            remove_segment(&*store.storage, segment.id());
        }
        drop(turn);
        outcome
    }

    /// Commits the import, then merges segments where there are too many.
    ///
    /// # Errors
    /// [`Error::Cancelled`]; a full disk; damage met while record IDs were compared. Nothing changed then.
    pub fn commit(mut self) -> Result<ImportOutcome> {
        self.append_pending()?;
        let Import { store, before, request, segment, turn, .. } = self;
        let resolved = resolve(&store, &before, &request.cancel, segment)?;
        let segment_id = resolved.segment.as_ref().map(|segment| segment.id());
        let committed = request.cancel.check().and_then(|()| commit(&store, &before, &request, resolved));
        let (outcome, writer) = match committed {
            Ok(outcome) => (outcome, store.writer("import")?),
            Err(error) => {
                // A poisoned writer does not know whether the manifest on disk names the segment.
                if !matches!(error, Error::Poisoned { .. })
                    && let Some(id) = segment_id
                {
                    remove_segment(&*store.storage, id);
                }
                return Err(error);
            }
        };
        // The import is committed, whatever becomes of the merging: it is tried again after the next one.
        drop(store.merge_tiers(writer, before.name(), &turn));
        Ok(outcome)
    }
}

fn resolve(
    store: &Store,
    before: &DatasetSnapshot,
    cancel: &Cancel,
    segment: SegmentWriter,
) -> Result<Resolved> {
    let mut resolved = Resolved {
        segment: None,
        superseded: RoaringBitmap::new(),
        again: AHashMap::new(),
        individual: AHashMap::new(),
    };
    let Some(Written { segment, distinct }) = segment.finish()? else { return Ok(resolved) };
    resolved.segment = Some(segment.clone());
    let Some((_, field)) = before.state().key() else { return Ok(resolved) };
    let found = (|| -> Result<()> {
        if !distinct {
            resolved.superseded = superseded(&segment, field, cancel)?;
        }
        for live in &before.state().bulk.segments {
            let rows = rows_matched(&segment, &resolved.superseded, &live.segment, field, cancel)?;
            resolved.again.insert(live.segment.id(), rows);
        }
        for live in &before.state().individual {
            let pairs = matches(&live.segment, live.dead.rows()?, &segment, field, cancel)?;
            resolved.individual.insert(live.segment.id(), pairs);
        }
        Ok(())
    })();
    match found {
        Ok(()) => Ok(resolved),
        Err(error) => {
            remove_segment(&*store.storage, segment.id());
            Err(error)
        }
    }
}

/// What a commit would do, from the state as it is now.
fn foresee(
    store: &Store,
    before: &DatasetSnapshot,
    request: &ImportRequest,
    resolved: &Resolved,
) -> Result<ImportOutcome> {
    let snapshot = store.snapshot();
    let now = snapshot.dataset(before.name())?;
    let rows = now.counts()?;
    let mut again = 0;
    for live in &now.state().bulk.segments {
        let dead = now.dead(live)?;
        again += resolved.again.get(&live.segment.id()).map_or(0, |rows| rows.difference_len(&dead));
    }
    Ok(outcome(snapshot.version(), request.mode, rows.bulk, again, resolved, now.record_id().is_some()))
}

fn outcome(
    version: u64,
    mode: ImportMode,
    bulk_before: u64,
    again: u64,
    resolved: &Resolved,
    has_key: bool,
) -> ImportOutcome {
    let rows = resolved.segment.as_ref().map_or(0, |segment| segment.rows());
    let superseded = resolved.superseded.len();
    let stored = rows - superseded;
    let (replaced, removed, gone) = match mode {
        ImportMode::Full => (0, bulk_before, has_key.then_some(bulk_before - again)),
        ImportMode::Incremental => (again, 0, None),
    };
    ImportOutcome {
        version,
        superseded,
        replaced,
        appended: stored - replaced,
        removed,
        gone,
        bulk_rows: bulk_before - removed - replaced + stored,
    }
}

fn commit(
    store: &Store,
    before: &DatasetSnapshot,
    request: &ImportRequest,
    resolved: Resolved,
) -> Result<ImportOutcome> {
    let writer: &Writer = store.writer("import")?;
    let name = before.name();
    let mut commits = writer.commits()?;
    let (_, outcome) = writer.commit(&mut commits, LogPlan::Keep, |draft| {
        let (version, depth) = (draft.version(), draft.base.undo_depth as usize);
        let dataset = draft.dataset(name)?;
        let bulk_before = dataset.counts().bulk;
        let old = dataset.bulk.clone();
        let mut again = 0;
        let none = RoaringBitmap::new();
        for live in &mut dataset.bulk.segments {
            again += live.mark(resolved.again.get(&live.segment.id()).unwrap_or(&none), &none)?;
        }
        if request.mode == ImportMode::Full {
            dataset.bulk.segments.clear();
        }
        if let Some(segment) = &resolved.segment {
            segment.committed_by(version);
            let shadowed = shadows(dataset, segment, &resolved, &request.cancel)?;
            dataset.bulk.segments.push(Live::new(segment.clone(), resolved.superseded.clone(), shadowed));
        }
        dataset.bulk.loaded = true;
        dataset.bulk.last_import =
            Some(LastImport { version, time_ms: now_ms(), mode: request.mode, label: request.label.clone() });
        keep(dataset, old, depth);
        let outcome =
            outcome(version, request.mode, bulk_before, again, &resolved, dataset.record_id.is_some());
        let rows = dataset.counts();
        draft.record(CommitKind::from(request.mode), Some(name), rows).label = request.label.clone();
        note_files(draft, &resolved);
        Ok(outcome)
    })?;
    Ok(outcome)
}

/// The new segment's folder entry has to be synced with the commit.
fn note_files(draft: &mut Draft, resolved: &Resolved) {
    if let Some(segment) = &resolved.segment {
        draft.created_segment(segment);
    }
}

/// Keeps the bulk rows from before an import for undo.
fn keep(dataset: &mut DatasetState, old: Generation, depth: usize) {
    dataset.kept.push(old);
    let beyond = dataset.kept.len().saturating_sub(depth);
    dataset.kept.drain(..beyond);
}

/// The import's rows that individual rows shadow: those found before, as far as these still live, and those
/// of what was put since.
fn shadows(
    dataset: &DatasetState,
    segment: &Segment,
    resolved: &Resolved,
    cancel: &Cancel,
) -> Result<RoaringBitmap> {
    let mut shadowed = RoaringBitmap::new();
    let Some((_, field)) = dataset.key() else { return Ok(shadowed) };
    for live in &dataset.individual {
        let dead = live.dead.rows()?;
        match resolved.individual.get(&live.segment.id()) {
            Some(pairs) => {
                shadowed.extend(pairs.iter().filter(|(row, _)| !dead.contains(*row)).map(|(_, row)| *row));
            }
            None => {
                shadowed |= rows_matched(&live.segment, dead, segment, field, cancel)?;
            }
        }
    }
    Ok(shadowed)
}
