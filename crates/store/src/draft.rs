//! A commit in the making: the current state, the tail folded into it, a change applied.

use std::sync::Arc;

use restock_schema::DatasetName;
use roaring::RoaringBitmap;

use crate::error::{Error, Result};
use crate::files;
use crate::ids::SegmentIds;
use crate::manifest::{Commit, CommitKind, HISTORY_KEPT, RowCounts};
use crate::row;
use crate::segment::{Encoder, Segment, SegmentWriter};
use crate::state::{Base, DatasetState, Live};
use crate::storage::Storage;
use crate::tail::{Overlay, Tail};
use crate::vectors::{self, Vector, VectorRef};

/// Rows of the tail encoded at once while folding.
const FOLD_ROWS: usize = 16 << 10;

/// A state that a commit will make the committed one. Dropped before that, it removes the files it made.
pub(crate) struct Draft {
    pub base: Base,
    storage: Arc<dyn Storage>,
    ids: Arc<SegmentIds>,
    created: Vec<String>,
}

impl Draft {
    /// A draft of commit `version` on top of `base`.
    pub fn new(base: &Base, version: u64, storage: Arc<dyn Storage>, ids: Arc<SegmentIds>) -> Draft {
        let mut base = base.clone();
        base.version = version;
        Draft { base, storage, ids, created: Vec::new() }
    }

    /// The version the commit will have.
    pub fn version(&self) -> u64 {
        self.base.version
    }

    /// A dataset to be changed.
    pub fn dataset(&mut self, name: &DatasetName) -> Result<&mut DatasetState> {
        self.base.dataset(name)?;
        let found = self.base.datasets.get_mut(name).map(Arc::make_mut);
        found.ok_or_else(|| Error::Refused(format!("`{name}` was dropped meanwhile")))
    }

    /// A file that exists because of this draft.
    pub fn created(&mut self, path: String) {
        self.created.push(path);
    }

    /// A segment that exists because of this draft.
    pub fn created_segment(&mut self, segment: &Segment) {
        self.created(files::segment(segment.id()));
        if segment.keys().is_some() {
            self.created(files::keys(segment.id()));
        }
    }

    /// Whether any file was made.
    pub fn has_files(&self) -> bool {
        !self.created.is_empty()
    }

    /// Moves what the tail holds into individual segments and vectors.
    pub fn fold(&mut self, tail: &Tail, upto: u64) -> Result<()> {
        let ids = tail.dataset_ids();
        let names: Vec<(DatasetName, u32)> =
            self.base.datasets.iter().map(|(name, d)| (name.clone(), d.id)).collect();
        for (name, id) in names.into_iter().filter(|(_, id)| ids.contains(id)) {
            let overlay = tail.overlay(id, upto);
            let written = match self.base.datasets.get(&name) {
                Some(dataset) => write_rows(dataset, &overlay, &self.storage, &self.ids)?,
                None => None,
            };
            if let Some(segment) = &written {
                self.created_segment(segment);
            }
            let version = self.version();
            let dataset = self.dataset(&name)?;
            mark(dataset, &overlay)?;
            if let Some(segment) = written {
                segment.committed_by(version);
                dataset.individual.push(Live { segment, dead: Vector::empty(), shadowed: Vector::empty() });
            }
        }
        Ok(())
    }

