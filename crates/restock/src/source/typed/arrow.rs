//! Arrow IPC: the file format and the stream format.

use std::io::{Read, Seek};

use ::arrow::datatypes::SchemaRef;
use ::arrow::ipc::reader::{FileReader, StreamReader};

use super::TypedPlan;
use super::reader::{Batches, from_arrow};
use crate::source::error::SourceError;
use crate::source::stream::ByteStream;

/// The file format begins with its name, the stream format with a message.
pub(super) fn is_file_format(head: &[u8]) -> bool {
    head.starts_with(b"ARROW1")
}

pub(super) fn open_file<R: Read + Seek + Send + 'static>(
    name: &str,
    mut reader: R,
    plan: impl Fn(&SchemaRef) -> Result<TypedPlan, SourceError>,
) -> Result<(TypedPlan, Batches), SourceError> {
    let fail = |error| from_arrow(name, error);
    let schema = FileReader::try_new(&mut reader, None).map_err(fail)?.schema();
    let plan = plan(&schema)?;
    let batches = FileReader::try_new(reader, Some(plan.projection())).map_err(fail)?;
    Ok((plan.projected(), Box::new(batches)))
}

pub(super) fn open_stream(
    name: &str,
    stream: ByteStream,
    plan: impl Fn(&SchemaRef) -> Result<TypedPlan, SourceError>,
) -> Result<(TypedPlan, Batches), SourceError> {
    let batches = StreamReader::try_new_buffered(stream, None).map_err(|error| from_arrow(name, error))?;
    let plan = plan(&batches.schema())?;
    Ok((plan, Box::new(batches)))
}
