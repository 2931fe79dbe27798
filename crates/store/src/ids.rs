//! The counter that names segments.

use std::sync::atomic::Ordering;

use crate::sync::AtomicU64;

/// Gives every segment of a store its own number, also when several are written at once.
#[derive(Debug)]
pub(crate) struct SegmentIds(AtomicU64);

impl SegmentIds {
    /// Counts on from `next`.
    pub fn new(next: u64) -> SegmentIds {
        SegmentIds(AtomicU64::new(next))
    }

    /// A number never given before.
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    /// The number that [`next`](Self::next) would give.
    pub fn peek(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
