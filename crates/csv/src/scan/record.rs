//! One record, byte by byte: the dialect's rules in full.

use super::{Dialect, Index};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is in the index.
    Record,
    /// The text ends inside it.
    Incomplete,
    /// Where it ends is unknown.
    Broken { at: usize, why: Break },
}

/// How the record boundary was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    OpenQuote,
    TextAfterQuote,
    /// The record has more fields than the limit. Its end is not looked for.
    TooManyFields,
}

enum State {
    FieldStart,
    Unquoted,
    /// Where the opening quote stands.
    Quoted(usize),
    /// The same, after a quote that closes the field or begins a doubled one.
    AfterQuote(usize),
}

/// Reads the record at `from` into the index; `bytes` ends where the text ends, and `last` says that nothing follows.
pub(crate) fn record(dialect: Dialect, bytes: &[u8], from: usize, last: bool, index: &mut Index) -> Step {
    let fields = index.bounds.len();
    let bounds_max = fields.saturating_add(dialect.record_fields);
    let step = Automaton { dialect, bytes, last, index, bounds_max, lone_cr: None }.run(from);
    if step != Step::Record {
        index.bounds.truncate(fields);
    }
    step
}

struct Automaton<'a> {
    dialect: Dialect,
    bytes: &'a [u8],
    last: bool,
    index: &'a mut Index,
    /// What the index may grow to without an error.
    bounds_max: usize,
    lone_cr: Option<usize>,
}

impl Automaton<'_> {
    fn run(&mut self, from: usize) -> Step {
        let mut state = State::FieldStart;
        let mut at = from;
        loop {
            let Some(&byte) = self.bytes.get(at) else { return self.end(at, &state) };
            let next = self.bytes.get(at + 1).copied();
            state = match (state, byte) {
                (State::Quoted(open), _) => {
                    let Some(skipped) = self.quoted(at) else {
                        return self.end(self.bytes.len(), &State::Quoted(open));
                    };
                    at = skipped;
                    if self.bytes.get(at) == Some(&b'"') {
                        State::AfterQuote(open)
                    } else {
                        at += 1; // an escape: the byte after the backslash is data
                        State::Quoted(open)
                    }
                }
                (State::AfterQuote(open), b'"') => State::Quoted(open),
                (State::FieldStart, b'"') => State::Quoted(at),
                (_, byte) if byte == self.dialect.delimiter => {
                    self.separator(at);
                    if self.index.bounds.len() >= self.bounds_max {
                        return Step::Broken { at: from, why: Break::TooManyFields };
                    }
                    State::FieldStart
                }
                (_, b'\n') => return self.finish(at),
                (state, b'\r') if next == Some(b'\n') => state,
                (_, b'\r') if next.is_none() && !self.last => return Step::Incomplete,
                (State::AfterQuote(_), _) => return Step::Broken { at, why: Break::TextAfterQuote },
                (State::FieldStart | State::Unquoted, b'\r') => {
                    self.lone_cr.get_or_insert(at);
                    State::Unquoted
                }
                (State::FieldStart | State::Unquoted, _) => {
                    at = self.unquoted(at);
                    State::Unquoted
                }
            };
            at += 1;
        }
    }

    /// The next quote, or backslash that escapes something, from `at` on.
    fn quoted(&self, mut at: usize) -> Option<usize> {
        loop {
            let rest = self.bytes.get(at..)?;
            if !self.dialect.backslash {
                return memchr::memchr(b'"', rest).map(|found| at + found);
            }
            at += memchr::memchr2(b'"', b'\\', rest)?;
            let escapes = matches!(self.bytes.get(at + 1), Some(b'"' | b'\\'));
            if self.bytes.get(at) == Some(&b'"') || escapes {
                return Some(at);
            }
            at += 1;
        }
    }

    /// The last byte before the next one that means something in an unquoted field.
    fn unquoted(&self, at: usize) -> usize {
        let rest = self.bytes.get(at + 1..).unwrap_or_default();
        at + memchr::memchr3(self.dialect.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len())
    }

    fn separator(&mut self, at: usize) {
        self.index.bounds.push(at as u32 + 1);
    }

    fn finish(&mut self, at: usize) -> Step {
        self.separator(at);
        if let Some(at) = self.lone_cr {
            self.index.lone_crs.push((self.index.len(), at as u32));
        }
        self.index.records.push(self.index.bounds.len() as u32 - 1);
        Step::Record
    }

    fn end(&mut self, at: usize, state: &State) -> Step {
        match state {
            _ if !self.last => Step::Incomplete,
            State::Quoted(open) => Step::Broken { at: *open, why: Break::OpenQuote },
            _ => self.finish(at),
        }
    }
}
