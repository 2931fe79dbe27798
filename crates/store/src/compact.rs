//! Compaction: rewrites segments without their dead rows, several as one.
//!
//! Every scan and every get is the same before and after: rows keep their order and their commits. Only
//! neighbours are merged. There is no background thread; an import merges after its commit, in its turn.

use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use restock_schema::DatasetName;
use roaring::RoaringBitmap;

use crate::error::{Error, Result};
use crate::files::SEGMENTS;
use crate::open;
use crate::pending::Pending;
use crate::segment::{Encoder, Segment, SegmentWriter, remove_segment};
use crate::state::{DatasetState, Live};
use crate::store::Store;
use crate::turn::{Cancel, Turn};
use crate::writer::{LogPlan, Writer, current};

/// Segments of one tier that are merged into one of the next.
const FAN_IN: usize = 4;
/// Neighbours of any lower tier that are merged whatever their sizes.
const NEIGHBOURS_MAX: usize = 12;
/// Rows up to which a segment is in the lowest tier; each further tier holds [`FAN_IN`] times more.
const TIER_ROWS: u64 = 4096;

/// What a clean-up freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanReport {
    /// The version afterwards.
    pub version: u64,
    /// Bytes of files that are gone, less those that came for them.
    pub bytes_freed: u64,
}

/// Which rows of a dataset a list of segments holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plane {
    Bulk,
    Individual,
}

impl Plane {
    const ALL: [Plane; 2] = [Plane::Bulk, Plane::Individual];

    fn of(self, dataset: &DatasetState) -> &Vec<Live> {
        match self {
            Plane::Bulk => &dataset.bulk.segments,
            Plane::Individual => &dataset.individual,
        }
    }

    fn of_mut(self, dataset: &mut DatasetState) -> &mut Vec<Live> {
        match self {
            Plane::Bulk => &mut dataset.bulk.segments,
            Plane::Individual => &mut dataset.individual,
        }
    }
}

