//! The Arrow IPC file format, message by message.
//!
//! Written by hand over the generated flatbuffers and not through `arrow::ipc::writer::FileWriter`, because
//! batches are encoded in parallel, are checksummed by column, and a dictionary is complete only when the last
//! batch is written (the file format allows it to stand behind the batches that use it). Tests read every
//! file back with `arrow::ipc::reader::FileReader`.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Schema};
use arrow::ipc::convert::{IpcSchemaEncoder, metadata_to_fb};
use arrow::ipc::writer::DictionaryTracker;
use arrow::ipc::{
    Block, Buffer, DictionaryBatchBuilder, FieldNode, FooterBuilder, MessageBuilder, MessageHeader,
    MetadataVersion, RecordBatch, RecordBatchBuilder,
};
use flatbuffers::{FlatBufferBuilder, WIPOffset};

use super::sums::{ALIGNMENT, padding};

/// What an Arrow file begins with (padded to 8) and ends with.
pub(super) const MAGIC: &[u8; 6] = b"ARROW1";
/// Marks a message, and with a length of zero the end of the stream.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The end-of-stream mark.
pub(super) const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Lengths and places of a batch's parts inside its body.
#[derive(Debug, Default)]
pub(super) struct BodyLayout {
    nodes: Vec<FieldNode>,
    buffers: Vec<Buffer>,
    pub length: usize,
}

impl BodyLayout {
    /// Adds a column of `rows` rows.
    pub fn column<'a>(&mut self, rows: usize, nulls: usize, buffers: impl Iterator<Item = &'a [u8]>) {
        self.nodes.push(FieldNode::new(rows as i64, nulls as i64));
        for buffer in buffers {
            self.buffers.push(Buffer::new(self.length as i64, buffer.len() as i64));
            self.length += buffer.len() + padding(buffer.len()).len();
        }
    }

    /// Has a buffer stand anywhere.
    #[cfg(feature = "fuzzing")]
    pub fn move_buffer(&mut self, number: usize, offset: i64, length: i64) {
        let buffers = self.buffers.len().max(1);
        if let Some(buffer) = self.buffers.get_mut(number % buffers) {
            *buffer = Buffer::new(offset, length);
        }
    }

    fn build<'a>(&self, fbb: &mut FlatBufferBuilder<'a>, rows: usize) -> WIPOffset<RecordBatch<'a>> {
        let buffers = fbb.create_vector(&self.buffers);
        let nodes = fbb.create_vector(&self.nodes);
        let mut batch = RecordBatchBuilder::new(fbb);
        batch.add_length(rows as i64);
        batch.add_nodes(nodes);
        batch.add_buffers(buffers);
        batch.finish()
    }
}

/// A message in its frame: continuation mark, length, flatbuffer, padding to [`ALIGNMENT`].
fn framed(flatbuffer: &[u8]) -> Vec<u8> {
    let length = (8 + flatbuffer.len()).next_multiple_of(ALIGNMENT);
    let mut message = Vec::with_capacity(length);
    message.extend_from_slice(&CONTINUATION);
    message.extend_from_slice(&((length - 8) as i32).to_le_bytes());
    message.extend_from_slice(flatbuffer);
    message.resize(length, 0);
    message
}

fn message(
    header_type: MessageHeader,
    body: usize,
    header: impl FnOnce(&mut FlatBufferBuilder) -> WIPOffset<flatbuffers::UnionWIPOffset>,
) -> Vec<u8> {
    let mut fbb = FlatBufferBuilder::new();
    let header = header(&mut fbb);
    let mut message = MessageBuilder::new(&mut fbb);
    message.add_version(MetadataVersion::V5);
    message.add_header_type(header_type);
    message.add_bodyLength(body as i64);
    message.add_header(header);
    let root = message.finish();
    fbb.finish(root, None);
    framed(fbb.finished_data())
}

/// The start of the file: magic and schema message.
pub(super) fn preamble(schema: &Schema) -> Vec<u8> {
    let mut start = MAGIC.to_vec();
    start.resize(ALIGNMENT, 0);
    start.extend(message(MessageHeader::Schema, 0, |fbb| {
        let mut tracker = DictionaryTracker::new(false);
        let mut encoder = IpcSchemaEncoder::new().with_dictionary_tracker(&mut tracker);
        encoder.schema_to_fb_offset(fbb, schema).as_union_value()
    }));
    start
}

/// The message before a batch's body.
pub(super) fn batch(rows: usize, body: &BodyLayout) -> Vec<u8> {
    message(MessageHeader::RecordBatch, body.length, |fbb| body.build(fbb, rows).as_union_value())
}

/// The message before a dictionary's body.
pub(super) fn dictionary(id: i64, rows: usize, body: &BodyLayout) -> Vec<u8> {
    message(MessageHeader::DictionaryBatch, body.length, |fbb| {
        let data = body.build(fbb, rows);
        let mut dictionary = DictionaryBatchBuilder::new(fbb);
        dictionary.add_id(id);
        dictionary.add_data(data);
        dictionary.finish().as_union_value()
    })
}

/// The end of the file: end-of-stream mark, footer, its length, magic.
pub(super) fn footer(
    schema: &Schema,
    dictionaries: &[Block],
    batches: &[Block],
    metadata: &HashMap<String, String>,
) -> Vec<u8> {
    let mut fbb = FlatBufferBuilder::new();
    let dictionaries = fbb.create_vector(dictionaries);
    let batches = fbb.create_vector(batches);
    let mut tracker = DictionaryTracker::new(false);
    let schema =
        IpcSchemaEncoder::new().with_dictionary_tracker(&mut tracker).schema_to_fb_offset(&mut fbb, schema);
    let metadata = metadata_to_fb(&mut fbb, metadata);
    let mut footer = FooterBuilder::new(&mut fbb);
    footer.add_version(MetadataVersion::V5);
    footer.add_schema(schema);
    footer.add_dictionaries(dictionaries);
    footer.add_recordBatches(batches);
    footer.add_custom_metadata(metadata);
    let root = footer.finish();
    fbb.finish(root, None);
    let footer = fbb.finished_data();
    let mut end = END_OF_STREAM.to_vec();
    end.extend_from_slice(footer);
    end.extend_from_slice(&(footer.len() as i32).to_le_bytes());
    end.extend_from_slice(MAGIC);
    end
}

/// The number of buffers a stored column of this type has.
pub(super) fn buffers_of(data_type: &DataType) -> usize {
    if *data_type == DataType::Utf8 { 3 } else { 2 }
}

/// Whether the buffer behind the validity, of so many bytes, has a value or offset for each row and no part of one.
pub(super) fn values_fit(data_type: &DataType, rows: usize, bytes: usize) -> bool {
    match data_type {
        DataType::Boolean => bytes >= rows.div_ceil(8),
        DataType::Utf8 => bytes.is_multiple_of(4) && (rows == 0 || bytes / 4 > rows),
        other => {
            let width = other.primitive_width().unwrap_or(1);
            bytes.is_multiple_of(width) && bytes / width >= rows
        }
    }
}
