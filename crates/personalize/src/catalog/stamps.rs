//! The times that resources are made at.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Gives times that strictly increase, whatever the clock does: a list's order is that of creation.
#[derive(Debug)]
pub(super) struct Stamps {
    last: AtomicU64,
}

impl Stamps {
    /// Times after `last`.
    pub fn after(last: u64) -> Stamps {
        Stamps { last: AtomicU64::new(last) }
    }

    /// The time now, or the next millisecond that was not given yet.
    pub fn next(&self) -> u64 {
        let now = now_ms();
        let mut given = now;
        let step = |last: u64| {
            given = now.max(last.saturating_add(1));
            Some(given)
        };
        // The closure always answers, so the update cannot fail.
        let _ = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step);
        given
    }
}

/// Milliseconds since 1970-01-01 UTC.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
