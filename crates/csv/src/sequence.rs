//! Puts parsed chunks in their place: checks every guess, and makes positions those of the file.

use std::sync::Arc;

use arrow::array::RecordBatch;
use serde::Serialize;

use crate::chunk::Chunk;
use crate::error::{CsvError, CsvErrorKind, RecordError};
use crate::parse::{Fatal, FatalCause, Found, Parsed, Reject};
use crate::plan::{Plan, Position};
use crate::scan::{Break, PADDING};
use crate::space::Space;
use crate::values::shown;

/// A stretch of a file, exactly as a serial reader would have read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<T> {
    /// The batches, or what the caller's function made of them.
    pub batches: Vec<T>,
    /// Records read, accepted or not; empty lines are none.
    pub records_read: u64,
    /// Records that were not accepted, for one error or several.
    pub rejected: u64,
    /// All errors, of which [`Block::errors`] has some.
    pub error_count: u64,
    /// The first errors of the file, `errors_kept` over all of its blocks, in the order of the file.
    pub errors: Vec<RecordError>,
    /// The records that were not accepted, if they are kept and not too many: see [`Sequence::more_rejects`].
    pub rejects: Vec<Reject>,
    /// Bytes of the file that this block stands for.
    pub bytes: u64,
    /// The line of the first accepted record whose `TIMESTAMP` looks like milliseconds.
    pub milliseconds_line: Option<u64>,
    /// For each field of the schema how many accepted values were cut to its limit.
    pub cut: Vec<u64>,
}

impl<T> Block<T> {
    /// A block of nothing, for a schema of so many fields.
    #[must_use]
    pub fn empty(fields: usize) -> Self {
        Self {
            batches: Vec::new(),
            records_read: 0,
            rejected: 0,
            error_count: 0,
            errors: Vec::new(),
            rejects: Vec::new(),
            bytes: 0,
            milliseconds_line: None,
            cut: vec![0; fields],
        }
    }
}

/// What a whole file held.
#[derive(Serialize, Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Records read, accepted or not.
    pub records_read: u64,
    /// Records that were not accepted.
    pub rejected: u64,
    /// Errors of those.
    pub error_count: u64,
    /// Bytes of the decompressed file.
    pub bytes: u64,
    /// The line of the first accepted record whose `TIMESTAMP` looks like milliseconds.
    pub milliseconds_line: Option<u64>,
    /// For each field of the schema how many accepted values were cut to its limit.
    pub cut: Vec<u64>,
    /// Columns of the file that the schema does not name.
    pub ignored_columns: Vec<String>,
}

/// Takes the parsed chunks of a file in order. Where a chunk did not begin where the one before ended a record, it is
/// parsed again from there: so the result is that of a serial reader.
#[derive(Debug)]
pub struct Sequence {
    plan: Arc<Plan>,
    /// Where the next record starts.
    next: Position,
    /// The text from there to the end of the last chunk.
    carry: Space,
    /// The error that ended the reading, delivered after the block before it.
    fatal: Option<CsvError>,
    errors_kept: usize,
    left: Option<Left>,
    summary: Summary,
}

/// The records of a block whose rejects are too many to be held at once.
#[derive(Debug)]
struct Left {
    sequence: Box<Sequence>,
    bytes: Space,
    /// How far they are described.
    at: usize,
    end: usize,
}

/// How much of them is described at once.
const PIECE: usize = 16 << 10;

impl Left {
    fn next(&mut self) -> Result<Option<Vec<Reject>>, CsvError> {
        let to = self.end.min(self.at + PIECE);
        let piece = self.bytes.get(self.at..to).filter(|piece| !piece.is_empty());
        let Some(piece) = piece else { return Ok(None) };
        let offset = self.sequence.next.byte + self.sequence.carry.len() as u64;
        let parsed = self.sequence.plan.parse(Chunk::new(offset, piece.to_vec().into(), false), drop);
        self.at = to;
        Ok(Some(self.sequence.accept(parsed, drop)?.rejects))
    }
}

