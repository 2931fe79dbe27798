//! Arrow IPC: the file format and the stream format.
//!
//! The lengths that stand in a file are held against what the file has before anything is allocated: Arrow's own
//! readers trust them, and a damaged file would end the process.

use std::collections::VecDeque;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use ::arrow::array::RecordBatch;
use ::arrow::buffer::Buffer;
use ::arrow::datatypes::SchemaRef;
use ::arrow::error::ArrowError;
use ::arrow::ipc::convert::fb_to_schema;
use ::arrow::ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use ::arrow::ipc::{Block, Message, root_as_footer, root_as_message};

use super::TypedPlan;
use super::reader::{Batches, from_arrow};
use crate::source::error::SourceError;
use crate::source::stream::ByteStream;

/// Length of the footer's length and the name after it, at the end of a file.
const TRAILER: usize = 10;
/// What stands before a message, except in the oldest files.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The most bytes of one message as it stands in the file, and of what else is read at once.
pub(super) const MESSAGE_BYTES: u64 = 256 << 20;
/// The most bytes that the compressed buffers of one message may unpack to.
const UNPACKED_BYTES: u64 = 256 << 20;

/// The file format begins with its name, the stream format with a message.
pub(super) fn is_file_format(head: &[u8]) -> bool {
    head.starts_with(b"ARROW1")
}

pub(super) fn open_file<R: Read + Seek + Send + 'static>(
    name: &str,
    reader: R,
    plan: impl Fn(&SchemaRef) -> Result<TypedPlan, SourceError>,
) -> Result<(TypedPlan, Batches), SourceError> {
    let fail = |error| from_arrow(name, error);
    let mut file = Blocks { reader, length: 0 };
    let footer = file.footer().map_err(fail)?;
    let footer = root_as_footer(&footer).map_err(|error| fail(ArrowError::ParseError(error.to_string())))?;
    let schema =
        footer.schema().ok_or_else(|| fail(ArrowError::ParseError("the footer has no schema".to_owned())))?;
    let schema: SchemaRef = Arc::new(fb_to_schema(schema));
    let plan = plan(&schema)?;
    let mut decoder = FileDecoder::new(schema, footer.version()).with_projection(plan.projection());
    for block in footer.dictionaries().into_iter().flatten() {
        let bytes = file.read(block).map_err(fail)?;
        decoder.read_dictionary(block, &bytes).map_err(fail)?;
    }
    let blocks = footer.recordBatches().into_iter().flatten().copied().collect();
    Ok((plan.projected(), Box::new(FileBatches { file, decoder, blocks })))
}

/// The batches of a file, by its footer.
struct FileBatches<R> {
    file: Blocks<R>,
    decoder: FileDecoder,
    blocks: VecDeque<Block>,
}

impl<R: Read + Seek> Iterator for FileBatches<R> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.blocks.pop_front()?;
        let bytes = self.file.read(&block);
        bytes.and_then(|bytes| self.decoder.read_record_batch(&block, &bytes)).transpose()
    }
}

/// A file whose parts are named by offset and length.
struct Blocks<R> {
    reader: R,
    length: u64,
}

impl<R: Read + Seek> Blocks<R> {
    fn footer(&mut self) -> Result<Vec<u8>, ArrowError> {
        self.length = self.reader.seek(SeekFrom::End(0))?;
        let trailer = self.part(self.length.checked_sub(TRAILER as u64), TRAILER)?;
        let trailer: [u8; TRAILER] =
            trailer.try_into().map_err(|_| ArrowError::ParseError("the file has no trailer".to_owned()))?;
        let length = read_footer_length(trailer)?;
        let offset = self.length.checked_sub((TRAILER + length) as u64);
        self.part(offset, length)
    }

    fn read(&mut self, block: &Block) -> Result<Buffer, ArrowError> {
        let length = u64::try_from(block.metaDataLength()).ok().zip(u64::try_from(block.bodyLength()).ok());
        let length = length.and_then(|(head, body)| head.checked_add(body)?.try_into().ok());
        let bytes = self.part(u64::try_from(block.offset()).ok(), length.unwrap_or(usize::MAX))?;
        let (head, body) = usize::try_from(block.metaDataLength())
            .ok()
            .and_then(|head| bytes.split_at_checked(head))
            .ok_or_else(|| ArrowError::ParseError("a message is longer than its block".to_owned()))?;
        let head = head.strip_prefix(&CONTINUATION).unwrap_or(head);
        check_unpacked(&message(head.get(4..).unwrap_or_default())?, body)?;
        Ok(Buffer::from_vec(bytes))
    }

