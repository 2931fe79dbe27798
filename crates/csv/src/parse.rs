//! Parses one chunk: pure work for a worker thread.

use std::time::{Duration, Instant};

use arrow::array::RecordBatch;

use crate::batch::BatchBuilder;
use crate::chunk::Chunk;
use crate::columns::Column;
use crate::error::RecordError;
use crate::fault::Fault;
use crate::plan::Plan;
use crate::record_checks::RecordChecks;
use crate::scan::{Break, Index, Step, record};

/// What a worker uses again from chunk to chunk.
#[derive(Default)]
pub(crate) struct Scratch {
    index: Index,
    rows: Vec<u32>,
    columns: Vec<Column>,
}

/// A record that was not accepted, for a rejects file.
#[derive(Clone, Debug, PartialEq)]
pub struct Reject {
    /// Physical line of its first byte, counted from 1.
    pub line: u64,
    /// Offset of its first byte in the decompressed file.
    pub byte: u64,
    /// The record as it stands in the file, without its line end.
    pub raw: Vec<u8>,
    /// Everything that is wrong with it.
    pub errors: Vec<RecordError>,
}

/// The most errors of a chunk that are all described at once: each takes some hundred bytes, and there may be one for
/// every second byte.
const DESCRIBED_MAX: usize = 16 << 10;

/// A parsed chunk. It becomes a [`Block`](crate::Block) once [`Sequence`](crate::Sequence) knows that the chunk began
/// where a record begins.
#[derive(Debug)]
pub struct Parsed<T> {
    pub(crate) chunk: Chunk,
    pub(crate) found: Found<T>,
}

impl<T> Parsed<T> {
    /// The part of the time that went into finding the fields.
    #[must_use]
    pub fn tokenising(&self) -> Duration {
        self.found.tokenising
    }
}

/// What a chunk holds; lines are relative to it.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) batches: Vec<T>,
    /// How much of the chunk is whole records.
    pub(crate) consumed: usize,
    /// Line feeds in that.
    pub(crate) lines: u64,
    pub(crate) records: u64,
    pub(crate) rejected: u64,
    pub(crate) error_count: u64,
    pub(crate) errors: Vec<RecordError>,
    pub(crate) rejects: Vec<Reject>,
    /// There are too many rejects to hold them all: they are to be described piece by piece.
    pub(crate) rejects_left: bool,
    pub(crate) milliseconds_line: Option<u64>,
    /// For each field of the schema the values cut.
    pub(crate) cut: Vec<u64>,
    pub(crate) fatal: Option<Fatal>,
    pub(crate) tokenising: Duration,
}

/// What loses the record boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fatal {
    /// The record's first byte.
    pub(crate) record: usize,
    pub(crate) at: usize,
    pub(crate) why: FatalCause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FatalCause {
    Broken(Break),
    RecordLimit,
}

/// How a stripe of records ended.
enum Stripe {
    More,
    Done,
    Fatal(Fatal),
}

impl Plan {
    /// Parses a chunk. `map` is applied to each batch as it is done: work that should run in the worker, too.
    /// [`Sequence::accept`](crate::Sequence::accept) needs the same function.
    pub fn parse<T>(&self, chunk: Chunk, map: impl FnMut(RecordBatch) -> T) -> Parsed<T> {
        let Scratch { index, rows, mut columns } = self.scratches().take();
        if columns.is_empty() {
            columns = self.builders();
        }
        let parser = Parser {
            plan: self,
            chunk: &chunk,
            index,
            rows,
            faults: Vec::new(),
            records: 0,
            lines: 0,
            tokenising: Duration::ZERO,
            batch: BatchBuilder::new(self, columns, map),
        };
        let found = parser.run();
        Parsed { chunk, found }
    }
}

struct Parser<'a, T, M> {
    plan: &'a Plan,
    chunk: &'a Chunk,
    index: Index,
    rows: Vec<u32>,
    faults: Vec<Fault>,
    records: u64,
    /// Line feeds so far.
    lines: u64,
    tokenising: Duration,
    batch: BatchBuilder<'a, T, M>,
}

