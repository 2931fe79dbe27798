//! What the threads of an import spend their time on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A kind of work.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    /// Reading bytes, decompressing them, cutting them into chunks.
    Split,
    /// Chunks to batches, all of it.
    Parse,
    /// Of that, finding the fields of CSV records.
    Tokenise,
    /// Of that, encoding batches for a segment.
    Encode,
}

/// Adds up over all threads. Asked for once a chunk or batch, so it costs nothing that could be measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Arc<[AtomicU64; 4]>);

impl Clock {
    /// Does work of a kind.
    pub(crate) fn time<T>(&self, task: Task, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = work();
        self.add(task, began.elapsed());
        done
    }

    /// Counts work that is done.
    pub(crate) fn add(&self, task: Task, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        if let Some(total) = self.0.get(task as usize) {
            total.fetch_add(nanoseconds, Ordering::Relaxed);
        }
    }

    /// Seconds by kind; each stands in one of them.
    pub(crate) fn seconds(&self) -> BTreeMap<String, f64> {
        let total = |task: Task| {
            self.0.get(task as usize).map_or(0.0, |total| total.load(Ordering::Relaxed) as f64 / 1e9)
        };
        let (parse, tokenise, encode) = (total(Task::Parse), total(Task::Tokenise), total(Task::Encode));
        BTreeMap::from([
            ("split".to_owned(), total(Task::Split)),
            ("tokenise".to_owned(), tokenise),
            ("convert".to_owned(), (parse - tokenise - encode).max(0.0)),
            ("encode".to_owned(), encode),
        ])
    }
}
