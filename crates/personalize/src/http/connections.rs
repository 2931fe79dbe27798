//! Connections: a bounded number, of which a client that is slow or silent keeps none from another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

/// How often to look whether a connection has become idle, when all are at work.
const LOOK: Duration = Duration::from_millis(20);

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Connections {
    limit: usize,
    open: Mutex<Open>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    visits: BTreeMap<u64, Arc<Visit>>,
}

/// One connection, for as long as it lives.
#[derive(Debug)]
pub(super) struct Seat {
    number: u64,
    connections: Arc<Connections>,
    pub visit: Arc<Visit>,
}

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Visit {
    doing: Mutex<Doing>,
    sent_off: Notify,
}

#[derive(Clone, Copy, Debug)]
struct Doing {
    stage: Stage,
    since: Instant,
    sent_off: bool,
}

/// Whom a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// For the client: the next request.
    Idle,
    /// For the client: the rest of a request.
    Reading,
    /// For this server.
    Working,
}

impl Connections {
    pub fn new(limit: usize) -> Arc<Connections> {
        Arc::new(Connections { limit, open: Mutex::default(), freed: Notify::new() })
    }

    /// A place for one more. If all are taken, the connection that has waited longest for its client gives way; if none
    /// waits for its client, this waits until one does.
    pub async fn seat(self: &Arc<Connections>) -> Seat {
        loop {
            let freed = self.freed.notified();
            if let Some(seat) = self.try_seat() {
                return seat;
            }
            // It has passed, or one is free: look again.
            let _ = timeout(LOOK, freed).await;
        }
    }

    fn try_seat(self: &Arc<Connections>) -> Option<Seat> {
        let mut open = hold(&self.open);
        if open.visits.len() >= self.limit {
            let leaving = open.visits.values().any(|visit| visit.is_sent_off());
            let waiting =
                open.visits.values().filter_map(|visit| visit.waits_since().map(|since| (since, visit)));
            if let (false, Some((_, longest))) = (leaving, waiting.min_by_key(|(since, _)| *since)) {
                longest.send_off();
            }
            return None;
        }
        let number = open.next;
        open.next += 1;
        let visit = Arc::new(Visit::new());
        open.visits.insert(number, Arc::clone(&visit));
        Some(Seat { number, connections: Arc::clone(self), visit })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        hold(&self.connections.open).visits.remove(&self.number);
        self.connections.freed.notify_waiters();
    }
}

impl Visit {
    fn new() -> Visit {
        let doing = Doing { stage: Stage::Idle, since: Instant::now(), sent_off: false };
        Visit { doing: Mutex::new(doing), sent_off: Notify::new() }
    }

    /// Says what it does from now on.
    pub fn enters(&self, stage: Stage) {
        let mut doing = hold(&self.doing);
        (doing.stage, doing.since) = (stage, Instant::now());
    }

    pub fn stage(&self) -> Stage {
        hold(&self.doing).stage
    }

    /// Completes when the connection has to give way.
    pub async fn sent_off(&self) {
        self.sent_off.notified().await;
    }

    fn waits_since(&self) -> Option<Instant> {
        let doing = *hold(&self.doing);
        (doing.stage != Stage::Working).then_some(doing.since)
    }

    fn is_sent_off(&self) -> bool {
        hold(&self.doing).sent_off
    }

    fn send_off(&self) {
        hold(&self.doing).sent_off = true;
        self.sent_off.notify_one();
    }
}

/// Each change under these locks is a single step, so a panic elsewhere leaves nothing half done.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