impl<T, M: FnMut(RecordBatch) -> T> Parser<'_, T, M> {
    fn run(mut self) -> Found<T> {
        let mut at = 0;
        let fatal = loop {
            self.index.begin(at as u32);
            let began = Instant::now();
            let stripe = self.tokenise(at);
            self.tokenising += began.elapsed();
            let limit = self.convert(at);
            at = (self.index.next() as usize).min(self.chunk.len());
            match (limit, stripe) {
                (Some(fatal), _) | (None, Stripe::Fatal(fatal)) => break Some(fatal),
                (None, Stripe::Done) => break self.over_limit(at, self.known_end()),
                (None, Stripe::More) => {}
            }
        };
        self.found(fatal.map_or(at, |fatal| fatal.record), fatal)
    }

    /// Finds the records from `at` on, for about a stripe.
    fn tokenise(&mut self, at: usize) -> Stripe {
        let (dialect, len) = (self.plan.dialect(), self.chunk.len());
        let mut limit = len.min(at + self.plan.tuning().stripe);
        let mut slowly = false;
        loop {
            let scanner = self.plan.tuning().scanner;
            let odd = slowly || scanner.scan(dialect, &self.chunk.bytes, limit, &mut self.index);
            slowly = false;
            let next = self.index.next() as usize;
            let tail = limit == len && next < len;
            if odd || (tail && self.chunk.last) {
                match record(dialect, self.chunk.text(), next, self.chunk.last, &mut self.index) {
                    Step::Record => {}
                    Step::Incomplete => return Stripe::Done,
                    Step::Broken { at, why } => {
                        let fatal = Fatal { record: next, at, why: FatalCause::Broken(why) };
                        let reached = if why == Break::OpenQuote { len } else { at };
                        return Stripe::Fatal(self.over_limit(next, reached).unwrap_or(fatal));
                    }
                }
            } else if limit == len {
                return Stripe::Done;
            } else if self.index.len() > 0 {
                return Stripe::More;
            } else {
                // A record longer than the stripe.
                limit = len.min(at + 2 * (limit - at));
                // One of many separators goes the slow way, which counts the fields before it keeps them.
                let text = self.chunk.bytes.get(next..limit).unwrap_or_default();
                slowly = memchr::memchr_iter(dialect.delimiter, text).count() >= dialect.record_fields;
            }
        }
    }

    /// Where the record that the chunk breaks off in reaches to at least: what a CR at the end is, the next chunk tells.
    fn known_end(&self) -> usize {
        let undecided = !self.chunk.last && self.chunk.text().ends_with(b"\r");
        self.chunk.len() - usize::from(undecided)
    }

    /// The limit's error, if the record at `start` reaches to `end` at least.
    fn over_limit(&self, start: usize, end: usize) -> Option<Fatal> {
        let over = end.saturating_sub(start) > self.plan.options().limits.record_bytes;
        over.then_some(Fatal { record: start, at: start, why: FatalCause::RecordLimit })
    }

    /// Turns the records of the index into rows. An error if one of them is over the limit: those after it are left.
    fn convert(&mut self, at: usize) -> Option<Fatal> {
        let limits = &self.plan.options().limits;
        let width = self.plan.header().len();
        let text =
            self.chunk.bytes.get(at..self.chunk.len().min(self.index.next() as usize)).unwrap_or_default();
        // While the text is in the processor's cache.
        self.lines += memchr::memchr_iter(b'\n', text).count() as u64;
        let is_utf8 = simdutf8::basic::from_utf8(text).is_ok();
        let plain_bytes = limits.record_bytes.min(limits.field_bytes);
        let plain = is_utf8 && !self.index.has_lone_cr();

        self.rows.clear();
        let mut fatal = None;
        let checks = RecordChecks { plan: self.plan, text: self.chunk.text(), index: &self.index };
        for (number, extent) in self.index.extents().enumerate() {
            let len = (extent.end - extent.start) as usize;
            // Shorter ones may be empty lines.
            if plain && extent.width as usize == width && len >= 2 && len <= plain_bytes {
                self.records += 1;
                self.rows.push(extent.first_field);
                continue;
            }
            if checks.is_empty_line(extent) {
                continue;
            }
            if extent.width as usize > limits.record_fields {
                let start = extent.start as usize;
                fatal =
                    Some(Fatal { record: start, at: start, why: FatalCause::Broken(Break::TooManyFields) });
                break;
            }
            if len > limits.record_bytes {
                fatal = self.over_limit(extent.start as usize, extent.end as usize);
                break;
            }
            self.records += 1;
            let known = self.faults.len();
            checks.check(number, extent, &mut self.faults);
            if self.faults.len() == known {
                self.rows.push(extent.first_field);
            }
        }
        self.batch.append(&self.chunk.bytes, &self.index, &self.rows, &mut self.faults);
        fatal
    }

    fn found(mut self, consumed: usize, fatal: Option<Fatal>) -> Found<T> {
        let text = self.chunk.text();
        let done = self.batch.finish(&mut self.faults);
        self.faults.sort_by_key(|fault| (fault.record, fault.start));
        let mut lines = Lines { text, at: 0, lines: 0 };
        let limits = &self.plan.options().limits;
        let rejects_left = self.plan.options().keep_rejects && self.faults.len() > DESCRIBED_MAX;
        let keep_rejects = self.plan.options().keep_rejects && !rejects_left;
        let mut rejected = 0;
        let mut errors = Vec::new();
        let mut rejects = Vec::new();
        for faults in self.faults.chunk_by(|one, other| one.record == other.record) {
            rejected += 1;
            let Some(first) = faults.first() else { continue };
            if errors.len() >= limits.errors_kept && !keep_rejects {
                continue;
            }
            let line = lines.before(first.record as usize);
            let describe = |fault: &Fault| fault.describe(self.plan, text, self.chunk.offset, line);
            let described: Vec<RecordError> = faults.iter().map(describe).collect();
            errors.extend(described.iter().take(limits.errors_kept.saturating_sub(errors.len())).cloned());
            if keep_rejects {
                let (start, end) = (first.record as usize, first.record_end as usize);
                let raw = text.get(start..end).unwrap_or_default();
                let raw = raw.strip_suffix(b"\r").filter(|_| text.get(end) == Some(&b'\n')).unwrap_or(raw);
                let byte = self.chunk.offset + u64::from(first.record);
                rejects.push(Reject { line, byte, raw: raw.to_vec(), errors: described });
            }
        }
        let milliseconds =
            done.milliseconds.map(|start| Lines { text, at: 0, lines: 0 }.before(start as usize));
        self.plan.scratches().give(Scratch { index: self.index, rows: self.rows, columns: done.columns });
        Found {
            batches: done.batches,
            consumed,
            lines: self.lines,
            records: self.records,
            rejected,
            error_count: self.faults.len() as u64,
            errors,
            rejects,
            rejects_left,
            milliseconds_line: milliseconds,
            cut: done.cut,
            fatal,
            tokenising: self.tokenising,
        }
    }
}

/// Counts line feeds before places that come in order.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    lines: u64,
}

impl Lines<'_> {
    fn before(&mut self, at: usize) -> u64 {
        let more = self.text.get(self.at..at).unwrap_or_default();
        self.lines += memchr::memchr_iter(b'\n', more).count() as u64;
        self.at = at;
        self.lines
    }
}
