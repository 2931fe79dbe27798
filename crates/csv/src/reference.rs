//! The dialect again, slow and obvious: one byte at a time, one state after the other, the whole file at once. The
//! measure of the fast reader.

mod compare;
mod outcome;

pub(crate) use compare::compare;
#[cfg(test)]
pub(crate) use outcome::Row;
pub(crate) use outcome::{Outcome, run_target};

use crate::options::{Escape, Options};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) quoted: bool,
    pub(crate) value: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) start: usize,
    /// Without its line end.
    pub(crate) end: usize,
    pub(crate) line: u64,
    pub(crate) fields: Vec<Field>,
    pub(crate) lone_cr: Option<usize>,
}

/// What ended the reading before the file's end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Broken {
    pub(crate) line: u64,
    pub(crate) at: usize,
    /// The file ends inside quotes.
    pub(crate) open: bool,
}

#[derive(PartialEq)]
enum State {
    Start,
    Unquoted,
    Quoted,
    Closed,
}

/// The records from `start` on that are not empty lines, and what ended the reading.
pub(crate) fn records(bytes: &[u8], start: usize, options: &Options) -> (Vec<Record>, Option<Broken>) {
    let mut records = Vec::new();
    let mut at = start;
    let mut line = 1;
    while at < bytes.len() {
        let (record, next, broken) = record(bytes, at, line, options);
        let limit = options.limits.record_bytes;
        // The CR of a CRLF counts.
        let end =
            if next > record.end && bytes.get(next - 1) == Some(&b'\n') { next - 1 } else { record.end };
        let reached = broken.map_or(end, |broken| if broken.open { bytes.len() } else { broken.at });
        if reached - at > limit {
            return (records, Some(Broken { line, at, open: false }));
        }
        if broken.is_some() {
            return (records, broken);
        }
        if record.end > record.start {
            records.push(record);
        }
        line += bytes[at..next].iter().filter(|byte| **byte == b'\n').count() as u64;
        at = next;
    }
    (records, None)
}

/// The record at `start`, where the next one begins, and whether its end is unknown.
fn record(bytes: &[u8], start: usize, line: u64, options: &Options) -> (Record, usize, Option<Broken>) {
    let mut record = Record { start, end: bytes.len(), line, fields: Vec::new(), lone_cr: None };
    let mut state = State::Start;
    let mut value = Vec::new();
    let mut field = start;
    let mut quote = start;
    let mut at = start;
    while at < bytes.len() {
        let byte = bytes[at];
        let next = bytes.get(at + 1).copied();
        let crlf = byte == b'\r' && next == Some(b'\n');
        match state {
            State::Quoted => match (byte, next) {
                (b'"', _) => state = State::Closed,
                (b'\\', Some(escaped @ (b'"' | b'\\'))) if options.escape == Escape::Backslash => {
                    value.push(escaped);
                    at += 1;
                }
                _ => value.push(byte),
            },
            State::Closed if byte == b'"' => {
                value.push(b'"');
                state = State::Quoted;
            }
            State::Start if byte == b'"' => {
                quote = at;
                state = State::Quoted;
            }
            _ if byte == options.delimiter || byte == b'\n' || crlf => {
                let quoted = state == State::Closed;
                record.fields.push(Field {
                    start: field,
                    end: at,
                    quoted,
                    value: std::mem::take(&mut value),
                });
                if byte != options.delimiter {
                    record.end = at;
                    return (record, at + if crlf { 2 } else { 1 }, None);
                }
                state = State::Start;
                field = at + 1;
            }
            State::Closed => return (record, at + 1, Some(Broken { line, at, open: false })),
            State::Start | State::Unquoted => {
                if byte == b'\r' && record.lone_cr.is_none() {
                    record.lone_cr = Some(at);
                }
                value.push(byte);
                state = State::Unquoted;
            }
        }
        at += 1;
    }
    if state == State::Quoted {
        return (record, at, Some(Broken { line, at: quote, open: true }));
    }
    record.fields.push(Field { start: field, end: at, quoted: state == State::Closed, value });
    (record, at, None)
}
