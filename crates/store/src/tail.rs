//! The tail: individual puts and deletes since the last manifest commit, as the record log holds them.
//!
//! Every manifest commit folds the tail into segments and vectors and begins an empty one, so a tail is
//! never longer than the unflushed log. It only grows: a snapshot at version `v` reads the entries up to
//! `v`, whatever comes after.

mod overlay;
mod resolve;

use std::sync::PoisonError;

use ahash::AHashMap;
use bytes::Bytes;

pub(crate) use overlay::Overlay;

use crate::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Everything since the last manifest commit.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    datasets: RwLock<AHashMap<u32, TailDataset>>,
}

impl Tail {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, AHashMap<u32, TailDataset>> {
        // No code panics while it holds the lock in a half-changed state: changes are computed before.
        self.datasets.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, AHashMap<u32, TailDataset>> {
        self.datasets.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The numbers of the datasets it has something of.
    pub fn dataset_ids(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.read().keys().copied().collect();
        ids.sort_unstable();
        ids
    }
}

/// What the tail has of one dataset.
#[derive(Debug, Default)]
pub(super) struct TailDataset {
    /// Rows in put order.
    rows: Vec<TailRow>,
    /// The latest row of each record ID, ended or not.
    latest: AHashMap<Box<[u8]>, u32>,
    /// What puts and deletes did to rows in segments, in version order.
    marks: Vec<Mark>,
    /// The rows (segment and number) that marks made dead, with the versions that did.
    dead: Marked,
    /// The rows that marks shadowed.
    shadowed: Marked,
}

/// Rows of segments, each with the version of its mark.
pub(super) type Marked = AHashMap<(u64, u32), u64>;

/// A row that was put.
#[derive(Debug)]
pub(super) struct TailRow {
    version: u64,
    /// The version that replaced or deleted it.
    ended: u64,
    /// The row of the same record ID before this one.
    previous: Option<u32>,
    bytes: Bytes,
}

/// Not ended.
const NEVER: u64 = u64::MAX;

impl TailRow {
    fn is_live_at(&self, version: u64) -> bool {
        self.version <= version && version < self.ended
    }
}

/// What a put or delete did to a row of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    version: u64,
    segment: u64,
    row: u32,
    kind: MarkKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkKind {
    Dead,
    Shadowed,
}
