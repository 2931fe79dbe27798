//! What a caller can choose about a CSV file.

use crate::error::{CsvError, CsvErrorKind};

/// How a quote is written inside a quoted field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Escape {
    /// Doubled quotes only, as RFC 4180 has it.
    #[default]
    None,
    /// Doubled quotes, and `\"` and `\\` as Amazon Personalize asks for. Any other backslash is data.
    Backslash,
}

/// Where the column names come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// The first record names the columns.
    #[default]
    FirstRecord,
    /// The file has no header; these are its columns in order.
    Names(Vec<String>),
}

/// A column whose header is not the schema's name for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The field's name in the schema.
    pub schema_name: String,
    /// The column's name in the file.
    pub header: String,
}

/// Bounds on what a file may ask of memory. Sizes are in bytes of the decompressed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest field, quotes included. A longer one is an error of its record.
    pub field_bytes: usize,
    /// Longest record, line end excluded. A longer one ends the reading: its end may be anywhere.
    pub record_bytes: usize,
    /// Most columns of a file.
    pub columns: usize,
    /// Most fields of a record. More end the reading.
    pub record_fields: usize,
    /// Size of the pieces that are parsed in parallel.
    pub chunk_bytes: usize,
    /// Most rows of one batch.
    pub batch_rows: usize,
    /// Text after which a batch is closed (a batch exceeds it by less than one stripe of records).
    pub batch_bytes: usize,
    /// How many errors of a file are reported in full; all are counted.
    pub errors_kept: usize,
    /// How many characters of a value an error shows.
    pub value_shown: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            field_bytes: 16 << 20,
            record_bytes: 64 << 20,
            columns: 4096,
            record_fields: 1 << 20,
            // With the padding behind its text, a chunk fills whole large pages.
            chunk_bytes: 4_194_240,
            batch_rows: 64 << 10,
            batch_bytes: 16 << 20,
            errors_kept: 100,
            value_shown: 80,
        }
    }
}

/// The dialect of a file and the limits of its reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The byte between fields: ASCII, not a quote, a line end or NUL.
    pub delimiter: u8,
    /// How a quote is written inside a quoted field.
    pub escape: Escape,
    /// Where the column names come from.
    pub header: Header,
    /// Columns whose header is not the schema's name for them.
    pub renames: Vec<Rename>,
    /// Bounds on memory.
    pub limits: Limits,
    /// Keep the bytes of rejected records, for a rejects file.
    pub keep_rejects: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            delimiter: b',',
            escape: Escape::None,
            header: Header::FirstRecord,
            renames: Vec::new(),
            limits: Limits::default(),
            keep_rejects: false,
        }
    }
}

/// Chunks and records are addressed by `u32`; a chunk may have to carry one record of the chunk before.
const ADDRESSABLE: usize = 1 << 30;

impl Options {
    /// Refuses options that no file could be read with.
    pub(crate) fn check(&self, file: &str) -> Result<(), CsvError> {
        let refuse = |message: String| Err(CsvError::new(CsvErrorKind::Options, file, message));
        let delimiter = self.delimiter;
        if !delimiter.is_ascii() || matches!(delimiter, 0 | b'"' | b'\r' | b'\n') {
            return refuse(format!(
                "the delimiter {:?} cannot be used: take one ASCII character that is not a quote, a line end or NUL",
                char::from(delimiter)
            ));
        }
        if self.escape == Escape::Backslash && delimiter == b'\\' {
            return refuse("the backslash cannot be both the delimiter and the escape".to_owned());
        }
        let limits = &self.limits;
        let sizes = [
            ("chunk_bytes", limits.chunk_bytes),
            ("record_bytes", limits.record_bytes),
            ("field_bytes", limits.field_bytes),
            ("batch_bytes", limits.batch_bytes),
            ("batch_rows", limits.batch_rows),
            ("columns", limits.columns),
            ("record_fields", limits.record_fields),
        ];
        for (name, value) in sizes {
            if value == 0 || value > ADDRESSABLE {
                return refuse(format!(
                    "the limit {name} is {value}: it must be between 1 and {ADDRESSABLE}"
                ));
            }
        }
        Ok(())
    }
}
