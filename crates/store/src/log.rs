//! The record log: the individual puts and deletes of all datasets, in the order of their versions
//! (S7; design section 4, "Record log").
//!
//! All integers are little-endian; every part begins at a multiple of 8 bytes.
//!
//! ```text
//! header, 32 bytes
//!    0   8  magic, "RSTLOG\r\n"
//!    8   4  format version, 1
//!   12   4  zero
//!   16   8  log id: the version that the log's first frame has or a later one
//!   24   8  xxh3-64 of bytes 0 to 24
//! frame, 40 bytes and the payload
//!    0   8  xxh3-64 of bytes 8 to the end of the padding;
//!           seed: xxh3-64 of log id and file offset of the frame (16 bytes)
//!    8   4  magic, "RSTF"
//!   12   4  length of the payload in bytes
//!   16   8  version
//!   24   8  synced: the file offset up to which the log had been synced when this was written
//!   32   4  dataset number, 0 in a seal and a batch
//!   36   4  kind: 1 put, 2 delete, 3 seal, 4 batch
//!   40   n  payload, then zeros to a multiple of 8
//! ```
//!
//! Frames follow each other without a gap; behind the last one there are zeros, filled in ahead of need.
//! The seed ties a frame to its place: an old frame in a recycled block or a copied file is no frame.
//!
//! The first thing that is no frame ends the log. It is **damage** if a valid frame further on says that
//! this place had been synced, or if that is undecidable; otherwise it is the **torn tail** of a group
//! that never became durable. Groups are synced in turn and a frame is stamped as it is written, so any
//! frame of the next group convicts damage in the one before. A clean close syncs all and then writes the
//! seal, which convicts damage anywhere before it; behind a seal there is nothing but zeros.

mod file;
mod frame;
#[cfg(feature = "fuzzing")]
#[expect(clippy::indexing_slicing, clippy::panic, reason = "a fuzz target fails by panicking")]
pub(crate) mod fuzzing;
mod group;
mod parts;
mod replay;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use file::FIRST_FRAME;
pub(crate) use frame::{FrameKind, PAYLOAD_LIMIT_BYTES};
pub(crate) use group::Ticket;
pub(crate) use parts::{Part, read_parts, write_parts};
pub(crate) use replay::{newer_frame, replay};
pub(crate) use writer::LogWriter;

/// What can go wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogError {
    /// A write or sync failed; what of the log is on disk is not known, so nothing more is written to it.
    #[error("{0}")]
    Poisoned(String),
    /// The log was closed.
    #[error("the log was closed")]
    Sealed,
    /// One batch is more than a frame holds.
    #[error(
        "one batch takes {bytes} bytes in the log and may take {PAYLOAD_LIMIT_BYTES}; put fewer records at a time"
    )]
    TooLarge {
        /// Length of the payload.
        bytes: usize,
    },
    /// Versions must increase from frame to frame.
    #[error("version {version} was to follow version {last} in the log")]
    OutOfOrder {
        /// The last version in the log.
        last: u64,
        /// The one refused.
        version: u64,
    },
    /// The file does not hold what was written to it.
    #[error("at byte {offset}: {detail}")]
    Damaged {
        /// Where in the file.
        offset: u64,
        /// What does not fit.
        detail: String,
    },
    /// A newer Restock wrote the file.
    #[error("log format {found} is newer than {supported}, the newest this version reads")]
    NewerFormat {
        /// The format version in the file.
        found: u32,
        /// The newest that is understood.
        supported: u32,
    },
}

impl LogError {
    fn damaged(offset: u64, detail: impl Into<String>) -> Self {
        Self::Damaged { offset, detail: detail.into() }
    }
}
