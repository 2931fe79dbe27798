//! Writes right checksums into a segment's file, whatever it holds: the sums are no hurdle for a forger.

use std::ops::Range;

use arrow::ipc::{Block, Footer, RecordBatch, Type, root_as_footer, root_as_message};
use xxhash_rust::xxh3::xxh3_64;

use crate::hex;
use crate::segment::SegmentMeta;
use crate::segment::ipc::{END_OF_STREAM, MAGIC};
use crate::segment::sums::ALIGNMENT;
use crate::segment::write::{ROWS, SUMS};

/// The file with right sums, and what a manifest would say of it; `None` if it has not even a place for a footer.
pub(crate) fn repair(bytes: &mut [u8], id: u64) -> Option<SegmentMeta> {
    let end = bytes.len().checked_sub(4 + MAGIC.len())?;
    let length = i32::from_le_bytes(*bytes.get(end..)?.first_chunk::<4>()?);
    let start = end.checked_sub(usize::try_from(length).ok()?)?;
    let footer_at = start.checked_sub(END_OF_STREAM.len())?;
    let mut rows = 0;
    let mut patch = None;
    if let Ok(footer) = root_as_footer(&bytes[start..end]) {
        rows = text(&footer, ROWS).and_then(|rows| rows.parse().ok()).unwrap_or(0);
        patch = text(&footer, SUMS).and_then(|old| {
            let at = old.as_ptr() as usize - bytes.as_ptr() as usize;
            let sums: String = sums(bytes, &footer, footer_at).into_iter().map(hex::text).collect();
            (sums.len() == old.len()).then_some((at, sums))
        });
    }
    if let Some((at, sums)) = patch {
        bytes[at..at + sums.len()].copy_from_slice(sums.as_bytes());
    }
    Some(SegmentMeta {
        id,
        commit: 1,
        rows,
        bytes: bytes.len() as u64,
        footer_at: footer_at as u64,
        footer_sum: xxh3_64(&bytes[footer_at..]),
        keys: None,
    })
}

fn text<'a>(footer: &Footer<'a>, key: &str) -> Option<&'a str> {
    let entries = footer.custom_metadata()?;
    entries.iter().find(|entry| entry.key() == Some(key)).and_then(|entry| entry.value())
}

/// The sums in the order of the table.
fn sums(bytes: &[u8], footer: &Footer, footer_at: usize) -> Vec<u64> {
    let blocks = |blocks: Option<flatbuffers::Vector<'_, Block>>| -> Vec<Block> {
        blocks.map(|blocks| blocks.iter().copied().collect()).unwrap_or_default()
    };
    let fields = footer.schema().and_then(|schema| schema.fields());
    let buffers: Vec<usize> = fields
        .iter()
        .flatten()
        .map(|field| if field.dictionary().is_none() && field.type_type() == Type::Utf8 { 3 } else { 2 })
        .collect();
    let batches = blocks(footer.recordBatches());
    let preamble = batches.first().and_then(|block| usize::try_from(block.offset()).ok());
    let sum = |range: Range<usize>| bytes.get(range).map_or(0, xxh3_64);
    let mut sums = vec![sum(0..preamble.unwrap_or(footer_at))];
    for block in batches {
        part(bytes, &block, &buffers, &mut sums);
    }
    for block in blocks(footer.dictionaries()) {
        part(bytes, &block, &[3], &mut sums);
    }
    sums
}

/// The sums of a message and of its columns, of which each has so many buffers.
fn part(bytes: &[u8], block: &Block, buffers: &[usize], sums: &mut Vec<u64>) {
    let end = sums.len() + 1 + buffers.len();
    let start = usize::try_from(block.offset()).unwrap_or(usize::MAX);
    let body = start.saturating_add(usize::try_from(block.metaDataLength()).unwrap_or(usize::MAX));
    if let Some(frame) = bytes.get(start..body) {
        sums.push(xxh3_64(frame));
        let message = frame.get(8..).and_then(|message| root_as_message(message).ok());
        let dictionary = message.and_then(|message| message.header_as_dictionary_batch());
        let batch = message.and_then(|message| message.header_as_record_batch());
        if let Some(batch) = batch.or_else(|| dictionary.and_then(|dictionary| dictionary.data())) {
            sums.extend(columns(bytes, body, batch, buffers));
        }
    }
    sums.resize(end, 0);
}

fn columns(bytes: &[u8], body: usize, batch: RecordBatch, buffers: &[usize]) -> Vec<u64> {
    let mut places = batch.buffers().into_iter().flatten();
    let mut start = body;
    let mut sums = Vec::new();
    for buffers in buffers {
        let end = places.by_ref().take(*buffers).last().map_or(start, |place| {
            let end = (body as u64).wrapping_add((place.offset() as u64).wrapping_add(place.length() as u64));
            usize::try_from(end).unwrap_or(usize::MAX).checked_next_multiple_of(ALIGNMENT).unwrap_or(start)
        });
        sums.push(bytes.get(start..end).map_or(0, xxh3_64));
        start = end;
    }
    sums
}
