//! Cuts a byte stream into chunks that begin and end, most likely, at a record.

use std::io::Read;
use std::sync::Arc;

use crate::encoding::{BYTE_ORDER_MARK, refusal};
use crate::error::{CsvError, CsvErrorKind};
use crate::header::too_many_columns;
use crate::options::{Escape, Header, Options};
use crate::plan::{HeaderRecord, Plan, Position, Tuning, dialect};
use crate::scan::{Break, Index, PADDING, Step, record};
use crate::space::Space;
use crate::target::Target;
use crate::values::shown;

/// A piece of a file. Whether it begins where a record begins is a guess, which [`Sequence`](crate::Sequence) checks.
#[derive(Debug)]
pub struct Chunk {
    /// Its offset in the decompressed file.
    pub(crate) offset: u64,
    /// Its text, and [`PADDING`] zeros.
    pub(crate) bytes: Space,
    /// The file ends with it: the last record needs no line end.
    pub(crate) last: bool,
}

impl Chunk {
    pub(crate) fn new(offset: u64, mut bytes: Space, last: bool) -> Self {
        bytes.extend_zeros(PADDING);
        Self { offset, bytes, last }
    }

    /// How many bytes of the file it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() - PADDING
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn text(&self) -> &[u8] {
        self.bytes.get(..self.len()).unwrap_or_default()
    }
}

/// Reads a file in chunks. What a chunk holds depends on the file and the options only.
#[derive(Debug)]
pub struct ChunkReader<R> {
    source: Source<R>,
    plan: Arc<Plan>,
    /// Where `source.pending` starts in the file.
    offset: u64,
}

#[derive(Debug)]
struct Source<R> {
    input: R,
    file: String,
    pending: Space,
    ended: bool,
}

/// How much of a file must be seen to recognise its encoding.
const HEAD: usize = 4096;

impl<R: Read> ChunkReader<R> {
    /// Recognises the encoding, reads the header and finds the columns.
    ///
    /// # Errors
    /// Options that cannot work, an input that cannot be read, is not UTF-8 text or is empty, and a header that lacks
    /// columns of the schema.
    pub fn open(
        input: R,
        file: &str,
        target: Arc<Target>,
        options: Arc<Options>,
    ) -> Result<(Arc<Plan>, Self), CsvError> {
        Self::open_tuned(input, file, target, options, Tuning::default())
    }

    pub(crate) fn open_tuned(
        input: R,
        file: &str,
        target: Arc<Target>,
        options: Arc<Options>,
        tuning: Tuning,
    ) -> Result<(Arc<Plan>, Self), CsvError> {
        options.check(file)?;
        let mut source = Source { input, file: file.to_owned(), pending: Space::default(), ended: false };
        source.fill(HEAD)?;
        if let Some(message) = refusal(&source.pending) {
            return Err(CsvError::new(CsvErrorKind::Encoding, file, message).at(1, 0));
        }
        let mark = if source.pending.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let header = match &options.header {
            Header::Names(names) => HeaderRecord {
                names: names.clone(),
                raw: Vec::new(),
                next: Position { byte: mark as u64, line: 1 },
            },
            Header::FirstRecord => source.header(mark, &options)?,
        };
        let offset = header.next.byte;
        let consumed = usize::try_from(offset).unwrap_or(usize::MAX).min(source.pending.len());
        source.pending.drop_front(consumed);
        let plan = Arc::new(Plan::new(file, target, options, header, tuning)?);
        Ok((Arc::clone(&plan), Self { source, plan, offset }))
    }

    /// The next chunk, or none at the end of the file.
    ///
    /// # Errors
    /// An input that cannot be read.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, CsvError> {
        let options = self.plan.options();
        let size = options.limits.chunk_bytes;
        self.source.fill(size)?;
        let pending = &mut self.source.pending;
        if pending.is_empty() {
            return Ok(None);
        }
        let window = pending.get(..size).unwrap_or(&*pending);
        let whole = self.source.ended && window.len() == pending.len();
        let end = if whole { window.len() } else { boundary(window, options.escape) };
        let mut rest = self.plan.take_buffer();
        rest.clear();
        rest.extend_from_slice(pending.get(end..).unwrap_or_default());
        pending.truncate(end);
        let chunk = Chunk::new(self.offset, std::mem::replace(pending, rest), false);
        self.offset += end as u64;
        Ok(Some(chunk))
    }
}

impl<R: Read> Source<R> {
    /// Reads until `pending` holds at least `size` bytes, or the file ends.
    fn fill(&mut self, size: usize) -> Result<(), CsvError> {
        if self.ended || self.pending.len() >= size {
            return Ok(());
        }
        self.pending.reserve(size + PADDING);
        let whole = self.pending.read_to(size, &mut self.input);
        self.ended = !whole.map_err(|error| CsvError::io(&self.file, error))?;
        Ok(())
    }

