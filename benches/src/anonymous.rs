//! How much anonymous memory this process has taken at most. Linux only, where the kernel tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Looks at the memory of this process from when it is made on.
#[derive(Debug)]
pub struct AnonymousPeak(Arc<AtomicU64>);

/// Often enough to see what lasts; a peak that is shorter is not seen.
const EVERY: Duration = Duration::from_millis(2);

impl AnonymousPeak {
    /// Begins to look.
    pub fn watch() -> AnonymousPeak {
        let peak = Arc::new(AtomicU64::new(0));
        let watched = Arc::downgrade(&peak);
        std::thread::spawn(move || {
            while let Some(peak) = watched.upgrade() {
                peak.fetch_max(anonymous_kb().unwrap_or(0), Ordering::Relaxed);
                drop(peak);
                std::thread::sleep(EVERY);
            }
        });
        AnonymousPeak(peak)
    }

    /// In megabytes of 10^6 bytes; 0 where the kernel does not tell.
    pub fn megabytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed) * 1024 / 1_000_000
    }
}

fn anonymous_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
