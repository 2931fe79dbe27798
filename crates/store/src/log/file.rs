//! The file of a log: its header, and zeros ahead of what is written.

use std::io;

use bytes::{Buf, BufMut};
use xxhash_rust::xxh3::xxh3_64;

use super::group::Sink;
use super::{LogError, frame};
use crate::storage::{Storage, WriteFile};

/// Where the first frame stands.
pub(crate) const FIRST_FRAME: u64 = HEADER_BYTES as u64;

const HEADER_BYTES: usize = 32;
const SUMMED_BYTES: usize = 24;
const MAGIC: [u8; 8] = *b"RSTLOG\r\n";
const FORMAT: u32 = 1;

/// The zeros that a new log begins with. The filled part doubles from there, so that a store that only
/// ever holds a few records stays small and a busy one seldom stops to fill.
const FILL_MIN_BYTES: u64 = 64 << 10;
const FILL_MAX_BYTES: u64 = 4 << 20;
static ZEROS: [u8; FILL_MIN_BYTES as usize] = [0; FILL_MIN_BYTES as usize];

/// A log's file in the hands of whoever writes the next group.
///
/// Frames are written over zeros that were synced before: then their sync has no new length and no new
/// blocks to record, and costs one write instead of two or three.
#[derive(Debug)]
pub(super) struct LogFile {
    file: Box<dyn WriteFile>,
    log_id: u64,
    /// Where the next frame goes.
    end: u64,
    /// Up to where there are zeros.
    filled: u64,
    /// Whether the length changed since the last sync.
    grown: bool,
}

impl LogFile {
    /// Makes the file, its content durable; the folder that names it is left to the caller. If that fails
    /// there is no file.
    pub(super) fn create(storage: &dyn Storage, path: &str, log_id: u64) -> io::Result<Self> {
        let mut log = Self { file: storage.create(path)?, log_id, end: FIRST_FRAME, filled: 0, grown: false };
        let written = log.fill_for(FIRST_FRAME).and_then(|()| {
            log.file.write_at(0, &header(log_id))?;
            log.sync()
        });
        match written {
            Ok(()) => Ok(log),
            Err(error) => {
                // The caller must see why it failed, not why the clean-up did.
                let _ = storage.remove(path);
                Err(error)
            }
        }
    }

    /// Sees to it that zeros reach to `end` and beyond.
    fn fill_for(&mut self, end: u64) -> io::Result<()> {
        if end <= self.filled {
            return Ok(());
        }
        // Whole pieces; as the step is one at least, rounding down does not fall below `end`.
        let target = end.saturating_add(end.clamp(FILL_MIN_BYTES, FILL_MAX_BYTES));
        self.grown = true;
        while self.filled + FILL_MIN_BYTES <= target {
            self.file.write_at(self.filled, &ZEROS)?;
            self.filled += FILL_MIN_BYTES;
        }
        Ok(())
    }
}

impl Sink for LogFile {
    fn write(&mut self, frames: &mut [u8], synced: u64) -> io::Result<()> {
        let end = self.end.saturating_add(frames.len() as u64);
        self.fill_for(end)?;
        frame::finish(frames, self.log_id, self.end, synced);
        self.file.write_at(self.end, frames)?;
        self.end = end;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.grown {
            self.file.sync()?;
            self.grown = false;
            return Ok(());
        }
        self.file.sync_data()
    }
}

pub(super) fn header(log_id: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.put_slice(&MAGIC);
    header.put_u32_le(FORMAT);
    header.put_u32_le(0);
    header.put_u64_le(log_id);
    header.put_u64_le(xxh3_64(&header));
    header
}

/// Whether the file is the log that it is said to be.
pub(super) fn check_header(file: &[u8], log_id: u64) -> Result<(), LogError> {
    let Some((summed, mut checksum)) =
        file.get(..HEADER_BYTES).and_then(|header| header.split_at_checked(SUMMED_BYTES))
    else {
        return Err(LogError::damaged(
            0,
            format!("the file has {} bytes, fewer than a log's header", file.len()),
        ));
    };
    let mut fields = summed;
    let mut magic = [0; 8];
    fields.copy_to_slice(&mut magic);
    if magic != MAGIC {
        return Err(LogError::damaged(0, "the file does not begin as a log does"));
    }
    // Before the version: these bytes are the same in every format, and a flipped bit makes no newer one.
    if checksum.get_u64_le() != xxh3_64(summed) {
        return Err(LogError::damaged(0, "the log's header does not match its checksum"));
    }
    let format = fields.get_u32_le();
    if format > FORMAT {
        return Err(LogError::NewerFormat { found: format, supported: FORMAT });
    }
    if format != FORMAT || fields.get_u32_le() != 0 {
        return Err(LogError::damaged(8, format!("there is no log format {format}")));
    }
    let found = fields.get_u64_le();
    if found != log_id {
        return Err(LogError::damaged(16, format!("this is log {found}, and should be log {log_id}")));
    }
    Ok(())
}
