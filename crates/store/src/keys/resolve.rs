//! Finds rows by record ID: one ID in a segment, all IDs of one segment in another, duplicates in one.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use restock_schema::Field;
use roaring::RoaringBitmap;

use super::{KeyIndex, fingerprint};
use crate::error::Result;
use crate::segment::Segment;
use crate::state::Live;
use crate::threads::apart;
use crate::turn::Cancel;

/// Entries resolved by one task: few enough that all threads have some of a small import.
const STRIDE: usize = 8 << 10;
/// Entries whose memory is asked for before that of the first is needed.
const GROUP: usize = 32;

/// Every row of `segment` with this key, dead ones included, in row order.
pub(crate) fn rows_with_key(segment: &Segment, field: &Field, key: &[u8]) -> Result<Vec<u32>> {
    let Some(keys) = segment.keys() else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for entry in keys.find(fingerprint(key))? {
        let row = keys.row(entry)?;
        if segment.with_key(row, field, |other| other == key)? {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Asks for the memory that a look at these fingerprints reads, in the index of each of the segments.
pub(crate) fn prefetch<'a>(lives: impl Iterator<Item = &'a Live>, fingerprints: &[u64]) {
    if fingerprints.len() < 2 {
        return;
    }
    for keys in lives.filter_map(|live| live.segment.keys()) {
        fingerprints.iter().for_each(|fingerprint| keys.prefetch(*fingerprint));
        fingerprints.iter().for_each(|fingerprint| keys.prefetch_entries(*fingerprint));
    }
}

/// The last row of `segment` with this key that `is_live` says yes of.
pub(crate) fn last_row_with_key(
    segment: &Segment,
    fields: &[Field],
    field: &Field,
    key: &[u8],
    is_live: impl Fn(u32) -> Result<bool>,
) -> Result<Option<u32>> {
    let Some(keys) = segment.keys() else { return Ok(None) };
    for entry in keys.find(fingerprint(key))?.rev() {
        let row = keys.row(entry)?;
        // Whoever asks for one row reads all of it.
        segment.prefetch(row, fields);
        if segment.with_key(row, field, |other| other == key)? && is_live(row)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// All pairs (row of `of`, row of `within`) with the same key: rows of `of` that are not in `skip`, all rows
/// of `within`. With superseded rows skipped each key of `of` is asked for once, so that duplicates on both
/// sides do not multiply.
///
/// The cost follows the rows of `of`: its fingerprints are probed in order, so that neighbouring probes
/// touch neighbouring entries of `within`.
pub(crate) fn matches(
    of: &Segment,
    skip: &RoaringBitmap,
    within: &Segment,
    field: &Field,
    cancel: &Cancel,
) -> Result<Vec<(u32, u32)>> {
    let (Some(keys), Some(others)) = (of.keys(), within.keys()) else { return Ok(Vec::new()) };
    let each = |entries, found: &mut Vec<(u32, u32)>| {
        each_match((of, keys), skip, (within, others), field, entries, |row, other| found.push((row, other)))
    };
    let found = apart(|| over_entries(keys, cancel, each)?.collect::<Result<Vec<Vec<(u32, u32)>>>>())?;
    Ok(found.into_iter().flatten().collect())
}

/// The rows of `within` alone of such pairs: they take a few bytes for a thousand, whatever their number.
pub(crate) fn rows_matched(
    of: &Segment,
    skip: &RoaringBitmap,
    within: &Segment,
    field: &Field,
    cancel: &Cancel,
) -> Result<RoaringBitmap> {
    let (Some(keys), Some(others)) = (of.keys(), within.keys()) else { return Ok(RoaringBitmap::new()) };
    let each = |entries, found: &mut Vec<u32>| {
        each_match((of, keys), skip, (within, others), field, entries, |_, other| found.push(other))
    };
    apart(|| united(over_entries(keys, cancel, each)?))
}

/// Rows whose key comes again later in the segment (S5: the last in order wins).
pub(crate) fn superseded(segment: &Segment, field: &Field, cancel: &Cancel) -> Result<RoaringBitmap> {
    let Some(keys) = segment.keys() else { return Ok(RoaringBitmap::new()) };
    let count = keys.len()?;
    let each = |entries: Range<usize>, found: &mut Vec<u32>| {
        for entry in entries {
            let here = keys.fingerprint(entry)?;
            // Equal fingerprints stand in row order: look for a later row of the same key behind this one.
            for later in entry + 1..count {
                if keys.fingerprint(later)? != here {
                    break;
                }
                let (row, other) = (keys.row(entry)?, keys.row(later)?);
                let is_same = |key: &[u8]| segment.with_key(other, field, |other| other == key);
                if segment.with_key(row, field, is_same)?? {
                    found.push(row);
                    break;
                }
            }
        }
        Ok(())
    };
    apart(|| united(over_entries(keys, cancel, each)?))
}

/// The rows of `within` that have the keys of entries of `of`, with the rows of those.
fn each_match(
    (of, keys): (&Segment, &KeyIndex),
    skip: &RoaringBitmap,
    (within, others): (&Segment, &KeyIndex),
    field: &Field,
    entries: Range<usize>,
    mut then: impl FnMut(u32, u32),
) -> Result<()> {
    let mut candidates = Vec::with_capacity(GROUP);
    for start in entries.clone().step_by(GROUP) {
        for entry in start..(start + GROUP).min(entries.end) {
            let row = keys.row(entry)?;
            // Before the search: where one ID came a million times, all but one of its rows are skipped.
            if skip.contains(row) {
                continue;
            }
            for candidate in others.find(keys.fingerprint(entry)?)? {
                let other = others.row(candidate)?;
                of.prefetch_key(row);
                within.prefetch_key(other);
                candidates.push((row, other));
            }
        }
        for (row, other) in candidates.drain(..) {
            let is_same = |key: &[u8]| within.with_key(other, field, |other| other == key);
            if of.with_key(row, field, is_same)?? {
                then(row, other);
            }
        }
    }
    Ok(())
}

/// What `each` finds for the entries of an index, a task's finds together, in any number of threads.
fn over_entries<'a, T: Send + 'a>(
    keys: &KeyIndex,
    cancel: &'a Cancel,
    each: impl Fn(Range<usize>, &mut Vec<T>) -> Result<()> + Sync + Send + 'a,
) -> Result<impl ParallelIterator<Item = Result<Vec<T>>> + 'a> {
    let count = keys.len()?;
    Ok((0..count.div_ceil(STRIDE)).into_par_iter().map(move |task| {
        cancel.check()?;
        let mut found = Vec::new();
        each(task * STRIDE..((task + 1) * STRIDE).min(count), &mut found)?;
        Ok(found)
    }))
}

fn united(found: impl ParallelIterator<Item = Result<Vec<u32>>>) -> Result<RoaringBitmap> {
    let bitmap = |mut rows: Vec<u32>| -> RoaringBitmap {
        // In order they are appended; in that of their fingerprints each would be searched for.
        rows.sort_unstable();
        rows.into_iter().collect()
    };
    found.map(|rows| rows.map(bitmap)).try_reduce(RoaringBitmap::new, |one, other| Ok(one | other))
}
