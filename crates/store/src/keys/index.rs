//! Reads a key index from its mapping, verified by block at first touch.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::write::{BLOCK_BYTES, HEADER_BYTES, Sections, slot_of};
use crate::error::{Error, Result};
use crate::files::{self, KEYS_MAGIC};
use crate::prefetch::prefetch;
use crate::segment::KeysMeta;
use crate::storage::Storage;

/// An open key index.
#[derive(Debug)]
pub(crate) struct KeyIndex {
    path: String,
    bytes: Bytes,
    sum: u64,
    rows: u64,
    layout: OnceLock<Layout>,
}

#[derive(Debug)]
struct Layout {
    count: usize,
    bits: u32,
    fingerprints: usize,
    rows: usize,
    data_end: usize,
    verified: Vec<AtomicBool>,
}

impl KeyIndex {
    /// Maps the key index of segment `id`, which has `rows` rows.
    pub fn open(storage: &dyn Storage, id: u64, meta: &KeysMeta, rows: u64) -> Result<KeyIndex> {
        let path = files::keys(id);
        let bytes = storage.map(&path).map_err(|e| Error::io(format!("open {path}"), e))?;
        if bytes.len() as u64 != meta.bytes {
            let detail = format!("it has {} bytes where {} were written", bytes.len(), meta.bytes);
            return Err(Error::damaged(&path, None, detail));
        }
        Ok(KeyIndex { path, bytes, sum: meta.sum, rows, layout: OnceLock::new() })
    }

    /// The mapped file and its path.
    pub fn file(&self) -> (&str, &Bytes) {
        (&self.path, &self.bytes)
    }

    fn damaged(&self, offset: usize, detail: &str) -> Error {
        Error::damaged(&self.path, Some(offset as u64), detail)
    }

