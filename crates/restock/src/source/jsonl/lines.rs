//! Cuts a byte stream into chunks of whole lines.

use std::io::Read;
use std::sync::Arc;

use super::JsonPlan;
use crate::source::error::SourceError;
use crate::source::stream::ByteStream;

/// Whole lines of a file.
#[derive(Debug)]
pub(in crate::source) struct JsonChunk {
    pub(super) bytes: Vec<u8>,
    /// Where they begin in the decompressed file.
    pub(super) offset: u64,
    /// The physical line they begin with, from 1.
    pub(super) line: u64,
}

impl JsonChunk {
    /// The same lines in pieces of so many.
    pub(in crate::source) fn pieces(&self, lines: usize) -> impl Iterator<Item = JsonChunk> + '_ {
        let (mut rest, mut offset, mut line) = (self.bytes.as_slice(), self.offset, self.line);
        std::iter::from_fn(move || {
            let end = memchr::memchr_iter(b'\n', rest).nth(lines.max(1) - 1).map_or(rest.len(), |at| at + 1);
            let (bytes, later) = rest.split_at_checked(end).filter(|(bytes, _)| !bytes.is_empty())?;
            let piece = JsonChunk { bytes: bytes.to_vec(), offset, line };
            (rest, offset, line) = (later, offset + bytes.len() as u64, line + lines as u64);
            Some(piece)
        })
    }
}

/// Reads a file in chunks that depend on the file and the options only.
pub(in crate::source) struct JsonReader {
    stream: ByteStream,
    plan: Arc<JsonPlan>,
    pending: Vec<u8>,
    offset: u64,
    line: u64,
    ended: bool,
}

/// What some programs begin UTF-8 with.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl JsonReader {
    /// # Errors
    /// An input that cannot be read, is not UTF-8, or holds one JSON array.
    pub(in crate::source) fn open(mut stream: ByteStream, plan: Arc<JsonPlan>) -> Result<Self, SourceError> {
        let head = stream.peek()?;
        let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
        // JSON begins with ASCII, which in wide encodings has a NUL beside it.
        if marked || head.iter().take(4).any(|&byte| byte == 0) {
            let detail = "this is UTF-16 or UTF-32 text, or no text: only UTF-8 is read, convert it (for example: iconv)";
            return Err(SourceError::format(stream.name(), detail));
        }
        let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
        let mark = head.len() - text.len();
        if text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            let detail =
                "this is one JSON array, not JSON Lines: write one object a line (for example: jq -c '.[]')";
            return Err(SourceError::format(stream.name(), detail));
        }
        let mut reader = Self { stream, plan, pending: Vec::new(), offset: 0, line: 1, ended: false };
        reader.fill(mark)?;
        reader.pending.clear();
        reader.offset = mark as u64;
        Ok(reader)
    }

    fn fill(&mut self, size: usize) -> Result<(), SourceError> {
        let missing = size.saturating_sub(self.pending.len());
        if self.ended || missing == 0 {
            return Ok(());
        }
        self.pending.reserve_exact(missing);
        let read = self.stream.by_ref().take(missing as u64).read_to_end(&mut self.pending);
        self.ended = read.map_err(|error| SourceError::from_io(self.stream.name(), error))? < missing;
        Ok(())
    }

    fn next_chunk(&mut self) -> Result<Option<JsonChunk>, SourceError> {
        let limits = &self.plan.options.limits;
        let (chunk_bytes, record_bytes) = (limits.chunk_bytes.max(1), limits.record_bytes);
        let mut size = chunk_bytes;
        let end = loop {
            self.fill(size)?;
            if self.ended && self.pending.len() <= size {
                break self.pending.len();
            }
            match memchr::memrchr(b'\n', self.pending.get(..size).unwrap_or_default()) {
                Some(at) => break at + 1,
                None if size > record_bytes => {
                    return Err(self.plan.too_long(self.line, self.offset));
                }
                // Two more bytes may be the line's end.
                None => size = size.saturating_mul(2).min(record_bytes.saturating_add(2)).max(size + 1),
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let chunk = JsonChunk { offset: self.offset, line: self.line, bytes };
        self.offset += end as u64;
        self.line += memchr::memchr_iter(b'\n', &chunk.bytes).count() as u64;
        Ok(Some(chunk))
    }
}

impl Iterator for JsonReader {
    type Item = Result<JsonChunk, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().transpose()
    }
}
