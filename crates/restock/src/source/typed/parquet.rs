//! Parquet: only the columns that are needed are read.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use ::arrow::datatypes::SchemaRef;
use ::arrow::error::ArrowError;
use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

use super::TypedPlan;
use super::arrow::MESSAGE_BYTES;
use super::reader::{Batches, Watched};
use crate::source::error::SourceError;
use crate::source::target::SourceOptions;

pub(super) fn open<R: ChunkReader + 'static>(
    name: &str,
    reader: R,
    options: &SourceOptions,
    plan: impl Fn(&SchemaRef) -> Result<TypedPlan, SourceError>,
) -> Result<(TypedPlan, Batches), SourceError> {
    let fail = |error| from_parquet(name, error);
    let builder = ParquetRecordBatchReaderBuilder::try_new(reader).map_err(fail)?;
    let plan = plan(builder.schema())?;
    let metadata = builder.metadata();
    let columns = ProjectionMask::roots(metadata.file_metadata().schema_descr(), plan.projection());
    let limits = &options.csv.limits;
    let rows = metadata.row_groups().iter().map(|group| group.num_rows().max(0)).sum::<i64>().cast_unsigned();
    let bytes: u64 = metadata.row_groups().iter().map(unpacked_bytes).sum();
    // Wide rows come in smaller batches, so that memory stays bounded; the file alone decides.
    let row_bytes = bytes.checked_div(rows).unwrap_or(0).max(1);
    let fit = (limits.batch_bytes as u64).checked_div(row_bytes).unwrap_or(1).max(64);
    let batch_rows = usize::try_from(fit).unwrap_or(usize::MAX).min(limits.batch_rows.max(1));
    let batches = builder.with_projection(columns).with_batch_size(batch_rows).build().map_err(fail)?;
    Ok((plan.projected(), Box::new(batches)))
}

/// What the rows of a group take: texts that they share stand in the file once, and once a row in memory.
fn unpacked_bytes(group: &RowGroupMetaData) -> u64 {
    let of = |column: &ColumnChunkMetaData| {
        let texts = column.unencoded_byte_array_data_bytes().unwrap_or(0);
        column.uncompressed_size().max(texts).max(0).cast_unsigned()
    };
    group.columns().iter().map(of).fold(0, u64::saturating_add)
}

fn from_parquet(name: &str, error: ParquetError) -> SourceError {
    match error {
        ParquetError::External(error) => super::reader::from_arrow(name, ArrowError::ExternalError(error)),
        other => SourceError::damaged(name, format!("it cannot be read: {other}")),
    }
}

impl Length for Watched {
    fn len(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }
}

impl ChunkReader for Watched {
    type T = BufReader<Self>;

    fn get_read(&self, start: u64) -> ::parquet::errors::Result<Self::T> {
        let mut reader = self.try_clone()?;
        reader.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ::parquet::errors::Result<Bytes> {
        // The length stands in the file: what it does not hold is not allocated.
        let available = Length::len(self).saturating_sub(start);
        if length as u64 > available {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends before a column does");
            return Err(error.into());
        }
        if length as u64 > MESSAGE_BYTES {
            let message = format!(
                "a page or the metadata takes {length} bytes, over the limit message_bytes ({MESSAGE_BYTES}): write \
                 smaller pages"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message).into());
        }
        let mut bytes = Vec::with_capacity(length);
        self.get_read(start)?.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(bytes.into())
    }
}
