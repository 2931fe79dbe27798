//! Errors: of a record, which the reading survives, and of the file, which it does not.

use std::fmt;
use std::io;

use serde::Serialize;

use crate::values::shown;

/// Why one record was not accepted (S12): where, what stood there, what was expected.
#[derive(Serialize, Clone, Debug, PartialEq)]
pub struct RecordError {
    /// The file, as its opener named it.
    pub file: String,
    /// Physical line of the record's first byte, counted from 1, the header included (a row number for typed
    /// sources).
    pub line: u64,
    /// The column's name in the file's header, if the error belongs to one column.
    pub column: Option<String>,
    /// Offset of the field's first byte in the decompressed file, a byte order mark included.
    pub byte: Option<u64>,
    /// The value, cut to a length fit for a message, control characters escaped.
    pub value: String,
    /// What would have been accepted.
    pub expected: String,
    /// What is wrong with the value.
    pub reason: String,
}

impl fmt::Display for RecordError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(out, ": column {}", shown(column.as_bytes(), NAME_SHOWN))?;
        }
        if let Some(byte) = self.byte {
            write!(out, " (byte {byte})")?;
        }
        write!(out, ": '{}' {}; expected {}", self.value, self.reason, self.expected)
    }
}

/// The most characters of a column's name that a message shows.
const NAME_SHOWN: usize = 80;

/// What kind of trouble ended the reading: tells the caller what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvErrorKind {
    /// The input could not be read: see the source of the error.
    Io,
    /// The options cannot work for any file: change them.
    Options,
    /// The file is not UTF-8 text: convert or decompress it.
    Encoding,
    /// The header does not have the schema's columns: rename, or change the file.
    Header,
    /// From some byte on it is unknown where a record ends: mend the file there.
    Syntax,
    /// A record or the header is larger than a limit: raise the limit or mend the file.
    Limit,
}

/// An error that ends the reading of a file.
#[derive(Debug)]
pub struct CsvError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: CsvErrorKind,
    file: String,
    line: Option<u64>,
    byte: Option<u64>,
    value: String,
    expected: String,
    message: String,
    missing: Vec<String>,
    source: Option<io::Error>,
}

impl CsvError {
    pub(crate) fn new(kind: CsvErrorKind, file: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            file: file.to_owned(),
            line: None,
            byte: None,
            value: String::new(),
            expected: String::new(),
            message: message.into(),
            missing: Vec::new(),
            source: None,
        }))
    }

    pub(crate) fn io(file: &str, source: io::Error) -> Self {
        let mut error = Self::new(CsvErrorKind::Io, file, format!("cannot be read: {source}"));
        error.0.source = Some(source);
        error
    }

    pub(crate) fn at(mut self, line: u64, byte: u64) -> Self {
        self.0.line = Some(line);
        self.0.byte = Some(byte);
        self
    }

    pub(crate) fn showing(mut self, value: String, expected: &str) -> Self {
        self.0.value = value;
        expected.clone_into(&mut self.0.expected);
        self
    }

    pub(crate) fn missing(mut self, columns: Vec<String>) -> Self {
        self.0.missing = columns;
        self
    }

    /// The columns that the schema asks for and the header does not have; the value shown is the header then.
    #[must_use]
    pub fn missing_columns(&self) -> &[String] {
        &self.0.missing
    }

    /// What stood there, cut to a length fit for a message.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.0.value
    }

    /// What kind of trouble it is.
    #[must_use]
    pub fn kind(&self) -> CsvErrorKind {
        self.0.kind
    }

    /// The file, as its opener named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// Physical line, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// Offset in the decompressed file.
    #[must_use]
    pub fn byte(&self) -> Option<u64> {
        self.0.byte
    }

    /// What happened and what to do, without the position.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The same as a record error, for the list of errors in a report.
    #[must_use]
    pub fn to_record_error(&self) -> RecordError {
        let inner = &*self.0;
        RecordError {
            file: inner.file.clone(),
            line: inner.line.unwrap_or(1),
            column: None,
            byte: inner.byte,
            value: inner.value.clone(),
            expected: inner.expected.clone(),
            reason: inner.message.clone(),
        }
    }
}

impl fmt::Display for CsvError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        out.write_str(&inner.file)?;
        if let Some(line) = inner.line {
            write!(out, ":{line}")?;
        }
        if let Some(byte) = inner.byte {
            write!(out, " (byte {byte})")?;
        }
        write!(out, ": {}", inner.message)
    }
}

impl std::error::Error for CsvError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}
