//! Whether there is something newer than what a reader shows.

use std::sync::atomic::Ordering;

use crate::error::{Error, Result};
use crate::log;
use crate::store::Store;
use crate::writer::current;
use crate::{files, manifest};

impl Store {
    /// Whether [`refresh`](Self::refresh) would bring a read-only handle further: somebody committed, put or deleted
    /// since. Reads `MANIFEST` and the next frame of the log; opens, maps and replays nothing, and changes nothing.
    ///
    /// Until it refreshes, a handle keeps what it has open readable, also rows that were deleted and vacuumed since.
    /// A writer is never behind.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::NewerFormat`], [`Error::Io`].
    pub fn is_behind(&self) -> Result<bool> {
        if self.writes() {
            return Ok(false);
        }
        let now = current(&self.shared);
        if manifest::read_version(&*self.storage)? != now.base.version {
            return Ok(true);
        }
        let Some(log) = now.base.log else { return Ok(false) };
        let path = files::log(log.first_version);
        let read = |offset, bytes| self.storage.read_range(&path, offset, bytes);
        let visible = now.visible.load(Ordering::Acquire);
        let from = now.log_end.max(log.start);
        match log::newer_frame(read, log.first_version, from, visible) {
            // Only a newer manifest makes the log of this one vanish.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
            found => found.map_err(|e| Error::io(format!("read {path}"), e)),
        }
    }
}
