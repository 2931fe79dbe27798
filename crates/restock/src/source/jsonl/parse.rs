//! Parses a chunk of lines: pure work for a worker thread.

use ahash::AHashSet;
use arrow::array::RecordBatch;
use restock_csv::values::{MILLISECONDS_FROM, shown};
use restock_csv::{Block, RecordError, Reject};

use super::lines::JsonChunk;
use super::row::{Fault, Row};
use super::{JsonPlan, UnknownKeys};
use crate::record::{Column, batch_of};
use crate::source::error::SourceError;
use crate::source::target::{REJECTS_DESCRIBED, cut_name};

/// A parsed chunk.
#[derive(Debug)]
pub(in crate::source) struct JsonParsed<T> {
    pub(in crate::source) block: Block<T>,
    /// Keys that name no column, in order of first appearance.
    pub(in crate::source) unknown: Vec<String>,
}

impl JsonPlan {
    /// How many lines have errors that can be described at once, unless they have keys twice.
    pub(in crate::source) fn lines_described(&self) -> usize {
        (REJECTS_DESCRIBED / (self.keys.len() + 1)).max(1)
    }

    /// Hands on the rejects of a chunk in pieces of so many lines, or fewer where those have too many errors.
    pub(in crate::source) fn describe<E: From<SourceError>>(
        &self,
        chunk: &JsonChunk,
        lines: usize,
        hand_on: &mut impl FnMut(Vec<Reject>) -> Result<(), E>,
    ) -> Result<(), E> {
        for piece in chunk.pieces(lines) {
            let block = self.parse(&piece, drop)?.block;
            // A line by itself has its reject, so this ends.
            if self.has_left(&block) {
                self.describe(&piece, lines / 2, hand_on)?;
            } else {
                hand_on(block.rejects)?;
            }
        }
        Ok(())
    }

    /// Whether the rejects of a block are to be described in pieces, being too many.
    pub(in crate::source) fn has_left<T>(&self, block: &Block<T>) -> bool {
        self.options.keep_rejects && block.rejected > 0 && block.rejects.is_empty()
    }

    /// Parses a chunk; `map` is applied to each batch as it is done.
    ///
    /// # Errors
    /// None that a file can cause.
    pub(in crate::source) fn parse<T>(
        &self,
        chunk: &JsonChunk,
        map: impl FnMut(RecordBatch) -> T,
    ) -> Result<JsonParsed<T>, SourceError> {
        let columns = self.target.columns();
        let mut parser = Parser {
            plan: self,
            map,
            seen: vec![false; columns.len()],
            unknown: Unknown::default(),
            block: Block { bytes: chunk.bytes.len() as u64, ..Block::empty(columns.len()) },
            columns,
            rows: 0,
            described: 0,
        };
        let (mut offset, mut line) = (chunk.offset, chunk.line);
        for text in chunk.bytes.split_inclusive(|&byte| byte == b'\n') {
            parser.line(text, offset, line)?;
            offset += text.len() as u64;
            line += 1;
        }
        parser.flush()?;
        Ok(JsonParsed { block: parser.block, unknown: parser.unknown.names })
    }
}

/// Names seen, in order of first appearance.
#[derive(Default)]
pub(super) struct Unknown {
    names: Vec<String>,
    seen: AHashSet<String>,
}

impl Unknown {
    /// Keeps a name unless `most` are kept: a file may have a new one on each line.
    pub(super) fn add(&mut self, name: &str, most: usize) {
        let name = cut_name(name);
        if self.names.len() < most && !self.seen.contains(name) {
            self.seen.insert(name.to_owned());
            self.names.push(name.to_owned());
        }
    }
}

struct Parser<'a, T, M> {
    plan: &'a JsonPlan,
    map: M,
    columns: Vec<Column>,
    seen: Vec<bool>,
    unknown: Unknown,
    /// Rows in `columns`.
    rows: usize,
    /// Errors in the block's rejects.
    described: usize,
    block: Block<T>,
}

