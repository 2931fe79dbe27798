//! The payload of a batch's frame: puts into and deletes from several datasets, which become durable as one.

use bytes::{Buf, BufMut, Bytes};

use super::frame::FrameKind;

/// The length of a part without its payload.
const PART_HEADER_BYTES: usize = 12;

/// What a batch does to one dataset: a put or a delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The dataset's number.
    pub(crate) dataset: u32,
    /// Never a batch, nor a seal.
    pub(crate) kind: FrameKind,
    /// As that of a frame of its kind.
    pub(crate) payload: Bytes,
}

/// The payload of these parts: for each its dataset, kind and length (u32 each), then its payload.
pub(crate) fn write_parts(parts: &[Part]) -> Vec<u8> {
    let bytes = parts.iter().map(|part| PART_HEADER_BYTES + part.payload.len()).sum();
    let mut payload = Vec::with_capacity(bytes);
    for part in parts {
        payload.put_u32_le(part.dataset);
        payload.put_u32_le(part.kind as u32);
        payload.put_u32_le(part.payload.len() as u32);
        payload.put_slice(&part.payload);
    }
    payload
}

/// Reads the parts of a batch's frame; `None` if it has none, or something else.
pub(crate) fn read_parts(mut payload: Bytes) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while !payload.is_empty() {
        let mut header = payload.get(..PART_HEADER_BYTES)?;
        let (dataset, kind, length) =
            (header.get_u32_le(), header.get_u32_le(), header.get_u32_le() as usize);
        let kind = FrameKind::from_code(kind)?;
        let end = PART_HEADER_BYTES.checked_add(length).filter(|end| *end <= payload.len())?;
        if !matches!(kind, FrameKind::Put | FrameKind::Delete) {
            return None;
        }
        parts.push(Part { dataset, kind, payload: payload.slice(PART_HEADER_BYTES..end) });
        payload.advance(end);
    }
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests;
