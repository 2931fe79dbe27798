//! Records that are put one by one, as their lines come in.

use std::fmt;
use std::io::{BufRead, Read};

use restock_store::PendingPut;

use super::{Rows, rules};
use crate::dataset::Dataset;
use crate::error::Result;
use crate::snapshot::DatasetSnapshot;
use crate::source::{BYTE_ORDER_MARK, JsonLines, SourceError};

/// Puts each line of a reader, a record as a JSON object, on its own; made by
/// [`Dataset::put_lines`](crate::Dataset::put_lines).
///
/// An iterator of puts under way. They take effect in the order of their lines; those that are begun before the first
/// is waited for share one sync. Blank lines are skipped. An error is the last item: the lines before it were put,
/// that line and those behind it were not.
pub struct PutLines {
    dataset: Dataset,
    snapshot: DatasetSnapshot,
    parser: JsonLines,
    reader: Box<dyn BufRead + Send>,
    name: String,
    /// Physical lines and bytes read so far.
    lines: u64,
    bytes: u64,
    failed: bool,
}

/// The put of a line, under way.
#[derive(Debug)]
#[must_use = "the put is durable only after `wait`"]
pub struct LinePut {
    /// The physical line, from 1.
    pub line: u64,
    /// The put.
    pub put: PendingPut,
}

impl PutLines {
    pub(crate) fn new(dataset: Dataset, reader: Box<dyn BufRead + Send>, name: &str) -> Result<Self> {
        let snapshot = dataset.snapshot()?;
        let (target, options) = rules(&snapshot);
        let parser = JsonLines::new(name, &target, &options)?;
        let name = name.to_owned();
        Ok(Self { dataset, snapshot, parser, reader, name, lines: 0, bytes: 0, failed: false })
    }

    fn begin(&mut self) -> Result<Option<LinePut>> {
        let limit = self.parser.record_bytes();
        loop {
            let mut line = Vec::new();
            // The line's end is not of the record.
            let read =
                self.reader.by_ref().take((limit as u64).saturating_add(2)).read_until(b'\n', &mut line);
            read.map_err(|error| SourceError::from_io(&self.name, error))?;
            if line.is_empty() {
                return Ok(None);
            }
            let mut offset = self.bytes;
            self.bytes += line.len() as u64;
            self.lines += 1;
            if self.lines == 1 && line.starts_with(BYTE_ORDER_MARK) {
                line.drain(..BYTE_ORDER_MARK.len());
                offset += BYTE_ORDER_MARK.len() as u64;
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if text.strip_suffix(b"\r").unwrap_or(text).len() > limit {
                return Err(self.parser.too_long(self.lines, offset).into());
            }
            let mut rows = Rows::new(&self.snapshot);
            rows.take(self.parser.parse(line, offset, self.lines)?)?;
            let batch = rows.finish("the lines before it were put")?;
            if batch.num_rows() > 0 {
                return Ok(Some(LinePut { line: self.lines, put: self.dataset.begin_put(&batch)? }));
            }
        }
    }
}

impl Iterator for PutLines {
    type Item = Result<LinePut>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let begun = self.begin();
        self.failed = begun.is_err();
        begun.transpose()
    }
}

impl fmt::Debug for PutLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutLines")
            .field("reader", &self.name)
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}
