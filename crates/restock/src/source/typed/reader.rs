//! Reads typed sources batch by batch.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use ::arrow::error::ArrowError;
use bytes::Bytes;

use super::size::bytes;
use super::{TypedPlan, arrow, parquet};
use crate::source::error::SourceError;
use crate::source::format::Format;
use crate::source::location::Input;
use crate::source::original::Original;
use crate::source::stream::{ByteStream, Watch};
use crate::source::target::{SourceOptions, Target};

/// The most decompressed bytes of a file that is read whole into memory, because its format needs to seek and its
/// source cannot.
const IN_MEMORY_BYTES: u64 = 256 << 20;

/// Rows of a source.
#[derive(Debug)]
pub(in crate::source) struct TypedChunk {
    pub(super) batch: RecordBatch,
    /// The number of its first row, from 1.
    pub(super) first_row: u64,
}

impl TypedChunk {
    /// What its rows take in memory.
    pub(super) fn bytes(&self) -> u64 {
        bytes(&self.batch) as u64
    }

    /// The same rows in pieces.
    pub(in crate::source) fn pieces(&self, rows: usize) -> impl Iterator<Item = TypedChunk> + '_ {
        (0..self.batch.num_rows()).step_by(rows.max(1)).map(move |at| TypedChunk {
            batch: self.batch.slice(at, rows.min(self.batch.num_rows() - at)),
            first_row: self.first_row + at as u64,
        })
    }
}

/// The batches of a source, errors being Arrow's.
pub(in crate::source) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

/// The batches of one source, cut to a size.
pub(in crate::source) struct TypedReader {
    plan: Arc<TypedPlan>,
    batches: Batches,
    watch: Watch,
    /// What is left of a large batch.
    rest: Option<RecordBatch>,
    /// How many rows to take of it.
    step: usize,
    next_row: u64,
    /// The file, if it is one.
    original: Option<Original>,
    failed: bool,
}

impl TypedReader {
    /// Opens a Parquet or Arrow file.
    pub(in crate::source) fn open(
        input: &Input,
        format: Format,
        target: &Target,
        options: &SourceOptions,
        watch: &Watch,
    ) -> Result<(Arc<TypedPlan>, Self), SourceError> {
        let name = input.name();
        let mut stream = ByteStream::open(input, watch)?;
        let head = stream.peek()?.to_vec();
        let Some(original) = stream.original() else {
            return Self::of_stream(stream, format, target, options, watch);
        };
        format.check(&name, &head)?;
        let failed = |error| SourceError::io(&name, error);
        let original = original.try_clone().map_err(failed)?;
        let file = Watched { file: original.file().map_err(failed)?, watch: watch.clone() };
        let plan = |schema: &SchemaRef| TypedPlan::new(&name, schema, target, options);
        let opened = guarded(&name, || match format {
            Format::Parquet => parquet::open(&name, file, options, plan),
            _ if arrow::is_file_format(&head) => arrow::open_file(&name, io::BufReader::new(file), plan),
            _ => arrow::open_stream(&name, stream, plan),
        });
        // What looks like damage may be a file that is being written.
        let (plan, batches) = opened.map_err(|error| original.check(&name).err().unwrap_or(error))?;
        let (plan, reader) = Self::of(plan, batches, watch);
        Ok((plan, Self { original: Some(original), ..reader }))
    }

    /// Opens Parquet or Arrow bytes that cannot seek: what needs to is read whole.
    pub(in crate::source) fn of_stream(
        mut stream: ByteStream,
        format: Format,
        target: &Target,
        options: &SourceOptions,
        watch: &Watch,
    ) -> Result<(Arc<TypedPlan>, Self), SourceError> {
        let name = stream.name().to_owned();
        let head = stream.peek()?.to_vec();
        format.check(&name, &head)?;
        let plan = |schema: &SchemaRef| TypedPlan::new(&name, schema, target, options);
        let (plan, batches) = guarded(&name, || match format {
            Format::Parquet => parquet::open(&name, read_whole(stream)?, options, plan),
            _ if arrow::is_file_format(&head) => {
                arrow::open_file(&name, io::Cursor::new(read_whole(stream)?), plan)
            }
            _ => arrow::open_stream(&name, stream, plan),
        })?;
        Ok(Self::of(plan, batches, watch))
    }

    /// Batches that are in memory already, or come from elsewhere.
    pub(in crate::source) fn of_batches(
        name: &str,
        schema: &SchemaRef,
        batches: Batches,
        target: &Target,
        options: &SourceOptions,
        watch: &Watch,
    ) -> Result<(Arc<TypedPlan>, Self), SourceError> {
        let plan = TypedPlan::new(name, schema, target, options)?;
        Ok(Self::of(plan, batches, watch))
    }

