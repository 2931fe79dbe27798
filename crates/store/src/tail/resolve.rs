//! Applies puts and deletes to the tail: the same for a caller's put and for a replayed frame.

use bytes::Bytes;

use super::{Mark, MarkKind, Marked, NEVER, Tail, TailDataset, TailRow};
use crate::error::{Error, Result};
use crate::keys::{fingerprint, prefetch, rows_with_key};
use crate::row;
use crate::state::{DatasetState, Live};

/// What a put did, in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PutCounts {
    /// Records whose ID had an individual record.
    pub replaced: u64,
    /// The others.
    pub appended: u64,
}

/// What a delete found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// IDs that had a live record in either origin.
    pub deleted: u64,
    /// IDs that had none, by their position in the request.
    pub missing: Vec<usize>,
    /// Whether anything changes: an ID may live only in a version kept for undo.
    pub changes: bool,
}

/// A row to be added and what it does to others: computed first, applied at once.
struct PutEffect {
    key: Option<Box<[u8]>>,
    ends: Option<u32>,
    marks: Vec<Mark>,
    replaced: bool,
    bytes: Bytes,
}

impl Tail {
    /// Puts the rows of a frame's payload. Record IDs within one payload differ.
    pub fn put(&self, state: &DatasetState, version: u64, payload: &Bytes) -> Result<PutCounts> {
        let key = state.key();
        let (mut rows, mut rest) = (Vec::new(), &**payload);
        while !rest.is_empty() {
            let start = payload.len() - rest.len();
            let cells = row::decode(state.schema.fields(), &mut rest).ok_or_else(|| not_a_row(state))?;
            let bytes = payload.slice(start..payload.len() - rest.len());
            rows.push((key.and_then(|(column, _)| cells.get(column)?.key()), bytes));
        }
        let effects = {
            let datasets = self.read();
            let empty = TailDataset::default();
            let tail = datasets.get(&state.id).unwrap_or(&empty);
            put_effects(state, tail, version, rows)?
        };
        let mut counts = PutCounts::default();
        let mut datasets = self.write();
        let tail = datasets.entry(state.id).or_default();
        for effect in effects {
            counts.replaced += u64::from(effect.replaced);
            counts.appended += u64::from(!effect.replaced);
            let row = tail.rows.len() as u32;
            tail.end(effect.ends, version);
            let previous = effect.key.and_then(|key| tail.latest.insert(key, row));
            tail.rows.push(TailRow { version, ended: NEVER, previous, bytes: effect.bytes });
            tail.mark(effect.marks);
        }
        Ok(counts)
    }

    /// What deleting these record IDs would do (S8: from both origins, and from what is kept for undo).
    pub fn find_deletes(&self, state: &DatasetState, keys: &[Vec<u8>]) -> Result<Deleted> {
        Ok(self.delete_effects(state, 0, keys)?.0)
    }

    /// Deletes record IDs.
    pub fn delete(&self, state: &DatasetState, version: u64, keys: &[Vec<u8>]) -> Result<Deleted> {
        let (deleted, ends, marks) = self.delete_effects(state, version, keys)?;
        let mut datasets = self.write();
        let tail = datasets.entry(state.id).or_default();
        for row in ends {
            tail.end(Some(row), version);
        }
        tail.mark(marks);
        Ok(deleted)
    }

    fn delete_effects(
        &self,
        state: &DatasetState,
        version: u64,
        keys: &[Vec<u8>],
    ) -> Result<(Deleted, Vec<u32>, Vec<Mark>)> {
        let field = state.key_field()?;
        let datasets = self.read();
        let empty = TailDataset::default();
        let tail = datasets.get(&state.id).unwrap_or(&empty);
        let (mut deleted, mut ends, mut marks) = (Deleted::default(), Vec::new(), Vec::new());
        let segments = state.segments();
        for (position, key) in keys.iter().enumerate() {
            let in_tail = tail.live(key);
            ends.extend(in_tail);
            let mut live = in_tail.is_some();
            for segment in &segments {
                for row in rows_with_key(segment, field, key)? {
                    if tail.dead.contains_key(&(segment.id(), row)) {
                        continue;
                    }
                    let mut alive = false;
                    for entry in state.lives().filter(|entry| entry.segment.id() == segment.id()) {
                        alive |= !entry.dead.rows()?.contains(row);
                    }
                    if alive {
                        marks.push(Mark { version, segment: segment.id(), row, kind: MarkKind::Dead });
                    }
                    let current = state.bulk.segments.iter().chain(&state.individual);
                    for entry in current.filter(|entry| entry.segment.id() == segment.id()) {
                        live |= !entry.dead.rows()?.contains(row);
                    }
                }
            }
            deleted.deleted += u64::from(live);
            if !live {
                deleted.missing.push(position);
            }
        }
        deleted.changes = !ends.is_empty() || !marks.is_empty();
        Ok((deleted, ends, marks))
    }
}

