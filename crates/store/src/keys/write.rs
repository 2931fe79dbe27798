//! Writes a key index: collects fingerprints in row order, sorts them, in runs on disk beyond a limit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::error::{Error, Result};
use crate::files::{self, KEYS_MAGIC};
use crate::ids::SegmentIds;
use crate::segment::KeysMeta;
use crate::storage::{Storage, WriteFile};
use crate::threads::apart;

/// Length of the header.
pub(super) const HEADER_BYTES: usize = 64;
/// The unit of checksumming: verified when first touched.
pub(super) const BLOCK_BYTES: usize = 64 << 10;
/// Entries a directory slot should hold on average.
const ENTRIES_PER_SLOT: u64 = 8;
/// Entries kept in memory (16 bytes each): 64 MiB. Beyond it, sorted runs go to disk.
const ENTRIES_IN_MEMORY: usize = (64 << 20) / 16;
/// A run's entry on disk: fingerprint and row.
const RUN_ENTRY_BYTES: usize = 12;

/// Entries are gathered by the top bits of their fingerprints: what is sorted at once fits the processor's cache, and
/// threads sort beside each other.
const BUCKET_BITS: u32 = 6;

/// A fingerprint and its row.
type Entry = (u64, u32);

/// The fingerprints of a segment being written.
#[derive(Debug)]
pub(crate) struct KeysWriter {
    storage: Arc<dyn Storage>,
    ids: Arc<SegmentIds>,
    buckets: Vec<Vec<Entry>>,
    /// How many there are in all buckets.
    entries: usize,
    entries_max: usize,
    runs: Vec<String>,
    count: u64,
}

impl KeysWriter {
    /// A writer for one segment.
    pub fn new(storage: Arc<dyn Storage>, ids: Arc<SegmentIds>) -> KeysWriter {
        KeysWriter {
            storage,
            ids,
            buckets: vec![Vec::new(); 1 << BUCKET_BITS],
            entries: 0,
            entries_max: ENTRIES_IN_MEMORY,
            runs: Vec::new(),
            count: 0,
        }
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn with_entries_max(mut self, entries_max: usize) -> KeysWriter {
        self.entries_max = entries_max;
        self
    }

    /// Adds the fingerprints of consecutive rows.
    pub fn extend(&mut self, first_row: u32, fingerprints: &[u64]) -> Result<()> {
        if self.entries > 0 && self.entries + fingerprints.len() > self.entries_max {
            self.spill()?;
        }
        self.count += fingerprints.len() as u64;
        self.entries += fingerprints.len();
        for entry in fingerprints.iter().copied().zip(first_row..) {
            if let Some(bucket) = self.buckets.get_mut((entry.0 >> (64 - BUCKET_BITS)) as usize) {
                bucket.push(entry);
            }
        }
        Ok(())
    }

    fn sort(&mut self) {
        apart(|| self.buckets.par_iter_mut().for_each(|bucket| bucket.sort_unstable()));
    }

    fn spill(&mut self) -> Result<()> {
        self.sort();
        let path = files::run(self.ids.next());
        let failed = |e| Error::io(format!("write {path}"), e);
        let mut file = self.storage.create(&path).map_err(failed)?;
        self.runs.push(path.clone());
        let mut bytes = Vec::with_capacity(RUN_ENTRY_BYTES * 8192);
        for entries in self.buckets.iter().flat_map(|bucket| bucket.chunks(8192)) {
            bytes.clear();
            for (fingerprint, row) in entries {
                bytes.extend_from_slice(&fingerprint.to_le_bytes());
                bytes.extend_from_slice(&row.to_le_bytes());
            }
            file.write_all(&bytes).map_err(failed)?;
        }
        file.flush().map_err(failed)?;
        self.buckets.iter_mut().for_each(Vec::clear);
        self.entries = 0;
        Ok(())
    }

    /// Writes the key index of segment `id`.
    pub fn write(mut self, id: u64) -> Result<WrittenKeys> {
        let path = files::keys(id);
        let file = self.storage.create(&path).map_err(|e| Error::io(format!("create {path}"), e))?;
        if self.runs.is_empty() {
            self.sort();
            return Output::new(file, path, self.count).write(|| self.buckets.iter().flatten().copied());
        }
        if self.entries > 0 {
            self.spill()?;
        }
        let map = |run: &String| self.storage.map(run).map_err(|e| Error::io(format!("open {run}"), e));
        let runs = self.runs.iter().map(map).collect::<Result<Vec<Bytes>>>()?;
        Output::new(file, path, self.count).write(|| Merge::new(&runs))
    }
}

impl Drop for KeysWriter {
    fn drop(&mut self) {
        for run in &self.runs {
            // What cannot be removed is swept at the next opening for writing.
            drop(self.storage.remove(run));
        }
    }
}

/// A key index that is written, but not durable yet.
pub(crate) struct WrittenKeys {
    file: Box<dyn WriteFile>,
    path: String,
    meta: KeysMeta,
    /// Whether all fingerprints differ: no record ID comes twice then.
    distinct: bool,
}

impl WrittenKeys {
    /// Whether no record ID can come twice, since all fingerprints differ.
    pub fn is_distinct(&self) -> bool {
        self.distinct
    }