    /// Adds the commit to the history.
    pub fn record(
        &mut self,
        what: CommitKind,
        dataset: Option<&DatasetName>,
        rows: RowCounts,
    ) -> &mut Commit {
        let dataset_id =
            dataset.and_then(|name| self.base.datasets.get(name)).map_or(0, |dataset| dataset.id);
        let commit = Commit {
            version: self.version(),
            time_ms: now_ms(),
            what,
            dataset: dataset.cloned(),
            dataset_id,
            group: None,
            label: None,
            rows,
        };
        let history = &mut self.base.history;
        history.push(commit);
        history.drain(..history.len().saturating_sub(HISTORY_KEPT));
        let last = history.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "a commit was pushed above, and HISTORY_KEPT is not 0")]
        &mut history[last]
    }

    /// Takes out segments without a live row, then writes every vector that is in no file yet.
    pub fn store_vectors(&mut self) -> Result<()> {
        let mut fresh: Vec<(Vector, u64)> = Vec::new();
        for dataset in self.base.datasets.values_mut() {
            let prunable = dataset.lives().any(|live| live.live_rows() == 0);
            let unsaved = dataset.lives().any(|live| is_fresh(&live.dead) || is_fresh(&live.shadowed));
            if !prunable && !unsaved {
                continue;
            }
            let dataset = Arc::make_mut(dataset);
            for lives in dataset.lives_mut() {
                lives.retain(|live| live.live_rows() > 0);
                for live in lives {
                    for vector in [&live.dead, &live.shadowed].into_iter().filter(|vector| is_fresh(vector)) {
                        if !fresh.iter().any(|(other, _)| other.same(vector)) {
                            fresh.push((vector.clone(), live.segment.rows()));
                        }
                    }
                }
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let vectors: Vec<Vector> = fresh.iter().map(|(vector, _)| vector.clone()).collect();
        let file = vectors::write(&*self.storage, self.version(), &vectors)?;
        self.created(files::vectors(self.version()));
        let version = self.version();
        let stored = |vector: &Vector| {
            let (number, (_, limit)) = fresh.iter().enumerate().find(|(_, (other, _))| other.same(vector))?;
            let place = VectorRef { file: version, number: number as u64, rows: vector.len() };
            Some(vector.stored_as(file.clone(), place, *limit))
        };
        for dataset in self.base.datasets.values_mut() {
            if !dataset.lives().any(|live| is_fresh(&live.dead) || is_fresh(&live.shadowed)) {
                continue;
            }
            for live in Arc::make_mut(dataset).lives_mut().flatten() {
                for vector in [&mut live.dead, &mut live.shadowed] {
                    if let Some(saved) = stored(vector) {
                        *vector = saved;
                    }
                }
            }
        }
        Ok(())
    }

    /// The state, whose files now belong to a manifest (or may: it is being written), and the files that were
    /// made on the way and that it does not name: to be removed once the manifest is written.
    pub fn finish(mut self) -> (Base, Vec<String>) {
        let named = self.base.files();
        let mut spare = std::mem::take(&mut self.created);
        spare.retain(|path| !named.contains_key(path));
        let empty = Base {
            version: 0,
            next_segment: 0,
            next_dataset: 0,
            undo_depth: 0,
            log: None,
            datasets: Default::default(),
            history: Vec::new(),
        };
        (std::mem::replace(&mut self.base, empty), spare)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for path in &self.created {
            // What cannot be removed is swept at the next opening for writing.
            drop(self.storage.remove(path));
        }
    }
}

fn is_fresh(vector: &Vector) -> bool {
    !vector.is_empty() && vector.place().is_none()
}

/// Applies the marks of puts and deletes: deletions reach every use of a segment, also those kept for undo
/// (S8); shadows the bulk rows.
fn mark(dataset: &mut DatasetState, overlay: &Overlay) -> Result<()> {
    let none = RoaringBitmap::new();
    for live in &mut dataset.bulk.segments {
        let id = live.segment.id();
        live.mark(overlay.dead.get(&id).unwrap_or(&none), overlay.shadowed.get(&id).unwrap_or(&none))?;
    }
    let kept = dataset.kept.iter_mut().flat_map(|generation| &mut generation.segments);
    for live in kept.chain(&mut dataset.individual) {
        live.mark(overlay.dead.get(&live.segment.id()).unwrap_or(&none), &none)?;
    }
    Ok(())
}

fn write_rows(
    dataset: &DatasetState,
    overlay: &Overlay,
    storage: &Arc<dyn Storage>,
    ids: &Arc<SegmentIds>,
) -> Result<Option<Arc<Segment>>> {
    let encoder = Encoder::new(dataset.schema.clone(), dataset.key().map(|(column, _)| column));
    let mut writer = SegmentWriter::new(storage.clone(), ids.clone(), encoder.clone());
    for rows in overlay.rows.chunks(FOLD_ROWS) {
        let batch = row::batch(&dataset.schema, rows.iter().map(|(_, bytes)| &**bytes));
        let batch = batch
            .ok_or_else(|| Error::Refused(format!("a put row of `{}` cannot be read back", dataset.name)))?;
        let runs: Vec<(u64, u64)> = rows.iter().map(|(commit, _)| (1, *commit)).collect();
        writer.append(encoder.encode(&batch)?, &runs)?;
    }
    Ok(writer.finish()?.map(|written| written.segment))
}

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