    fn part(&mut self, offset: Option<u64>, length: usize) -> Result<Vec<u8>, ArrowError> {
        let room = offset.and_then(|offset| self.length.checked_sub(offset));
        let (Some(offset), true) = (offset, room.is_some_and(|room| length as u64 <= room)) else {
            return Err(ArrowError::ParseError(
                "a part of the file is said to lie beyond its end".to_owned(),
            ));
        };
        check_length(length as u64)?;
        self.reader.seek(SeekFrom::Start(offset))?;
        let mut bytes = vec![0; length];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

pub(super) fn open_stream(
    name: &str,
    stream: ByteStream,
    plan: impl Fn(&SchemaRef) -> Result<TypedPlan, SourceError>,
) -> Result<(TypedPlan, Batches), SourceError> {
    let mut batches = StreamBatches {
        stream,
        decoder: StreamDecoder::new(),
        pieces: VecDeque::new(),
        first: None,
        ended: false,
    };
    let fail = |error| from_arrow(name, error);
    // The schema comes with the first batch at the latest.
    while batches.decoder.schema().is_none() && !batches.ended {
        batches.first = batches.step().map_err(fail)?;
    }
    let schema = batches.decoder.schema();
    let schema =
        schema.ok_or_else(|| fail(ArrowError::ParseError("the stream ends before its schema".to_owned())))?;
    Ok((plan(&schema)?, Box::new(batches)))
}

fn message(head: &[u8]) -> Result<Message<'_>, ArrowError> {
    root_as_message(head).map_err(|error| ArrowError::ParseError(error.to_string()))
}

/// Holds the length of a part against the limit: the file may be as long as it says and still hold nothing.
fn check_length(length: u64) -> Result<(), ArrowError> {
    if length <= MESSAGE_BYTES {
        return Ok(());
    }
    Err(ArrowError::ParseError(format!(
        "a batch or another part takes {length} bytes, over the limit message_bytes ({MESSAGE_BYTES}): write smaller \
         batches"
    )))
}

/// Holds what the buffers of a message say of their unpacked size against a limit: the decoder allocates it.
fn check_unpacked(message: &Message<'_>, body: &[u8]) -> Result<(), ArrowError> {
    let batch = message
        .header_as_record_batch()
        .or_else(|| message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data()));
    let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else { return Ok(()) };
    let mut sum = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let start = usize::try_from(buffer.offset()).ok();
        let bytes = start.and_then(|start| body.get(start..)?.first_chunk::<8>());
        // Without a length there is nothing that is allocated; -1 is a buffer that is not compressed.
        let Some(length) = bytes.filter(|_| buffer.length() > 0) else { continue };
        sum = sum.saturating_add(u64::try_from(i64::from_le_bytes(*length)).unwrap_or(0));
    }
    if sum <= UNPACKED_BYTES {
        return Ok(());
    }
    Err(ArrowError::ParseError(format!(
        "a compressed batch is said to unpack to {sum} bytes, over the limit unpacked_bytes ({UNPACKED_BYTES}): write \
         smaller batches"
    )))
}

/// The batches of a stream, message by message.
struct StreamBatches {
    stream: ByteStream,
    decoder: StreamDecoder,
    /// What is read and not decoded.
    pieces: VecDeque<Buffer>,
    first: Option<RecordBatch>,
    ended: bool,
}

impl StreamBatches {
    /// Decodes what is there, or reads a message.
    fn step(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        while let Some(piece) = self.pieces.front_mut() {
            if !piece.is_empty() {
                return self.decoder.decode(piece);
            }
            self.pieces.pop_front();
        }
        self.read_message()?;
        if self.pieces.is_empty() {
            self.ended = true;
            self.decoder.finish()?;
        }
        Ok(None)
    }

    /// Reads a message; at the end of the stream what is left of it, as the decoder knows what an end means.
    fn read_message(&mut self) -> Result<(), ArrowError> {
        let mut length = self.read(4)?;
        if length == CONTINUATION {
            self.keep(length);
            length = self.read(4)?;
        }
        let size = length.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        self.keep(length);
        let head = self.read(u64::from(size))?;
        if size > 0 && head.len() == size as usize {
            let message = message(&head)?;
            let body = u64::try_from(message.bodyLength())
                .map_err(|_| ArrowError::ParseError("a message has a negative length".to_owned()))?;
            let body = self.read(body)?;
            check_unpacked(&message, &body)?;
            self.keep(head);
            self.keep(body);
        } else {
            self.keep(head);
        }
        Ok(())
    }

    fn keep(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.pieces.push_back(Buffer::from_vec(bytes));
        }
    }

    /// The next bytes, fewer at the end. What the stream does not hold is not allocated.
    fn read(&mut self, length: u64) -> Result<Vec<u8>, ArrowError> {
        check_length(length)?;
        let mut bytes = Vec::new();
        self.stream.by_ref().take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Iterator for StreamBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        while !self.ended {
            match self.step() {
                Ok(None) => {}
                other => return other.transpose(),
            }
        }
        None
    }
}
