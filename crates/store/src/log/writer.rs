//! Writing a log.

use std::io;

use super::LogError;
use super::file::{FIRST_FRAME, LogFile};
use super::frame::{self, FrameKind};
use super::group::{Group, Position, Ticket};
use crate::storage::Storage;

/// The one writer of one log. Calls may come from any thread.
///
/// After a failed write or sync every call but those about frames already durable fails with
/// [`LogError::Poisoned`], for ever: what is on disk is no longer known (design section 4, "Failure").
#[derive(Debug)]
pub(crate) struct LogWriter {
    group: Group<LogFile>,
}

impl LogWriter {
    /// Makes a log file for frames from version `log_id` on. Its content is durable on return; the caller
    /// syncs the folder and has the manifest name it.
    ///
    /// # Errors
    /// What the system reports; then there is no file of that name.
    pub(crate) fn create(storage: &dyn Storage, path: &str, log_id: u64) -> io::Result<Self> {
        let file = LogFile::create(storage, path, log_id)?;
        let start = Position { offset: FIRST_FRAME, version: log_id.saturating_sub(1) };
        Ok(Self { group: Group::new(file, start) })
    }

    /// Buffers a frame; [`wait`](Self::wait) makes it durable. Versions must increase from call to call.
    ///
    /// # Errors
    /// `Poisoned`, `Sealed`, `TooLarge`, `OutOfOrder`; then nothing was buffered.
    pub(crate) fn append(
        &self,
        version: u64,
        dataset: u32,
        kind: FrameKind,
        payload: &[u8],
    ) -> Result<Ticket, LogError> {
        self.group.append(version, |frames| frame::push(frames, version, dataset, kind, payload))
    }

    /// Returns when the frame and all before it are durable (S7).
    ///
    /// # Errors
    /// `Poisoned`: whether the frame is found when the store is opened again is not known.
    pub(crate) fn wait(&self, ticket: Ticket) -> Result<(), LogError> {
        self.group.wait(ticket)
    }

    /// Makes durable all that was appended.
    ///
    /// # Errors
    /// `Poisoned`.
    pub(crate) fn sync(&self) -> Result<(), LogError> {
        self.group.sync()
    }

    /// Hands all that was appended to the system, which keeps it if the process dies, but not if the
    /// machine does: for `Durability::Buffered`.
    ///
    /// # Errors
    /// `Poisoned`.
    pub(crate) fn flush_buffered(&self) -> Result<(), LogError> {
        self.group.write()
    }

    /// Makes all durable and marks the log as complete; nothing can be appended afterwards.
    ///
    /// # Errors
    /// `Poisoned`.
    pub(crate) fn seal(&self) -> Result<(), LogError> {
        self.group.seal(|frames, version| frame::push(frames, version, 0, FrameKind::Seal, &[]))
    }

    #[cfg(test)]
    /// The version of the last durable frame; before the first, the one before the log's first.
    pub(crate) fn synced_version(&self) -> u64 {
        self.group.synced().version
    }

    /// The end of what was appended, as a file offset: where the next frame begins.
    pub(crate) fn offset(&self) -> u64 {
        self.group.appended().offset
    }

    #[cfg(test)]
    /// How much was appended and not yet handed to the system.
    pub(crate) fn unwritten_bytes(&self) -> u64 {
        self.group.unwritten_bytes()
    }
}