    fn layout(&self) -> Result<&Layout> {
        if let Some(layout) = self.layout.get() {
            return Ok(layout);
        }
        let word =
            |at: usize| self.bytes.get(at..at + 8)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word));
        let (Some(count), Some(bits), Some(data)) = (word(8), word(16), word(32)) else {
            return Err(self.damaged(0, "it is shorter than its header"));
        };
        let data_end = (HEADER_BYTES as u64).checked_add(data).and_then(|end| usize::try_from(end).ok());
        let sums = data_end.and_then(|end| self.bytes.get(end..));
        let (Some(data_end), Some(sums), Some(header)) = (data_end, sums, self.bytes.get(..HEADER_BYTES))
        else {
            return Err(self.damaged(0, "its header does not fit its length"));
        };
        let mut hash = Xxh3::new();
        hash.update(header);
        hash.update(sums);
        if hash.digest() != self.sum || !header.starts_with(&KEYS_MAGIC) {
            return Err(self.damaged(0, "the checksum of its header does not fit"));
        }
        // Past the checksum these hold by construction; they are what reading relies on.
        let blocks = (data as usize).div_ceil(BLOCK_BYTES);
        let bits = u32::try_from(bits).ok().filter(|bits| *bits <= 28);
        let is_count = count == self.rows && u32::try_from(count).is_ok();
        let sections = bits.filter(|_| is_count).map(|bits| (bits, Sections::new(count, bits)));
        let Some((bits, sections)) = sections.filter(|(_, s)| s.end == data && sums.len() == 8 * blocks)
        else {
            return Err(self.damaged(0, "its header does not fit the segment"));
        };
        Ok(self.layout.get_or_init(|| Layout {
            count: count as usize,
            bits,
            fingerprints: HEADER_BYTES + sections.fingerprints as usize,
            rows: HEADER_BYTES + sections.rows as usize,
            data_end,
            verified: (0..blocks).map(|_| AtomicBool::new(false)).collect(),
        }))
    }

    /// Verifies the blocks that a byte range touches.
    fn verify_range(&self, layout: &Layout, range: &Range<usize>) -> Result<()> {
        let first = (range.start - HEADER_BYTES) / BLOCK_BYTES;
        let last = (range.end.max(range.start + 1) - 1 - HEADER_BYTES) / BLOCK_BYTES;
        for block in first..=last {
            let Some(verified) = layout.verified.get(block) else {
                return Err(self.damaged(range.start, "an entry lies outside of it"));
            };
            if verified.load(Ordering::Relaxed) {
                continue;
            }
            let start = HEADER_BYTES + block * BLOCK_BYTES;
            let bytes = self.bytes.get(start..(start + BLOCK_BYTES).min(layout.data_end)).unwrap_or_default();
            let sum_at = layout.data_end + 8 * block;
            let sum = self.bytes.get(sum_at..sum_at + 8).and_then(|sum| sum.first_chunk::<8>());
            if sum.map(|sum| u64::from_le_bytes(*sum)) != Some(xxh3_64(bytes)) {
                return Err(self.damaged(start, "the checksum of a block does not fit"));
            }
            verified.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn u32_at(&self, at: usize) -> u32 {
        self.bytes.get(at..at + 4).and_then(|b| b.first_chunk::<4>()).map_or(0, |b| u32::from_le_bytes(*b))
    }

    fn u64_at(&self, at: usize) -> u64 {
        self.bytes.get(at..at + 8).and_then(|b| b.first_chunk::<8>()).map_or(0, |b| u64::from_le_bytes(*b))
    }

    /// The number of entries: one a row.
    pub fn len(&self) -> Result<usize> {
        Ok(self.layout()?.count)
    }

    /// The entries whose fingerprint is `fingerprint`, by row: positions to give to [`row`](Self::row).
    pub fn find(&self, fingerprint: u64) -> Result<Range<usize>> {
        let layout = self.layout()?;
        let slot = HEADER_BYTES + 4 * slot_of(fingerprint, layout.bits) as usize;
        self.verify_range(layout, &(slot..slot + 8))?;
        let (start, end) = (self.u32_at(slot) as usize, self.u32_at(slot + 4) as usize);
        if start > end || end > layout.count {
            return Err(self.damaged(slot, "its directory does not rise"));
        }
        if start == end {
            return Ok(0..0);
        }
        let at = |entry: usize| layout.fingerprints + 8 * entry;
        // The row is read next, if not for nothing: both are waited for at once.
        prefetch(&self.bytes, layout.rows + 4 * start);
        self.verify_range(layout, &(at(start)..at(end)))?;
        let first = self.partition_point(start..end, |entry| self.u64_at(at(entry)) < fingerprint);
        let past = self.partition_point(first..end, |entry| self.u64_at(at(entry)) == fingerprint);
        Ok(first..past)
    }

    /// Asks for the memory that [`find`](Self::find) reads first.
    pub fn prefetch(&self, fingerprint: u64) {
        let Some(layout) = self.layout.get() else { return };
        prefetch(&self.bytes, HEADER_BYTES + 4 * slot_of(fingerprint, layout.bits) as usize);
    }

    /// Asks for the memory that it reads next.
    pub fn prefetch_entries(&self, fingerprint: u64) {
        let Some(layout) = self.layout.get() else { return };
        let start = self.u32_at(HEADER_BYTES + 4 * slot_of(fingerprint, layout.bits) as usize) as usize;
        prefetch(&self.bytes, layout.fingerprints + 8 * start);
        prefetch(&self.bytes, layout.rows + 4 * start);
    }

    /// The first of rising entries that does not meet `before`. A slot holds a few entries, unless one record
    /// ID came very often.
    fn partition_point(&self, entries: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
        let (mut first, mut end) = (entries.start, entries.end);
        while first < end {
            let middle = first + (end - first) / 2;
            if before(middle) { first = middle + 1 } else { end = middle }
        }
        first
    }

    /// The row of an entry.
    pub fn row(&self, entry: usize) -> Result<u32> {
        let layout = self.layout()?;
        let at = layout.rows + 4 * entry;
        self.verify_range(layout, &(at..at + 4))?;
        let row = self.u32_at(at);
        if entry >= layout.count || u64::from(row) >= self.rows {
            return Err(self.damaged(at, "it names a row that the segment does not have"));
        }
        Ok(row)
    }

    /// The fingerprint of an entry.
    pub fn fingerprint(&self, entry: usize) -> Result<u64> {
        let layout = self.layout()?;
        let at = layout.fingerprints + 8 * entry;
        self.verify_range(layout, &(at..at + 8))?;
        Ok(self.u64_at(at))
    }

    /// Checks every block, and that the entries are in order and name every row once.
    pub fn verify(&self) -> Result<()> {
        let layout = self.layout()?;
        self.verify_range(layout, &(HEADER_BYTES..layout.data_end))?;
        let mut seen = roaring::RoaringBitmap::new();
        let mut last = (0, 0);
        // Slots whose first entry is known.
        let mut slots = 0;
        let mut fill_to = |slot: u64, entry: usize| -> Result<()> {
            while slots <= slot {
                let at = HEADER_BYTES + 4 * slots as usize;
                if self.u32_at(at) as usize != entry {
                    return Err(self.damaged(at, "its directory does not fit its entries"));
                }
                slots += 1;
            }
            Ok(())
        };
        for entry in 0..layout.count {
            let here = (self.fingerprint(entry)?, self.row(entry)?);
            if entry > 0 && here <= last {
                return Err(self.damaged(0, "its entries are not in order"));
            }
            fill_to(slot_of(here.0, layout.bits), entry)?;
            seen.insert(here.1);
            last = here;
        }
        fill_to(1 << layout.bits, layout.count)?;
        if seen.len() != self.rows {
            return Err(self.damaged(0, "it does not name every row of the segment"));
        }
        Ok(())
    }
}
