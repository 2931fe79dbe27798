//! JSON Lines: one object a line, keys are column names.
//!
//! A missing key is null. Numbers fit as in CSV: `12.0` is whole, a `float` is rounded once from its text. Keys that
//! name no column are reported or refused ([`UnknownKeys`]); a column given twice is an error. Blank lines are skipped.
//! Chunks end at line ends, which no JSON text contains, so they are parsed in parallel without a guess.

mod lines;
mod parse;
mod row;

use std::sync::Arc;

use ahash::AHashMap;
use arrow::array::RecordBatch;
use restock_csv::Block;

use super::error::SourceError;
use super::target::{SourceOptions, Target, UnknownKeys, check_renames, wanted};

pub(crate) use lines::BYTE_ORDER_MARK;
pub(super) use lines::{JsonChunk, JsonReader};
pub(super) use parse::JsonParsed;

/// How the lines of one file become rows; shared by the workers.
#[derive(Debug)]
pub(super) struct JsonPlan {
    file: String,
    target: Target,
    options: Arc<restock_csv::Options>,
    unknown_keys: UnknownKeys,
    /// The key of each field, and the field of each key.
    keys: Vec<String>,
    fields: AHashMap<String, usize>,
}

impl JsonPlan {
    pub(super) fn new(file: &str, target: &Target, options: &SourceOptions) -> Result<Self, SourceError> {
        let renames = &options.csv.renames;
        check_renames(target.schema(), renames, file)?;
        let keys: Vec<String> = wanted(target.schema(), renames).map(str::to_owned).collect();
        let fields: AHashMap<String, usize> =
            keys.iter().enumerate().map(|(field, key)| (key.clone(), field)).collect();
        if fields.len() < keys.len() {
            let detail = "two fields of the schema are to be read from one key: give each its own".to_owned();
            return Err(SourceError::Columns { file: file.to_owned(), detail });
        }
        Ok(Self {
            file: file.to_owned(),
            target: target.clone(),
            options: Arc::clone(&options.csv),
            unknown_keys: options.unknown_keys,
            keys,
            fields,
        })
    }

    /// The error of a line at byte `offset` that is longer than a record may be.
    fn too_long(&self, line: u64, offset: u64) -> SourceError {
        SourceError::Record {
            file: self.file.clone(),
            line,
            byte: offset,
            detail: format!("the line is over the limit record_bytes ({})", self.options.limits.record_bytes),
        }
    }
}

/// Lines that are parsed one by one, as they come in.
pub(crate) struct JsonLines {
    plan: JsonPlan,
}

impl JsonLines {
    /// Lines of `file`, which stands for them in errors.
    ///
    /// # Errors
    /// Renames that do not fit the schema.
    pub(crate) fn new(file: &str, target: &Target, options: &SourceOptions) -> Result<Self, SourceError> {
        Ok(Self { plan: JsonPlan::new(file, target, options)? })
    }

    /// How long a line may be.
    pub(crate) fn record_bytes(&self) -> usize {
        self.plan.options.limits.record_bytes
    }

    /// The error of a line that is longer.
    pub(crate) fn too_long(&self, line: u64, offset: u64) -> SourceError {
        self.plan.too_long(line, offset)
    }

    /// Parses a line, the `line`th, which begins at byte `offset`.
    ///
    /// # Errors
    /// None that a line can cause: what is wrong with it is in the block.
    pub(crate) fn parse(
        &self,
        bytes: Vec<u8>,
        offset: u64,
        line: u64,
    ) -> Result<Block<RecordBatch>, SourceError> {
        Ok(self.plan.parse(&JsonChunk { bytes, offset, line }, |batch| batch)?.block)
    }
}

#[cfg(test)]
mod tests;
