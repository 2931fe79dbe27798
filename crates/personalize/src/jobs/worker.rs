//! A thread that runs jobs one at a time, in the order of their creation.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use restock::Cancel;

use crate::catalog::ResourceId;

/// A thread and the jobs that wait for it.
#[derive(Debug)]
pub(super) struct Worker {
    name: String,
    queue: Arc<Queue>,
    /// None once it was joined.
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Jobs by the time of their creation, which no two have in common.
    waiting: BTreeMap<u64, ResourceId>,
    /// Stops what runs.
    cancel: Cancel,
    stopped: bool,
    /// The thread runs nothing any more.
    ended: bool,
}

impl Worker {
    /// Starts the thread.
    pub fn start(name: &str, run: impl Fn(&ResourceId, &Cancel) + Send + 'static) -> io::Result<Worker> {
        let queue = Arc::new(Queue::default());
        let jobs = queue.clone();
        let work = move || {
            while let Some((id, cancel)) = jobs.next() {
                run(&id, &cancel);
            }
            // What `run` holds goes first, the store with it: who joins may open it again.
            drop(run);
            jobs.lock().ended = true;
            jobs.changed.notify_all();
        };
        let thread = std::thread::Builder::new().name(format!("restock-{name}")).spawn(work)?;
        Ok(Worker { name: name.to_owned(), queue, thread: Mutex::new(Some(thread)) })
    }

    /// The thread's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a job; `created` is its place in the order. None is added after the stop: the next start settles it.
    pub fn submit(&self, created: u64, id: ResourceId) {
        let mut state = self.queue.lock();
        if !state.stopped {
            state.waiting.insert(created, id);
        }
        drop(state);
        self.queue.changed.notify_all();
    }

    /// Cancels the job that runs and begins no other. Those that waited.
    pub fn stop(&self) -> Vec<ResourceId> {
        let mut state = self.queue.lock();
        state.stopped = true;
        state.cancel.cancel();
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        self.queue.changed.notify_all();
        waiting.into_values().collect()
    }

    /// Waits for the thread's end after a [`stop`](Self::stop); whether it came in time.
    pub fn join(&self, until: Instant) -> bool {
        let mut state = self.queue.lock();
        while !state.ended {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.queue.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Jobs' panics are caught, so there is none to hear of.
        thread.is_none_or(|thread| thread.join().is_ok())
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, when there is one; none after the stop.
    fn next(&self) -> Option<(ResourceId, Cancel)> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some((_, id)) = state.waiting.pop_first() {
                return Some((id, state.cancel.clone()));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