impl Sequence {
    /// A sequence for the chunks of the plan's file.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let start = plan.start();
        Self::from(plan, start)
    }

    fn from(plan: Arc<Plan>, next: Position) -> Self {
        let summary = Summary {
            bytes: next.byte,
            cut: vec![0; plan.columns().len()],
            ignored_columns: plan.ignored_columns().to_vec(),
            ..Summary::default()
        };
        Self { plan, next, carry: Space::default(), fatal: None, errors_kept: 0, left: None, summary }
    }

    /// The next chunk's block. `map` is the function that was given to [`Plan::parse`], for what must be parsed again.
    ///
    /// # Errors
    /// What loses the record boundary (S12); the block before it is delivered first.
    pub fn accept<T>(
        &mut self,
        parsed: Parsed<T>,
        map: impl FnMut(RecordBatch) -> T,
    ) -> Result<Block<T>, CsvError> {
        if let Some(fatal) = self.fatal.take() {
            return Err(fatal);
        }
        if self.goes_on(&parsed.chunk) {
            self.carry.reserve(self.carry.len() + parsed.chunk.len() + PADDING);
            self.carry.extend_from_slice(parsed.chunk.text());
            self.plan.give_buffer(parsed.chunk.bytes);
            return Ok(Block::empty(self.summary.cut.len()));
        }
        let parsed = if self.carry.is_empty() { parsed } else { self.again(parsed.chunk, map) };
        debug_assert_eq!(parsed.chunk.offset, self.next.byte, "chunks come in order");
        Ok(self.block(parsed))
    }

    /// The next rejects of the block accepted last, if there were too many for [`Block::rejects`], in order.
    ///
    /// # Errors
    /// None that a file can cause.
    pub fn more_rejects(&mut self) -> Result<Option<Vec<Reject>>, CsvError> {
        let more = self.left.as_mut().map_or(Ok(None), Left::next)?;
        if more.is_none() {
            self.left = None;
        }
        Ok(more)
    }

    /// Whether a chunk holds nothing but more of the record that the ones before it began.
    fn goes_on(&self, chunk: &Chunk) -> bool {
        !self.carry.is_empty()
            && self.carry.len() + chunk.len() <= self.plan.options().limits.record_bytes
            && memchr::memchr(b'\n', chunk.text()).is_none()
    }

    /// The last block, of a record without line end, and what the file held.
    ///
    /// # Errors
    /// What loses the record boundary (S12).
    pub fn finish<T>(
        mut self,
        map: impl FnMut(RecordBatch) -> T,
    ) -> Result<(Option<Block<T>>, Summary), CsvError> {
        let mut last = None;
        if self.fatal.is_none() && !self.carry.is_empty() {
            let chunk = Chunk::new(self.next.byte, std::mem::take(&mut self.carry), true);
            let parsed = self.plan.parse(chunk, map);
            last = Some(self.block(parsed));
        }
        match self.fatal {
            Some(fatal) => Err(fatal),
            None => Ok((last, self.summary)),
        }
    }

    fn again<T>(&mut self, chunk: Chunk, map: impl FnMut(RecordBatch) -> T) -> Parsed<T> {
        let mut bytes = std::mem::take(&mut self.carry);
        bytes.reserve(bytes.len() + chunk.len() + PADDING);
        bytes.extend_from_slice(chunk.text());
        let last = chunk.last;
        self.plan.give_buffer(chunk.bytes);
        self.plan.parse(Chunk::new(self.next.byte, bytes, last), map)
    }

    fn block<T>(&mut self, parsed: Parsed<T>) -> Block<T> {
        let Parsed { chunk, found } = parsed;
        let Found { batches, records, rejected, error_count, mut errors, mut rejects, cut, .. } = found;
        let start = self.next;
        let base = start.line;
        errors.truncate(self.plan.options().limits.errors_kept - self.errors_kept);
        self.errors_kept += errors.len();
        errors.iter_mut().for_each(|error| error.line += base);
        for reject in &mut rejects {
            reject.line += base;
            reject.errors.iter_mut().for_each(|error| error.line += base);
        }
        let milliseconds_line = found.milliseconds_line.map(|line| line + base);

        self.fatal = found.fatal.map(|fatal| self.describe(fatal, &chunk));
        let rest = chunk.text().get(found.consumed..).unwrap_or_default();
        self.carry.extend_from_slice(rest);
        self.next.byte += found.consumed as u64;
        self.next.line += found.lines;

        let summary = &mut self.summary;
        summary.records_read += records;
        summary.rejected += rejected;
        summary.error_count += error_count;
        summary.bytes += found.consumed as u64;
        summary.milliseconds_line = summary.milliseconds_line.or(milliseconds_line);
        summary.cut.iter_mut().zip(&cut).for_each(|(sum, cut)| *sum += cut);
        if found.rejects_left {
            let sequence = Box::new(Self::from(Arc::clone(&self.plan), start));
            self.left = Some(Left { sequence, bytes: chunk.bytes, at: 0, end: found.consumed });
        } else {
            self.plan.give_buffer(chunk.bytes);
        }
        Block {
            batches,
            records_read: records,
            rejected,
            error_count,
            errors,
            rejects,
            bytes: found.consumed as u64,
            milliseconds_line,
            cut,
        }
    }

    #[cold]
    fn describe(&self, fatal: Fatal, chunk: &Chunk) -> CsvError {
        let text = chunk.text();
        let lines = memchr::memchr_iter(b'\n', text.get(..fatal.record).unwrap_or_default()).count() as u64;
        let limits = &self.plan.options().limits;
        let hint = |before: &[u8]| {
            let escaped = before.ends_with(b"\\") && !self.plan.dialect().backslash;
            if escaped { " (the file may escape quotes by a backslash: try --escape backslash)" } else { "" }
        };
        let until = |at: usize| text.get(..at).unwrap_or_default();
        let (kind, message, expected) = match fatal.why {
            FatalCause::Broken(Break::OpenQuote) => (
                CsvErrorKind::Syntax,
                "a quoted field is still open at the end of the file: close its quote, and double quotes inside it"
                    .to_owned(),
                "a closing quote",
            ),
            FatalCause::Broken(Break::TextAfterQuote) if text.get(fatal.at) == Some(&b'\r') => (
                CsvErrorKind::Syntax,
                "a carriage return (CR) after a closing quote that no line feed (LF) follows: the file may have old Mac \
                 line ends; convert them to LF"
                    .to_owned(),
                "LF or CRLF line ends",
            ),
            FatalCause::Broken(Break::TextAfterQuote) => (
                CsvErrorKind::Syntax,
                format!(
                    "text after the closing quote of a field: double the quotes that are part of a value{}",
                    hint(until(fatal.at.saturating_sub(1)))
                ),
                "a delimiter or a line end",
            ),
            FatalCause::Broken(Break::TooManyFields) => (
                CsvErrorKind::Limit,
                format!(
                    "a record of more fields than the limit record_fields ({}): this may be no CSV file",
                    limits.record_fields
                ),
                "a shorter record",
            ),
            FatalCause::RecordLimit => (
                CsvErrorKind::Limit,
                format!(
                    "a record over the limit record_bytes ({}): a quote may be open, or the line ends may not be LF",
                    limits.record_bytes
                ),
                "a shorter record",
            ),
        };
        let from = fatal.record.max(fatal.at.saturating_sub(limits.value_shown / 2));
        let to = text.len().min(from + limits.value_shown * 4 + 4);
        let from = if fatal.why == FatalCause::Broken(Break::OpenQuote) { fatal.at } else { from };
        let value = shown(text.get(from..to).unwrap_or_default(), limits.value_shown);
        CsvError::new(kind, self.plan.file(), message)
            .at(self.next.line + lines, chunk.offset + fatal.at as u64)
            .showing(value, expected)
    }
}
