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
use ::arrow::ipc::{Block, root_as_footer};

use super::TypedPlan;
use super::reader::{Batches, from_arrow};
use crate::source::error::SourceError;
use crate::source::stream::ByteStream;

/// Length of the footer's length and the name after it, at the end of a file.
const TRAILER: usize = 10;
/// Bytes of a stream that are read at a time.
const PIECE: u64 = 1 << 20;

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
        Ok(Buffer::from_vec(bytes))
    }

    fn part(&mut self, offset: Option<u64>, length: usize) -> Result<Vec<u8>, ArrowError> {
        let room = offset.and_then(|offset| self.length.checked_sub(offset));
        let (Some(offset), true) = (offset, room.is_some_and(|room| length as u64 <= room)) else {
            return Err(ArrowError::ParseError(
                "a part of the file is said to lie beyond its end".to_owned(),
            ));
        };
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
        piece: Buffer::default(),
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

/// The batches of a stream, as their bytes come.
struct StreamBatches {
    stream: ByteStream,
    decoder: StreamDecoder,
    /// What is read and not decoded.
    piece: Buffer,
    first: Option<RecordBatch>,
    ended: bool,
}

impl StreamBatches {
    /// Decodes what is there, or reads more.
    fn step(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.piece.is_empty() {
            let mut bytes = Vec::new();
            self.stream.by_ref().take(PIECE).read_to_end(&mut bytes)?;
            if bytes.is_empty() {
                self.ended = true;
                self.decoder.finish()?;
                return Ok(None);
            }
            self.piece = Buffer::from_vec(bytes);
        }
        self.decoder.decode(&mut self.piece)
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
