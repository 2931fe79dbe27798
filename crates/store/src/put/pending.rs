//! Puts that are under way.

use std::sync::Arc;

use super::{Durability, PutReport};
use crate::error::Result;
use crate::log::{LogWriter, Ticket};
use crate::snapshot::Current;
use crate::store::Store;

/// A put whose version is settled, and which [`wait`](Self::wait) makes durable. Who begins many before waiting for
/// them shares one sync among them.
///
/// Dropped, it counts all the same: it becomes durable and visible with the next put that is waited for.
#[derive(Debug)]
#[must_use = "the put is durable only after `wait`"]
pub struct PendingPut {
    pub(super) store: Store,
    pub(super) report: PutReport,
    /// What is to be waited for; nothing if the batch had no row.
    pub(super) written: Option<Written>,
}

/// A frame in the log's buffer.
#[derive(Debug)]
pub(super) struct Written {
    pub log: Arc<LogWriter>,
    pub ticket: Ticket,
    /// The state that the put belongs to.
    pub current: Arc<Current>,
    /// Whether the log was flushed for it.
    pub flushed: bool,
    pub frame_bytes: u64,
}

impl PendingPut {
    /// The version that it makes.
    pub fn version(&self) -> u64 {
        self.report.version
    }

    /// Returns when the put, and all that were begun before it, are durable.
    ///
    /// # Errors
    /// [`Error::Poisoned`](crate::Error::Poisoned): whether it is found when the store is opened again is not known.
    pub fn wait(self) -> Result<PutReport> {
        self.settle(Durability::Synced)
    }

    pub(super) fn settle(self, durability: Durability) -> Result<PutReport> {
        let writer = self.store.writer("put")?;
        let Some(written) = self.written else { return Ok(self.report) };
        let settled = match durability {
            Durability::Synced => written.log.wait(written.ticket),
            Durability::Buffered => written.log.flush_buffered(),
        };
        settled.map_err(|e| writer.poison(e))?;
        written.current.show(self.report.version);
        self.store.tidy(writer, written.flushed, written.frame_bytes);
        Ok(self.report)
    }
}
