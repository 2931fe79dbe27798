//! A file's header, resolved: what every worker needs to know.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use restock_schema::Field;

use crate::columns::{Column, decode};
use crate::error::CsvError;
use crate::header::{Resolved, resolve};
use crate::options::{Escape, Options, Rename};
use crate::pages::Arena;
use crate::parse::Scratch;
use crate::scan::{Dialect, PADDING, Scanner};
use crate::space::Space;
use crate::target::Target;

/// How one file becomes columns; shared by the workers that parse its chunks.
#[derive(Debug)]
pub struct Plan {
    file: String,
    target: Arc<Target>,
    options: Arc<Options>,
    header: Vec<String>,
    header_record: Vec<u8>,
    resolved: Resolved,
    start: Position,
    tuning: Tuning,
    buffers: Pool<Space>,
    arena: Arc<Arena>,
    scratches: Pool<Scratch>,
}

/// What changes the speed and nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    pub(crate) scanner: Scanner,
    /// How much text is tokenised before it is converted: little enough to stay in the processor's cache.
    pub(crate) stripe: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { scanner: Scanner::detect(), stripe: 64 << 10 }
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) byte: u64,
    pub(crate) line: u64,
}

/// The header of a file as it stands there.
pub(crate) struct HeaderRecord {
    pub(crate) names: Vec<String>,
    pub(crate) raw: Vec<u8>,
    /// Where the first record after it starts.
    pub(crate) next: Position,
}

impl Plan {
    pub(crate) fn new(
        file: &str,
        target: Arc<Target>,
        options: Arc<Options>,
        header: HeaderRecord,
        tuning: Tuning,
    ) -> Result<Self, CsvError> {
        let resolved = resolve(target.schema(), &header.names, &options, file)?;
        Ok(Self {
            file: file.to_owned(),
            target,
            options,
            header: header.names,
            header_record: header.raw,
            resolved,
            start: header.next,
            tuning,
            buffers: Pool::default(),
            arena: Arc::default(),
            scratches: Pool::default(),
        })
    }

    /// The file, as its opener named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The columns that are made.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The dialect and the limits.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The names of the file's columns, in its order.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The header as it stands in the file, without its line end; empty if the file has none.
    #[must_use]
    pub fn header_record(&self) -> &[u8] {
        &self.header_record
    }

    /// Columns of the file that the schema does not name.
    #[must_use]
    pub fn ignored_columns(&self) -> &[String] {
        &self.resolved.ignored
    }

    /// The renames that this file's header made use of.
    #[must_use]
    pub fn renames(&self) -> &[Rename] {
        &self.resolved.renames
    }

    pub(crate) fn start(&self) -> Position {
        self.start
    }

    pub(crate) fn tuning(&self) -> Tuning {
        self.tuning
    }

    pub(crate) fn dialect(&self) -> Dialect {
        dialect(&self.options)
    }

    /// For each field of the schema its column in the file.
    pub(crate) fn columns(&self) -> &[usize] {
        &self.resolved.columns
    }

    pub(crate) fn schema_field(&self, field: usize) -> Option<&Field> {
        self.target.schema().fields().get(field)
    }

    /// The file's name for the column of a field of the schema.
    pub(crate) fn column_of_field(&self, field: usize) -> Option<String> {
        self.resolved.columns.get(field).and_then(|column| self.header.get(*column)).cloned()
    }

    pub(crate) fn decoded<'a>(&self, raw: &'a [u8]) -> Cow<'a, [u8]> {
        decode(raw, self.options.escape)
    }

    pub(crate) fn builders(&self) -> Vec<Column> {
        let affixes = self.target.affixes();
        let fields = self.target.fields();
        fields.map(|(field, limit, is_id)| Column::new(field, limit, is_id, affixes, &self.arena)).collect()
    }

    /// A buffer for a chunk, with whatever it held before.
    pub(crate) fn take_buffer(&self) -> Space {
        self.buffers.take()
    }

    /// Keeps the buffer of a chunk that is done with for one to come, unless a long record made it large.
    pub(crate) fn give_buffer(&self, buffer: Space) {
        if buffer.capacity() <= 2 * self.options.limits.chunk_bytes + PADDING {
            self.buffers.give(buffer);
        }
    }

    pub(crate) fn scratches(&self) -> &Pool<Scratch> {
        &self.scratches
    }
}

pub(crate) fn dialect(options: &Options) -> Dialect {
    Dialect {
        delimiter: options.delimiter,
        backslash: options.escape == Escape::Backslash,
        record_fields: options.limits.record_fields,
    }
}

/// So many things wait to be used again at most; what is given back beyond them is dropped.
const IDLE_MAX: usize = 64;

/// Things to use again.
pub(crate) struct Pool<T>(Mutex<Vec<T>>);

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pool")
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Default> Pool<T> {
    pub(crate) fn take(&self) -> T {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(crate) fn give(&self, thing: T) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(thing);
        }
    }
}