fn not_a_row(state: &DatasetState) -> Error {
    Error::damaged(crate::files::LOG, None, format!("a frame does not hold rows of `{}`", state.name))
}

/// A row that is put, with its record ID.
type NewRow = (Option<Vec<u8>>, Bytes);

/// The memory of so many rows' index entries is asked for at once.
const AHEAD: usize = 32;

/// By this thread alone, which holds the commit lock: a thread of a pool may be given work that waits for it.
fn put_effects(
    state: &DatasetState,
    tail: &TailDataset,
    version: u64,
    rows: Vec<NewRow>,
) -> Result<Vec<PutEffect>> {
    let mut effects = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let ids = rows.as_slice().iter().take(AHEAD).filter_map(|(id, _)| id.as_deref());
        let fingerprints: Vec<u64> = ids.map(fingerprint).collect();
        prefetch(state.bulk.segments.iter().chain(&state.individual), &fingerprints);
        for (id, bytes) in rows.by_ref().take(AHEAD) {
            effects.push(put_effect(state, tail, version, id, bytes)?);
        }
    }
    Ok(effects)
}

fn put_effect(
    state: &DatasetState,
    tail: &TailDataset,
    version: u64,
    id: Option<Vec<u8>>,
    bytes: Bytes,
) -> Result<PutEffect> {
    let mut effect = PutEffect { key: None, ends: None, marks: Vec::new(), replaced: false, bytes };
    let (Some((_, field)), Some(id)) = (state.key(), id) else { return Ok(effect) };
    effect.ends = tail.live(&id);
    effect.replaced = effect.ends.is_some();
    // An individual record's bulk rows are shadowed already: only a new one has to look for them.
    if !effect.replaced {
        let mut probe = |lives: &[Live], marked: &Marked, kind| -> Result<bool> {
            let mut found = false;
            for live in lives {
                for row in rows_with_key(&live.segment, field, &id)? {
                    let segment = live.segment.id();
                    let gone = live.dead.rows()?.contains(row) || tail.dead.contains_key(&(segment, row));
                    let known = kind == MarkKind::Shadowed
                        && (live.shadowed.rows()?.contains(row) || marked.contains_key(&(segment, row)));
                    if !gone && !known {
                        effect.marks.push(Mark { version, segment, row, kind });
                        found = true;
                    }
                }
            }
            Ok(found)
        };
        effect.replaced = probe(&state.individual, &tail.dead, MarkKind::Dead)?;
        probe(&state.bulk.segments, &tail.shadowed, MarkKind::Shadowed)?;
    }
    effect.key = Some(id.into_boxed_slice());
    Ok(effect)
}

impl TailDataset {
    /// The live row of a record ID.
    fn live(&self, key: &[u8]) -> Option<u32> {
        let row = *self.latest.get(key)?;
        self.rows.get(row as usize).filter(|row| row.ended == NEVER).map(|_| row)
    }

    fn end(&mut self, row: Option<u32>, version: u64) {
        if let Some(row) = row.and_then(|row| self.rows.get_mut(row as usize)) {
            row.ended = version;
        }
    }

    fn mark(&mut self, marks: Vec<Mark>) {
        for mark in &marks {
            let rows = match mark.kind {
                MarkKind::Dead => &mut self.dead,
                MarkKind::Shadowed => &mut self.shadowed,
            };
            rows.entry((mark.segment, mark.row)).or_insert(mark.version);
        }
        self.marks.extend(marks);
    }
}