impl Store {
    /// Merges the segments of a dataset, or of all, into one each for bulk and individual rows, without
    /// their dead rows. What is kept for undo stays.
    ///
    /// # Errors
    /// An unknown dataset, a full disk, damage; the store is as it was.
    pub fn compact(&self, name: Option<&DatasetName>, cancel: &Cancel) -> Result<CleanReport> {
        let writer = self.writer("compact")?;
        let _turn = writer.turns.take(cancel)?;
        let names = match name {
            Some(name) => {
                self.snapshot().dataset(name)?;
                vec![name.clone()]
            }
            None => current(&self.shared).base.datasets.keys().cloned().collect(),
        };
        self.cleaned(|| {
            self.flush()?;
            for name in &names {
                for plane in Plane::ALL {
                    cancel.check()?;
                    let base = current(&self.shared).base.clone();
                    let lives = plane.of(base.dataset(name)?);
                    if lives.len() > 1 || lives.iter().any(|live| !live.dead.is_empty()) {
                        self.merge(writer, name, plane, 0..lives.len())?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Drops what is kept for undo and rewrites every segment that has dead rows, so that no byte of a
    /// deleted row is left in the store (S8).
    ///
    /// # Errors
    /// A full disk, damage; a file that is no longer needed and cannot be removed.
    pub fn vacuum(&self, cancel: &Cancel) -> Result<CleanReport> {
        let writer = self.writer("vacuum")?;
        let _turn = writer.turns.take(cancel)?;
        self.cleaned(|| {
            writer.commit(&mut *writer.commits()?, LogPlan::Drop, |draft| {
                for dataset in draft.base.datasets.values_mut().filter(|dataset| !dataset.kept.is_empty()) {
                    Arc::make_mut(dataset).kept.clear();
                }
                Ok(())
            })?;
            let names: Vec<DatasetName> = current(&self.shared).base.datasets.keys().cloned().collect();
            for name in names {
                for plane in Plane::ALL {
                    while let Some(at) = self.first_with_dead(&name, plane)? {
                        cancel.check()?;
                        self.merge(writer, &name, plane, at..at + 1)?;
                    }
                }
            }
            // In its turn and under the commit lock, nobody else is making files.
            let _commits = writer.commits()?;
            let swept = open::sweep(&*self.storage, &current(&self.shared).base);
            swept.map_err(|error| match error {
                Error::Io { action, source } => {
                    let action =
                        format!("{action}, which may hold deleted rows (vacuum again when that is possible)");
                    Error::Io { action, source }
                }
                other => other,
            })
        })
    }

    fn first_with_dead(&self, name: &DatasetName, plane: Plane) -> Result<Option<usize>> {
        let base = current(&self.shared).base.clone();
        let lives = plane.of(base.dataset(name)?);
        Ok(lives.iter().position(|live| !live.dead.is_empty()))
    }

    fn cleaned(&self, clean: impl FnOnce() -> Result<()>) -> Result<CleanReport> {
        let before = self.bytes_on_disk();
        clean()?;
        Ok(CleanReport {
            version: self.snapshot().version(),
            bytes_freed: before.saturating_sub(self.bytes_on_disk()),
        })
    }

    fn bytes_on_disk(&self) -> u64 {
        let base = current(&self.shared).base.clone();
        base.files()
            .into_iter()
            .map(|(path, bytes)| match bytes.len() as u64 {
                0 => self.storage.len(&path).unwrap_or(0),
                mapped => mapped,
            })
            .sum()
    }

    /// Merges segments of a dataset by size, so that n imports leave a number that grows with log n.
    pub(crate) fn merge_tiers(&self, writer: &Writer, name: &DatasetName, turn: &Turn) -> Result<()> {
        Plane::ALL.into_iter().try_for_each(|plane| self.merge_plane(writer, name, plane, turn))
    }

    /// Merges the small segments that flushes of the log leave.
    pub(crate) fn merge_flushed(&self, writer: &Writer) -> Result<()> {
        // Imports and compactions work on segments of their own turn: only when nobody has it.
        let Some(turn) = writer.turns.try_take() else { return Ok(()) };
        let names: Vec<DatasetName> = current(&self.shared).base.datasets.keys().cloned().collect();
        names.iter().try_for_each(|name| self.merge_plane(writer, name, Plane::Individual, &turn))
    }

    fn merge_plane(&self, writer: &Writer, name: &DatasetName, plane: Plane, _turn: &Turn) -> Result<()> {
        loop {
            let base = current(&self.shared).base.clone();
            let Some(range) = to_merge(plane.of(base.dataset(name)?)) else { return Ok(()) };
            self.merge(writer, name, plane, range)?;
        }
    }

    /// Rewrites neighbouring segments as one, without dead rows, and commits that.
    fn merge(
        &self,
        writer: &Writer,
        name: &DatasetName,
        plane: Plane,
        range: std::ops::Range<usize>,
    ) -> Result<()> {
        let base = current(&self.shared).base.clone();
        let dataset = base.dataset(name)?;
        let sources = plane.of(dataset).get(range).unwrap_or_default();
        let (merged, alive) = self.rewrite(writer, dataset, sources)?;
        let apply = |draft: &mut crate::draft::Draft| -> Result<()> {
            if let Some(merged) = &merged {
                merged.committed_by(draft.version());
                draft.created_segment(merged);
            }
            let lives = plane.of_mut(draft.dataset(name)?);
            let is = |live: &Live, source: &Live| live.segment.id() == source.segment.id();
            let at = lives.iter().position(|live| sources.iter().any(|source| is(live, source)));
            let (mut dead, mut shadowed, mut first) = (RoaringBitmap::new(), RoaringBitmap::new(), 0);
            for (source, alive) in sources.iter().zip(&alive) {
                let end = first + alive.len() as u32;
                // Rows that died since, and shadows, under the numbers that the rows have now.
                let moved = |rows: &RoaringBitmap| -> RoaringBitmap {
                    (rows & alive).iter().map(|row| first + alive.rank(row) as u32 - 1).collect()
                };
                match lives.iter().find(|live| is(live, source)) {
                    Some(live) => {
                        dead |= moved(live.dead.rows()?);
                        shadowed |= moved(live.shadowed.rows()?);
                    }
                    // Its last live row died meanwhile, and it was taken out.
                    None => {
                        dead.insert_range(first..end);
                    }
                }
                first = end;
            }
            lives.retain(|live| !sources.iter().any(|source| is(live, source)));
            if let (Some(at), Some(merged)) = (at, &merged) {
                lives.insert(at, Live::new(merged.clone(), dead, shadowed));
            }
            Ok(())
        };
        let committed =
            writer.commits().and_then(|mut commits| writer.commit(&mut commits, LogPlan::Keep, apply));
        committed.map(|_| ()).inspect_err(|error| {
            if let (Some(merged), false) = (&merged, matches!(error, Error::Poisoned { .. })) {
                remove_segment(&*self.storage, merged.id());
            }
        })
    }

    /// The live rows of `sources` in one segment, and which rows these were in each source.
    fn rewrite(
        &self,
        writer: &Writer,
        dataset: &DatasetState,
        sources: &[Live],
    ) -> Result<(Option<Arc<Segment>>, Vec<RoaringBitmap>)> {
        let encoder = Encoder::new(dataset.schema.clone(), dataset.key().map(|(column, _)| column));
        let mut target = SegmentWriter::new(self.storage.clone(), writer.ids.clone(), encoder.clone());
        let mut alive = Vec::with_capacity(sources.len());
        let failed = |e: ArrowError| Error::damaged(SEGMENTS, None, e.to_string());
        let mut pending = Pending::new(dataset.schema.to_arrow());
        let mut append = |pending: &mut Pending| -> Result<()> {
            let (batch, runs) = pending.take().map_err(failed)?;
            target.append(encoder.encode(&batch)?, &runs)
        };
        for live in sources {
            let segment = &live.segment;
            let mut rows = RoaringBitmap::new();
            rows.insert_range(0..segment.rows() as u32);
            rows -= live.dead.rows()?;
            let (mut source, mut part_ends) = (segment.afresh(), segment.end_of_part(0)?);
            for batch in 0..segment.batches()? {
                if batch == part_ends {
                    (source, part_ends) = (segment.afresh(), segment.end_of_part(batch)?);
                }
                let range = segment.rows_of(batch)?;
                let columns = dataset.schema.fields().iter().map(|field| source.column(batch, field));
                let columns = columns.collect::<Result<Vec<_>>>()?;
                let whole = RecordBatch::try_new(dataset.schema.to_arrow(), columns).map_err(failed)?;
                let mask: BooleanArray = range.clone().map(|row| Some(rows.contains(row as u32))).collect();
                let kept = filter_record_batch(&whole, &mask).map_err(failed)?;
                let runs = segment.runs()?.iter().filter_map(|(first, end, commit)| {
                    let (first, end) = (first.max(range.start), end.min(range.end));
                    (first < end).then(|| (rows.range_cardinality(first as u32..end as u32), commit))
                });
                if pending.is_full_for(&kept) {
                    append(&mut pending)?;
                }
                pending.push(kept, runs);
            }
            alive.push(rows);
        }
        append(&mut pending)?;
        Ok((target.finish()?.map(|written| written.segment), alive))
    }
}

fn tier(live: &Live) -> u32 {
    let times = live.live_rows().div_ceil(TIER_ROWS).max(1);
    times.ilog2().div_ceil(FAN_IN.ilog2())
}

/// Neighbours to merge next: the smallest first.
fn to_merge(lives: &[Live]) -> Option<std::ops::Range<usize>> {
    let mostly_dead = |live: &Live| live.dead.len() > live.live_rows() && live.segment.rows() > TIER_ROWS;
    if let Some(at) = lives.iter().position(mostly_dead) {
        return Some(at..at + 1);
    }
    let tiers: Vec<u32> = lives.iter().map(tier).collect();
    let mut wanted: Vec<u32> = tiers.clone();
    wanted.sort_unstable();
    wanted.dedup();
    for limit in wanted {
        let mut start = 0;
        for window in tiers.split(|tier| *tier > limit) {
            let full = window.iter().filter(|tier| **tier == limit).count();
            if full >= FAN_IN || window.len() >= NEIGHBOURS_MAX {
                return Some(start..start + window.len());
            }
            start += window.len() + 1;
        }
    }
    None
}