    fn of(plan: TypedPlan, batches: Batches, watch: &Watch) -> (Arc<TypedPlan>, Self) {
        let plan = Arc::new(plan);
        let reader = Self {
            plan: Arc::clone(&plan),
            batches,
            watch: watch.clone(),
            rest: None,
            step: 0,
            next_row: 1,
            original: None,
            failed: false,
        };
        (plan, reader)
    }

    fn next_chunk(&mut self) -> Result<Option<TypedChunk>, SourceError> {
        self.watch.advance(0)?;
        let file = &self.plan.file;
        let mut rest = match self.rest.take() {
            Some(rest) => rest,
            None => loop {
                let batches = &mut self.batches;
                let next =
                    guarded(file, || batches.next().transpose().map_err(|error| from_arrow(file, error)))?;
                let Some(batch) = next else { return Ok(None) };
                if batch.num_rows() > 0 {
                    self.step = self.plan.rows_a_batch(&batch);
                    break batch;
                }
            },
        };
        let rows = self.plan.first_rows(&rest, self.step);
        if rest.num_rows() > rows {
            self.rest = Some(rest.slice(rows, rest.num_rows() - rows));
            rest = rest.slice(0, rows);
        }
        let first_row = self.next_row;
        self.next_row += rest.num_rows() as u64;
        Ok(Some(TypedChunk { batch: rest, first_row }))
    }
}

impl Iterator for TypedReader {
    type Item = Result<TypedChunk, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = match (self.next_chunk(), &self.original) {
            (Ok(Some(chunk)), _) => Ok(Some(chunk)),
            (end, Some(original)) => original.check(&self.plan.file).and(end),
            (end, None) => end,
        };
        self.failed = next.is_err();
        next.transpose()
    }
}

impl TypedPlan {
    /// Equal parts of a batch, none over the limit of rows, and over that of bytes only where its rows differ in size.
    fn rows_a_batch(&self, batch: &RecordBatch) -> usize {
        let limits = &self.options.limits;
        let rows = batch.num_rows();
        let parts =
            rows.div_ceil(limits.batch_rows.max(1)).max(bytes(batch).div_ceil(limits.batch_bytes.max(1)));
        rows.div_ceil(parts.max(1)).max(1)
    }

    /// The rows of a batch that fit the limit of bytes, at most `step`: one row if even that does not fit.
    fn first_rows(&self, batch: &RecordBatch, step: usize) -> usize {
        let most = self.options.limits.batch_bytes;
        let mut rows = batch.num_rows().min(step);
        while rows > 1 && bytes(&batch.slice(0, rows)) > most {
            rows = rows.div_ceil(2);
        }
        rows
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is caught and becomes the error of a damaged file, so that a panic hook need not tell
/// of it.
pub fn panic_is_caught() -> bool {
    GUARDED.get()
}

/// The readers of these formats panic on some damaged files; for us that is an error of the file.
fn guarded<T>(file: &str, read: impl FnOnce() -> Result<T, SourceError>) -> Result<T, SourceError> {
    GUARDED.set(true);
    let done = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(false);
    done.unwrap_or_else(|_| Err(SourceError::damaged(file, "the file is damaged: its reader gave up on it")))
}

/// A damaged file, or the error of the bytes below it.
pub(super) fn from_arrow(file: &str, error: ArrowError) -> SourceError {
    match error {
        ArrowError::IoError(_, error) => SourceError::from_io(file, error),
        ArrowError::ExternalError(error) => match error.downcast::<io::Error>() {
            Ok(error) => SourceError::from_io(file, *error),
            Err(error) => SourceError::damaged(file, format!("it cannot be read: {error}")),
        },
        other => SourceError::damaged(file, format!("it cannot be read: {other}")),
    }
}

/// All bytes of a source that cannot seek.
fn read_whole(mut stream: ByteStream) -> Result<Bytes, SourceError> {
    let mut bytes = Vec::new();
    let name = stream.name().to_owned();
    stream
        .by_ref()
        .take(IN_MEMORY_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| SourceError::from_io(&name, error))?;
    if bytes.len() as u64 > IN_MEMORY_BYTES {
        let detail = format!(
            "its format needs a file to seek in, and it is over {IN_MEMORY_BYTES} bytes (limit in_memory_bytes): \
             unpack or save it, and give the file"
        );
        return Err(SourceError::format(&name, detail));
    }
    Ok(bytes.into())
}

/// A file that counts what is read of it, and can be stopped.
pub(super) struct Watched {
    pub(super) file: File,
    watch: Watch,
}

impl Watched {
    /// Another reader of the same file.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { file: self.file.try_clone()?, watch: self.watch.clone() })
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.watch.advance(read)?;
        Ok(read)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
