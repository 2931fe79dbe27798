//! A dataset's part of the tail as a snapshot sees it.

use ahash::AHashMap;
use bytes::Bytes;
use roaring::RoaringBitmap;

use super::{MarkKind, Tail};

/// Rows and marks of one dataset up to a version.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    /// Live rows in put order: the commit that put each, and its compact form.
    pub rows: Vec<(u64, Bytes)>,
    /// Rows of segments that became dead.
    pub dead: AHashMap<u64, RoaringBitmap>,
    /// Bulk rows that became shadowed.
    pub shadowed: AHashMap<u64, RoaringBitmap>,
}

impl Tail {
    /// What it has of dataset `id` up to `version`.
    pub fn overlay(&self, id: u32, version: u64) -> Overlay {
        let datasets = self.read();
        let Some(dataset) = datasets.get(&id) else { return Overlay::default() };
        let live = dataset.rows.iter().filter(|row| row.is_live_at(version));
        let mut overlay = Overlay {
            rows: live.map(|row| (row.version, row.bytes.clone())).collect(),
            ..Overlay::default()
        };
        for mark in dataset.marks.iter().take_while(|mark| mark.version <= version) {
            let rows = match mark.kind {
                MarkKind::Dead => &mut overlay.dead,
                MarkKind::Shadowed => &mut overlay.shadowed,
            };
            rows.entry(mark.segment).or_default().insert(mark.row);
        }
        overlay
    }

    /// The live row of a record ID at `version`: the commit that put it, and its compact form.
    pub fn get(&self, id: u32, key: &[u8], version: u64) -> Option<(u64, Bytes)> {
        let datasets = self.read();
        let dataset = datasets.get(&id)?;
        let mut next = dataset.latest.get(key).copied();
        while let Some(row) = next.and_then(|row| dataset.rows.get(row as usize)) {
            if row.version <= version {
                return row.is_live_at(version).then(|| (row.version, row.bytes.clone()));
            }
            next = row.previous;
        }
        None
    }

    /// Whether a row of a segment was made dead up to `version`.
    pub fn is_dead(&self, id: u32, segment: u64, row: u32, version: u64) -> bool {
        let datasets = self.read();
        let marked = datasets.get(&id).and_then(|dataset| dataset.dead.get(&(segment, row)));
        marked.is_some_and(|since| *since <= version)
    }

    /// Whether it has anything of dataset `id`.
    pub fn has(&self, id: u32) -> bool {
        self.read().contains_key(&id)
    }
}
