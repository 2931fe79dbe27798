//! Reading a log back.

use std::io;

use bytes::Bytes;

use super::LogError;
use super::file::{FIRST_FRAME, check_header};
use super::frame::{ALIGN_BYTES, FRAME_HEADER_BYTES, FrameHeader, FrameKind};

/// A batch of puts or deletes, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The commit.
    pub(crate) version: u64,
    /// The dataset's number.
    pub(crate) dataset: u32,
    /// What it does; never a seal.
    pub(crate) kind: FrameKind,
    /// The records, shared with the bytes that were replayed.
    pub(crate) payload: Bytes,
    /// Where the frame begins in the file.
    pub(crate) offset: u64,
}

/// What a log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replay {
    /// The frames, versions increasing.
    pub(crate) frames: Vec<Frame>,
    /// End of the last frame (or seal) in the file.
    pub(crate) end: u64,
    /// Whether the log was closed cleanly.
    pub(crate) sealed: bool,
    /// What was being written when the writer died, if anything of it is there.
    pub(crate) torn: Option<TornTail>,
}

/// The remains of a group that never became durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TornTail {
    /// Where it begins in the file.
    pub(crate) offset: u64,
    /// Why there is no frame.
    pub(crate) reason: &'static str,
}

/// Reads a log from file offset `start` (0: from its first frame), given the whole file.
///
/// # Errors
/// `Damaged` and `NewerFormat`.
pub(crate) fn replay(file: &Bytes, log_id: u64, start: u64) -> Result<Replay, LogError> {
    check_header(file, log_id)?;
    let start = if start == 0 { FIRST_FRAME } else { start };
    let aligned = start >= FIRST_FRAME && start.is_multiple_of(ALIGN_BYTES as u64);
    let from = usize::try_from(start).ok().filter(|from| aligned && *from <= file.len());
    let Some(from) = from else {
        let detail = format!("the log has {} bytes and cannot be read from byte {start} on", file.len());
        return Err(LogError::damaged(start, detail));
    };
    replay_tail(&file.slice(from..), log_id, start, log_id.saturating_sub(1))
}

/// Reads on where an earlier replay ended: `tail` is the file from offset `start` on, and versions go on
/// after `last_version`.
///
/// Beside a live writer, a reader may catch the middle of one group and the end of the next, which looks
/// like damage: it must read again from the same offset before it believes that. What it finds as a torn
/// tail may be a group that is just being written.
///
/// # Errors
/// `Damaged`.
pub(crate) fn replay_tail(
    tail: &Bytes,
    log_id: u64,
    start: u64,
    last_version: u64,
) -> Result<Replay, LogError> {
    let mut frames = Vec::new();
    let mut version = last_version;
    let mut at = 0;
    loop {
        let rest = tail.get(at..).unwrap_or_default();
        let offset = start.saturating_add(at as u64);
        let header = match frame_at(rest, log_id, offset) {
            Ok(header) => header,
            Err(reason) => {
                let torn = torn_tail(rest, log_id, offset, reason)?;
                return Ok(Replay { frames, end: offset, sealed: false, torn });
            }
        };
        let end = at + header.frame_bytes();
        match FrameKind::from_code(header.kind) {
            Some(FrameKind::Seal) => {
                check_seal(&header, offset, frames.is_empty(), version)?;
                if !is_zero(tail.get(end..).unwrap_or_default()) {
                    let detail = "something stands behind the seal of a closed log";
                    return Err(LogError::damaged(start.saturating_add(end as u64), detail));
                }
                return Ok(Replay {
                    frames,
                    end: start.saturating_add(end as u64),
                    sealed: true,
                    torn: None,
                });
            }
            Some(kind) if header.version > version => {
                let payload = at + FRAME_HEADER_BYTES;
                let payload = tail.slice(payload..payload + header.payload_bytes);
                version = header.version;
                frames.push(Frame { version, dataset: header.dataset, kind, payload, offset });
            }
            Some(_) => {
                let detail = format!("version {} follows version {version}", header.version);
                return Err(LogError::damaged(offset, detail));
            }
            None => {
                let detail = format!("there is no kind {} of frame", header.kind);
                return Err(LogError::damaged(offset, detail));
            }
        }
        at = end;
    }
}

/// A seal repeats the version of the last frame, which may stand before the part that is replayed.
fn check_seal(seal: &FrameHeader, offset: u64, alone: bool, version: u64) -> Result<(), LogError> {
    if seal.version == version || alone && seal.version > version {
        return Ok(());
    }
    let detail = format!("the log was closed at version {}, and ends at version {version}", seal.version);
    Err(LogError::damaged(offset, detail))
}

/// The header of the valid frame that `bytes` begins with, or why there is none.
fn frame_at(bytes: &[u8], log_id: u64, offset: u64) -> Result<FrameHeader, &'static str> {
    let header = FrameHeader::read(bytes).ok_or("the frame is cut off")?;
    header.plausible(bytes, offset)?;
    if header.checksum_holds(bytes, log_id, offset) {
        Ok(header)
    } else {
        Err("the frame does not match its checksum")
    }
}

/// Whether the log goes on behind `version`, from the frame at file offset `offset` on. `read` gives at most so many
/// bytes from an offset on; of the log it reads a header, and of a frame that is newer the rest.
///
/// # Errors
/// Those of `read`.
pub(crate) fn newer_frame(
    read: impl Fn(u64, usize) -> io::Result<Vec<u8>>,
    log_id: u64,
    mut offset: u64,
    version: u64,
) -> io::Result<bool> {
    loop {
        let Some(header) = FrameHeader::read(&read(offset, FRAME_HEADER_BYTES)?) else { return Ok(false) };
        if !header.is_marked() {
            return Ok(false);
        }
        if header.version > version {
            // Beside a writer it may be there in part.
            let frame = read(offset, header.frame_bytes())?;
            return Ok(frame_at(&frame, log_id, offset).is_ok());
        }
        offset = offset.saturating_add(header.frame_bytes() as u64);
    }
}

/// Tells the end of the log, a torn tail and damage apart, where `rest`, from file offset `offset` on,
/// does not begin with a frame.
///
/// Bytes that only look like frames cost a checksum each, and one could place them so that they overlap.
/// Honest ones do not: so a budget of a few times the rest keeps the search linear, and whoever exceeds
/// it was not written by a log.
fn torn_tail(
    rest: &[u8],
    log_id: u64,
    offset: u64,
    reason: &'static str,
) -> Result<Option<TornTail>, LogError> {
    if is_zero(rest) {
        return Ok(None);
    }
    let mut budget = rest.len().saturating_mul(4);
    let mut at = ALIGN_BYTES;
    while let Some(header) = rest.get(at..).and_then(FrameHeader::read) {
        let bytes = rest.get(at..).unwrap_or_default();
        let place = offset.saturating_add(at as u64);
        let mut step = ALIGN_BYTES;
        if header.plausible(bytes, place).is_ok() {
            budget = budget.checked_sub(header.frame_bytes()).ok_or_else(|| {
                LogError::damaged(offset, format!("{reason}, and too much behind it resembles frames"))
            })?;
            if header.checksum_holds(bytes, log_id, place) {
                if header.synced > offset {
                    let detail = format!(
                        "{reason}, though the log was synced up to byte {}, as the frame at byte {place} says",
                        header.synced
                    );
                    return Err(LogError::damaged(offset, detail));
                }
                step = header.frame_bytes();
            }
        }
        at += step;
    }
    Ok(Some(TornTail { offset, reason }))
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(64).all(|chunk| chunk.iter().fold(0, |seen, byte| seen | byte) == 0)
}