impl<T, M: FnMut(RecordBatch) -> T> Parser<'_, T, M> {
    fn line(&mut self, text: &[u8], offset: u64, line: u64) -> Result<(), SourceError> {
        let text = text.trim_ascii_end();
        if text.is_empty() {
            return Ok(());
        }
        self.block.records_read += 1;
        let faults = match std::str::from_utf8(text) {
            Ok(text) => self.row(text),
            Err(error) => vec![Fault {
                field: None,
                byte: error.valid_up_to(),
                value: shown(text, self.plan.options.limits.value_shown),
                expected: "UTF-8".to_owned(),
                reason: "holds bytes that are not UTF-8".to_owned(),
            }],
        };
        if faults.is_empty() {
            self.accepted(line)
        } else {
            self.rejected(text, faults, offset, line);
            Ok(())
        }
    }

    /// Reads a row; with faults there is none.
    fn row(&mut self, text: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        // The first reading takes the usual shapes the fast way, and numbers for `float` columns straight to single
        // precision; it fails on anything else. The second looks closer, and finds out what is wrong.
        for close in [false, true] {
            faults.clear();
            self.seen.fill(false);
            let row = Row {
                plan: self.plan,
                columns: &mut self.columns,
                seen: &mut self.seen,
                unknown: (self.plan.unknown_keys == UnknownKeys::Report).then_some(&mut self.unknown),
                faults: &mut faults,
                close,
                start: text.as_ptr().addr(),
                at: 0,
            };
            let read = row.read(text);
            if read.is_ok() && faults.is_empty() {
                return faults;
            }
            self.columns.iter_mut().for_each(|column| column.truncate(self.rows));
            if let (Err(fault), true) = (read, close) {
                faults.push(fault);
            }
        }
        faults
    }

    fn accepted(&mut self, line: u64) -> Result<(), SourceError> {
        self.rows += 1;
        let time = self.plan.target.timestamp().and_then(|place| self.columns.get(place)?.last_long());
        if time.is_some_and(|time| time > MILLISECONDS_FROM) {
            self.block.milliseconds_line.get_or_insert(line);
        }
        let limits = &self.plan.options.limits;
        // The sum is asked for now and then only.
        let full = self.rows.is_multiple_of(64)
            && self.columns.iter().map(Column::bytes).sum::<usize>() >= limits.batch_bytes;
        if full || self.rows >= limits.batch_rows { self.flush() } else { Ok(()) }
    }

    fn rejected(&mut self, text: &[u8], faults: Vec<Fault>, offset: u64, line: u64) {
        let options = &self.plan.options;
        self.block.rejected += 1;
        self.block.error_count += faults.len() as u64;
        let room = options.limits.errors_kept.saturating_sub(self.block.errors.len());
        self.described += faults.len();
        // The first one's errors are few enough to be described by themselves: see `Row::fault`.
        let keep = options.keep_rejects && (self.block.rejected == 1 || self.described <= REJECTS_DESCRIBED);
        if options.keep_rejects && !keep {
            self.block.rejects = Vec::new();
        }
        if room == 0 && !keep {
            return;
        }
        let errors = faults.into_iter().map(|fault| RecordError {
            file: self.plan.file.clone(),
            line,
            column: fault.field.and_then(|field| self.plan.keys.get(field).cloned()),
            byte: Some(offset + fault.byte as u64),
            value: fault.value,
            expected: fault.expected,
            reason: fault.reason,
        });
        let errors: Vec<RecordError> = errors.collect();
        self.block.errors.extend(errors.iter().take(room).cloned());
        if keep {
            self.block.rejects.push(Reject { line, byte: offset, raw: text.to_vec(), errors });
        }
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        for (sum, column) in self.block.cut.iter_mut().zip(&self.columns) {
            *sum += column.cut();
        }
        let batch = batch_of(self.plan.target.schema(), &mut self.columns)
            .map_err(|error| SourceError::damaged(&self.plan.file, error.to_string()))?;
        self.block.batches.push((self.map)(batch));
        Ok(())
    }
}