    /// The first record that is not an empty line.
    fn header(&mut self, mark: usize, options: &Options) -> Result<HeaderRecord, CsvError> {
        let mut index = Index::default();
        let mut start = mark;
        loop {
            index.begin(u32::try_from(start).unwrap_or(u32::MAX));
            let step = if start < self.pending.len() || !self.ended {
                record(dialect(options), &self.pending, start, self.ended, &mut index)
            } else {
                return Err(self.refuse(start, "the file is empty: it has no header"));
            };
            match step {
                Step::Incomplete if self.pending.len() - start > options.limits.record_bytes => {
                    let limit = options.limits.record_bytes;
                    return Err(
                        self.refuse(start, &format!("the header is over the limit record_bytes ({limit})"))
                    );
                }
                Step::Incomplete => {
                    let most = start.saturating_add(options.limits.record_bytes).saturating_add(HEAD);
                    self.fill(self.pending.len().saturating_mul(2).max(HEAD).min(most))?;
                }
                Step::Broken { why: Break::TooManyFields, .. } => {
                    let more = format!("more than {}", options.limits.record_fields);
                    return Err(too_many_columns(&self.file, &more, &options.limits));
                }
                Step::Broken { at, .. } => {
                    return Err(
                        self.refuse(at, "the header has a quote that is not closed, or text after one")
                    );
                }
                Step::Record => {
                    let raw = self.pending.get(start..index.next() as usize - 1).unwrap_or_default();
                    let raw = raw.strip_suffix(b"\r").filter(|_| !index.has_lone_cr()).unwrap_or(raw);
                    let columns = index.bounds().len().saturating_sub(1);
                    if columns > options.limits.columns {
                        return Err(too_many_columns(&self.file, &columns.to_string(), &options.limits));
                    }
                    if !raw.is_empty() {
                        return self.names(raw, &index, options);
                    }
                    start = index.next() as usize;
                }
            }
        }
    }

    fn names(&self, raw: &[u8], index: &Index, options: &Options) -> Result<HeaderRecord, CsvError> {
        let start = index.bounds().first().map_or(0, |start| *start as usize);
        if let Some(at) = index.lone_cr(0) {
            let message = "the header has a carriage return (CR) without a line feed (LF): the file may have old Mac \
                           line ends; convert them to LF";
            return Err(self.refuse(at as usize, message));
        }
        if let Err(error) = std::str::from_utf8(raw) {
            return Err(self.refuse(start + error.valid_up_to(), "the header is not UTF-8: convert the file"));
        }
        let ends = index.bounds().iter().skip(1).map(|next| *next as usize - 1 - start);
        let starts = index.bounds().iter().map(|next| *next as usize - start);
        let fields = starts.zip(ends).map(|(from, to)| raw.get(from..to.min(raw.len())).unwrap_or_default());
        let names = fields.map(|field| crate::columns::decode(field, options.escape));
        let names = names.map(|name| String::from_utf8_lossy(&name).into_owned()).collect();
        let consumed = self.pending.get(..index.next() as usize).unwrap_or(&self.pending);
        let lines = memchr::memchr_iter(b'\n', consumed).count() as u64;
        let next = Position { byte: consumed.len() as u64, line: 1 + lines };
        Ok(HeaderRecord { names, raw: raw.to_vec(), next })
    }

    #[cold]
    fn refuse(&self, at: usize, message: &str) -> CsvError {
        let before = self.pending.get(..at).unwrap_or_default();
        let line = 1 + memchr::memchr_iter(b'\n', before).count() as u64;
        let value = self.pending.get(at..self.pending.len().min(at + HEAD)).unwrap_or_default();
        CsvError::new(CsvErrorKind::Header, &self.file, message)
            .at(line, at as u64)
            .showing(shown(value, 80), "a header line")
    }
}

/// The last place in the window where a record begins, if quotes are where RFC 4180 has them: after a line feed that
/// an even number of quotes precedes. Without one after the last line feed, and without that at the window's end.
fn boundary(window: &[u8], escape: Escape) -> usize {
    let escapes = escape == Escape::Backslash && memchr::memchr(b'\\', window).is_some();
    let mut inside = odd_quotes(window, 0, window.len(), escapes);
    let mut end = window.len();
    let mut last = None;
    while let Some(at) = memchr::memrchr(b'\n', window.get(..end).unwrap_or_default()) {
        inside ^= odd_quotes(window, at, end, escapes);
        if !inside {
            return at + 1;
        }
        last.get_or_insert(at + 1);
        end = at;
    }
    last.unwrap_or(window.len())
}

/// Whether an odd number of quotes between two places open or close.
fn odd_quotes(window: &[u8], from: usize, to: usize, escapes: bool) -> bool {
    let quotes = memchr::memchr_iter(b'"', window.get(from..to).unwrap_or_default());
    if !escapes {
        return quotes.count() % 2 == 1;
    }
    let escaped = |at: &usize| {
        let before = window.get(..from + at).unwrap_or_default();
        before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
    };
    quotes.filter(|at| !escaped(at)).count() % 2 == 1
}

/// The chunks in order, until the end of the file or an error.
impl<R: Read> Iterator for ChunkReader<R> {
    type Item = Result<Chunk, CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().transpose()
    }
}