    /// Durable.
    pub fn synced(mut self) -> Result<KeysMeta> {
        self.file.sync().map_err(|e| Error::io(format!("sync {}", self.path), e))?;
        Ok(self.meta)
    }
}

/// The file being written: directory, fingerprints and rows are three sections, so the entries are gone
/// through three times.
struct Output {
    file: Box<dyn WriteFile>,
    path: String,
    count: u64,
    block: Vec<u8>,
    sums: Vec<u64>,
    data_bytes: u64,
}

impl Output {
    fn new(file: Box<dyn WriteFile>, path: String, count: u64) -> Output {
        Output { file, path, count, block: Vec::with_capacity(BLOCK_BYTES), sums: Vec::new(), data_bytes: 0 }
    }

    fn write<I: Iterator<Item = Entry>>(mut self, entries: impl Fn() -> I) -> Result<WrittenKeys> {
        let bits = directory_bits(self.count);
        let sections = Sections::new(self.count, bits);
        let header = header(self.count, bits, sections.end);
        self.raw(&header)?;
        let (mut slot, mut before, mut distinct) = (0, None, true);
        for (at, (fingerprint, _)) in entries().enumerate() {
            distinct &= before != Some(fingerprint);
            before = Some(fingerprint);
            while slot <= slot_of(fingerprint, bits) {
                self.data(&(at as u32).to_le_bytes())?;
                slot += 1;
            }
        }
        while slot <= 1 << bits {
            self.data(&(self.count as u32).to_le_bytes())?;
            slot += 1;
        }
        self.pad_to(sections.fingerprints)?;
        for (fingerprint, _) in entries() {
            self.data(&fingerprint.to_le_bytes())?;
        }
        for (_, row) in entries() {
            self.data(&row.to_le_bytes())?;
        }
        self.pad_to(sections.end)?;
        self.end_block()?;
        let sums: Vec<u8> = self.sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        self.raw(&sums)?;
        self.file.start_writeback();
        let mut sum = Xxh3::new();
        sum.update(&header);
        sum.update(&sums);
        let bytes = HEADER_BYTES as u64 + sections.end + sums.len() as u64;
        let meta = KeysMeta { bytes, sum: sum.digest() };
        Ok(WrittenKeys { file: self.file, path: self.path, meta, distinct })
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| Error::io(format!("write {}", self.path), e))
    }

    #[inline]
    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        self.block.extend_from_slice(bytes);
        self.data_bytes += bytes.len() as u64;
        if self.block.len() >= BLOCK_BYTES { self.end_block() } else { Ok(()) }
    }

    fn pad_to(&mut self, length: u64) -> Result<()> {
        while self.data_bytes < length {
            self.data(&[0; 4])?;
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.sums.push(xxh3_64(&self.block));
        let block = std::mem::take(&mut self.block);
        self.raw(&block)?;
        self.block = block;
        self.block.clear();
        Ok(())
    }
}

/// Where the sections of the data region begin, counted from the end of the header. All lengths are
/// multiples of 4, so that a value never crosses two blocks unevenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sections {
    pub fingerprints: u64,
    pub rows: u64,
    pub end: u64,
}

impl Sections {
    pub fn new(count: u64, bits: u32) -> Sections {
        let fingerprints = (4 * ((1u64 << bits) + 1)).next_multiple_of(8);
        let rows = fingerprints + 8 * count;
        Sections { fingerprints, rows, end: (rows + 4 * count).next_multiple_of(8) }
    }
}

/// The number of top bits of a fingerprint that choose a directory slot.
fn directory_bits(count: u64) -> u32 {
    (count / ENTRIES_PER_SLOT).max(1).ilog2().min(28)
}

/// The directory slot of a fingerprint.
pub(super) fn slot_of(fingerprint: u64, bits: u32) -> u64 {
    if bits == 0 { 0 } else { fingerprint >> (64 - bits) }
}

pub(super) fn header(count: u64, bits: u32, data_bytes: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let fields = [
        (0, KEYS_MAGIC),
        (8, count.to_le_bytes()),
        (16, u64::from(bits).to_le_bytes()),
        (24, (BLOCK_BYTES as u64).to_le_bytes()),
        (32, data_bytes.to_le_bytes()),
    ];
    for (at, bytes) in fields {
        if let Some(place) = header.get_mut(at..at + 8) {
            place.copy_from_slice(&bytes);
        }
    }
    header
}

/// Merges sorted runs.
struct Merge<'a> {
    runs: &'a [Bytes],
    heads: BinaryHeap<Reverse<(u64, u32, usize, usize)>>,
}

impl<'a> Merge<'a> {
    fn new(runs: &'a [Bytes]) -> Merge<'a> {
        let mut merge = Merge { runs, heads: BinaryHeap::with_capacity(runs.len()) };
        for run in 0..runs.len() {
            merge.push(run, 0);
        }
        merge
    }

    fn push(&mut self, run: usize, at: usize) {
        let entry =
            self.runs.get(run).and_then(|run| run.get(at * RUN_ENTRY_BYTES..(at + 1) * RUN_ENTRY_BYTES));
        if let Some((fingerprint, row)) = entry.and_then(|entry| entry.split_first_chunk::<8>())
            && let Some(row) = row.first_chunk::<4>()
        {
            let (fingerprint, row) = (u64::from_le_bytes(*fingerprint), u32::from_le_bytes(*row));
            self.heads.push(Reverse((fingerprint, row, run, at)));
        }
    }
}

impl Iterator for Merge<'_> {
    type Item = (u64, u32);

    fn next(&mut self) -> Option<(u64, u32)> {
        let Reverse((fingerprint, row, run, at)) = self.heads.pop()?;
        self.push(run, at + 1);
        Some((fingerprint, row))
    }
}
