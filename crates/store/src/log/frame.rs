//! The bytes of a frame; the layout stands at the head of [`log`](super).

use bytes::{Buf, BufMut};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::LogError;

/// The payload of one frame: the length has 32 bits, and a batch this large belongs into an import.
pub(crate) const PAYLOAD_LIMIT_BYTES: usize = 1 << 30;
/// Every frame begins and ends at a multiple of this.
pub(super) const ALIGN_BYTES: usize = 8;
/// The length of a frame without its payload.
pub(super) const FRAME_HEADER_BYTES: usize = 40;

const CHECKSUM_BYTES: usize = 8;
const SYNCED_AT: usize = 24;
const MAGIC: u32 = u32::from_le_bytes(*b"RSTF");

/// What a frame does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum FrameKind {
    /// Records put.
    Put = 1,
    /// Records deleted.
    Delete = 2,
    /// The end of a log that was closed cleanly.
    Seal = 3,
    /// Records put into and deleted from several datasets.
    Batch = 4,
}

impl FrameKind {
    pub(super) fn from_code(code: u32) -> Option<Self> {
        [Self::Put, Self::Delete, Self::Seal, Self::Batch].into_iter().find(|kind| *kind as u32 == code)
    }
}

/// The fields in front of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    checksum: u64,
    magic: u32,
    pub(super) payload_bytes: usize,
    pub(super) version: u64,
    pub(super) synced: u64,
    pub(super) dataset: u32,
    pub(super) kind: u32,
}

impl FrameHeader {
    /// The first fields of `bytes`, true or not; `None` if there are too few.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = bytes.get(..FRAME_HEADER_BYTES)?;
        Some(Self {
            checksum: fields.get_u64_le(),
            magic: fields.get_u32_le(),
            payload_bytes: fields.get_u32_le() as usize,
            version: fields.get_u64_le(),
            synced: fields.get_u64_le(),
            dataset: fields.get_u32_le(),
            kind: fields.get_u32_le(),
        })
    }

    /// Whether it says that a frame begins here.
    pub(super) fn is_marked(&self) -> bool {
        self.magic == MAGIC
    }

    /// The length of the frame with payload and padding.
    pub(super) fn frame_bytes(&self) -> usize {
        FRAME_HEADER_BYTES + self.payload_bytes.next_multiple_of(ALIGN_BYTES)
    }

    /// What already the fields rule out, before the payload is read: `bytes` begins with the frame at
    /// file offset `offset` and ends with the file.
    pub(super) fn plausible(&self, bytes: &[u8], offset: u64) -> Result<(), &'static str> {
        if !self.is_marked() {
            Err("no frame begins here")
        } else if self.frame_bytes() > bytes.len() {
            Err("the frame is cut off")
        } else if self.synced > offset {
            Err("the frame claims a sync of what comes after it")
        } else {
            Ok(())
        }
    }

    /// Whether the frame, found plausible, is the one that was written here.
    pub(super) fn checksum_holds(&self, bytes: &[u8], log_id: u64, offset: u64) -> bool {
        let summed = bytes.get(CHECKSUM_BYTES..self.frame_bytes());
        summed.is_some_and(|summed| checksum(summed, log_id, offset) == self.checksum)
    }
}

/// Appends a frame that lacks what only its writing decides: [`finish`] sets it.
pub(super) fn push(
    frames: &mut Vec<u8>,
    version: u64,
    dataset: u32,
    kind: FrameKind,
    payload: &[u8],
) -> Result<(), LogError> {
    let too_large = LogError::TooLarge { bytes: payload.len() };
    let length = u32::try_from(payload.len()).map_err(|_| too_large.clone())?;
    if payload.len() > PAYLOAD_LIMIT_BYTES {
        return Err(too_large);
    }
    frames.reserve(FRAME_HEADER_BYTES + payload.len() + ALIGN_BYTES);
    frames.put_u64_le(0);
    frames.put_u32_le(MAGIC);
    frames.put_u32_le(length);
    frames.put_u64_le(version);
    frames.put_u64_le(0);
    frames.put_u32_le(dataset);
    frames.put_u32_le(kind as u32);
    frames.put_slice(payload);
    frames.resize(frames.len().next_multiple_of(ALIGN_BYTES), 0);
    Ok(())
}

/// Stamps frames that are to be written from file offset `offset` with how far the log is synced, and
/// sums them up.
pub(super) fn finish(frames: &mut [u8], log_id: u64, mut offset: u64, synced: u64) {
    let mut rest = frames;
    while let Some(header) = FrameHeader::read(rest) {
        let Some((frame, behind)) = rest.split_at_mut_checked(header.frame_bytes()) else { return };
        if let Some(field) = frame.get_mut(SYNCED_AT..SYNCED_AT + 8) {
            field.copy_from_slice(&synced.to_le_bytes());
        }
        if let Some((field, summed)) = frame.split_at_mut_checked(CHECKSUM_BYTES) {
            field.copy_from_slice(&checksum(summed, log_id, offset).to_le_bytes());
        }
        offset += frame.len() as u64;
        rest = behind;
    }
}

fn checksum(summed: &[u8], log_id: u64, offset: u64) -> u64 {
    let mut place = [0; 16];
    (&mut place[..]).put_u64_le(log_id);
    (&mut place[8..]).put_u64_le(offset);
    xxh3_64_with_seed(summed, xxh3_64(&place))
}
