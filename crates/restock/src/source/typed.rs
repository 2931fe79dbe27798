//! Typed sources: Parquet, Arrow IPC and any stream of record batches, converted without loss.
//!
//! Columns are found by exact name in any order, after the renames. Strings and dictionaries of any layout are
//! strings; numbers convert where the value stays what it is (a double is rounded to a `float`, a decimal as its text
//! would be in CSV); timestamps and dates are epoch seconds in `long` columns; lists of strings are joined by `|`.
//! Anything else is refused, and a value that does not fit is an error of its row.

mod arrow;
mod convert;
mod number;
mod parquet;
mod reader;
mod size;
mod text;
mod time;

use std::sync::Arc;

use ::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use ::arrow::compute::filter;
use ::arrow::datatypes::{DataType, SchemaRef};
use ::arrow::util::display::{ArrayFormatter, FormatOptions};
use restock_csv::values::{MILLISECONDS_FROM, shown};
use restock_csv::{Block, RecordError, Reject};

use self::convert::{Converted, Rule};
use super::error::SourceError;
use super::target::{REJECTS_DESCRIBED, SourceOptions, Target, find_columns};
use crate::record::{Cell, Cells, dictionary, typed_batch};

pub use self::reader::panic_is_caught;
pub(super) use self::reader::{Batches, TypedChunk, TypedReader};

/// How the batches of one source become the target's columns; shared by the workers.
#[derive(Debug)]
pub(super) struct TypedPlan {
    file: String,
    target: Target,
    options: Arc<restock_csv::Options>,
    /// For each field its column in the batches, that column's name, and how it converts.
    columns: Vec<(usize, String, Rule)>,
    ignored: Vec<String>,
}

impl TypedPlan {
    /// # Errors
    /// Columns that are missing or doubled, and all whose type does not convert, naming both types.
    pub(super) fn new(
        file: &str,
        source: &SchemaRef,
        target: &Target,
        options: &SourceOptions,
    ) -> Result<Self, SourceError> {
        let names: Vec<String> = source.fields().iter().map(|field| field.name().clone()).collect();
        let places = find_columns(target.schema(), &options.csv.renames, &names, file)?;
        let ignored = names.iter().enumerate().filter(|(place, _)| !places.contains(place));
        let ignored = ignored.map(|(_, name)| name.clone()).collect();
        let mut columns = Vec::with_capacity(places.len());
        let mut wrong = Vec::new();
        for (field, place) in target.schema().fields().iter().zip(places) {
            let data_type = source.field(place).data_type();
            let name = source.field(place).name().clone();
            match Rule::find(field.value_type, data_type) {
                Some(rule) => columns.push((place, name, rule)),
                None => wrong
                    .push(format!("{name} is {data_type}, which does not convert to {}", field.value_type)),
            }
        }
        if wrong.is_empty() {
            return Ok(Self {
                file: file.to_owned(),
                target: target.clone(),
                options: Arc::clone(&options.csv),
                columns,
                ignored,
            });
        }
        let detail = format!("columns do not fit the schema: {}: cast them in the source", wrong.join("; "));
        Err(SourceError::Columns { file: file.to_owned(), detail })
    }

    /// Columns of the source that no field takes.
    pub(super) fn ignored_columns(&self) -> &[String] {
        &self.ignored
    }

    /// Whether the rejects of a block are to be described in pieces, being too many.
    pub(super) fn has_left<T>(&self, block: &Block<T>) -> bool {
        self.options.keep_rejects && block.rejected > 0 && block.rejects.is_empty()
    }

    /// How many rows have errors that can be described at once.
    pub(super) fn rows_described(&self) -> usize {
        (REJECTS_DESCRIBED / self.columns.len().max(1)).max(1)
    }

    /// The source's columns that are needed, in its order.
    fn projection(&self) -> Vec<usize> {
        let mut places: Vec<usize> = self.columns.iter().map(|(place, ..)| *place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The same plan for batches that hold nothing but [`TypedPlan::projection`].
    fn projected(mut self) -> Self {
        let kept = self.projection();
        for (place, ..) in &mut self.columns {
            *place = kept.binary_search(place).unwrap_or(usize::MAX);
        }
        self
    }

    /// Converts a batch; `map` is applied to what it becomes.
    ///
    /// # Errors
    /// A batch that is not of the source's schema.
    pub(super) fn parse<T>(
        &self,
        chunk: &TypedChunk,
        map: impl FnMut(RecordBatch) -> T,
    ) -> Result<Block<T>, SourceError> {
        let damaged = |error: ::arrow::error::ArrowError| SourceError::damaged(&self.file, error.to_string());
        let rows = chunk.batch.num_rows();
        let mut block = Block { bytes: chunk.bytes(), ..Block::empty(self.columns.len()) };
        block.records_read = rows as u64;
        let mut faults = Vec::new();
        let mut converted = Vec::with_capacity(self.columns.len());
        for (number, ((place, _, rule), field)) in
            self.columns.iter().zip(self.target.schema().fields()).enumerate()
        {
            let source = chunk.batch.columns().get(*place).ok_or_else(|| {
                SourceError::damaged(&self.file, "a batch has fewer columns than the schema before it")
            })?;
            let limit = self.target.limit(number);
            let mut column = rule.convert(source, field, limit, &self.options.limits).map_err(damaged)?;
            if self.target.is_record_id(number) {
                column.refuse_empty(field);
            }
            faults.extend(column.faults.iter().map(|fault| (fault.row, number)));
            converted.push(column);
        }
        let kept = self.report(&mut block, &mut faults, &converted, chunk);
        for (sum, column) in block.cut.iter_mut().zip(&converted) {
            *sum = column.cut.iter().filter(|&&row| kept.as_ref().is_none_or(|kept| kept.value(row))).count()
                as u64;
        }
        if block.rejected < rows as u64 {
            let arrays = converted.into_iter().zip(self.target.schema().fields()).map(|(column, field)| {
                let array = match &kept {
                    Some(kept) => filter(&column.array, kept)?,
                    None => column.array,
                };
                Ok(coded(array, &field.arrow_type()))
            });
            let arrays = arrays.collect::<Result<Vec<_>, _>>().map_err(damaged)?;
            block.milliseconds_line = self.milliseconds(&arrays, kept.as_ref(), chunk.first_row);
            let batch = typed_batch(self.target.schema(), arrays).map_err(damaged)?;
            block.batches.extend(std::iter::once(batch).map(map));
        }
        Ok(block)
    }

    /// Writes the faults to the block; says which rows are kept, if not all.
    fn report<T>(
        &self,
        block: &mut Block<T>,
        faults: &mut [(usize, usize)],
        converted: &[Converted],
        chunk: &TypedChunk,
    ) -> Option<BooleanArray> {
        if faults.is_empty() {
            return None;
        }
        faults.sort_unstable();
        let limits = &self.options.limits;
        let mut kept = vec![true; chunk.batch.num_rows()];
        let keep_rejects = self.options.keep_rejects && faults.len() <= REJECTS_DESCRIBED;
        for of_row in faults.chunk_by(|one, other| one.0 == other.0) {
            let Some(&(row, _)) = of_row.first() else { continue };
            if let Some(kept) = kept.get_mut(row) {
                *kept = false;
            }
            block.rejected += 1;
            block.error_count += of_row.len() as u64;
            let room = limits.errors_kept.saturating_sub(block.errors.len());
            if room == 0 && !keep_rejects {
                continue;
            }
            let line = chunk.first_row + row as u64;
            let describe =
                |&(row, number): &(usize, usize)| self.describe(converted, number, row, chunk, line);
            let errors: Vec<RecordError> = of_row.iter().filter_map(describe).collect();
            block.errors.extend(errors.iter().take(room).cloned());
            if keep_rejects {
                block.rejects.push(Reject { line, byte: 0, raw: as_json(&chunk.batch, row), errors });
            }
        }
        Some(kept.into())
    }

    fn describe(
        &self,
        converted: &[Converted],
        number: usize,
        row: usize,
        chunk: &TypedChunk,
        line: u64,
    ) -> Option<RecordError> {
        let (place, name, _) = self.columns.get(number)?;
        let faults = &converted.get(number)?.faults;
        let fault = faults.get(faults.binary_search_by_key(&row, |fault| fault.row).ok()?)?;
        let source = chunk.batch.columns().get(*place)?;
        let value = if source.is_null(row) { String::new() } else { display(source, row) };
        Some(RecordError {
            file: self.file.clone(),
            line,
            column: Some(name.clone()),
            byte: None,
            value: shown(value.as_bytes(), self.options.limits.value_shown),
            expected: fault.expected.clone(),
            reason: format!("in row {line} {}", fault.reason),
        })
    }

    /// The row of the first `TIMESTAMP` that looks like milliseconds.
    fn milliseconds(&self, arrays: &[ArrayRef], kept: Option<&BooleanArray>, first_row: u64) -> Option<u64> {
        let times = Cells::new(arrays.get(self.target.timestamp()?)?).ok()?;
        let rows: Box<dyn Iterator<Item = usize>> = match kept {
            Some(kept) => Box::new((0..kept.len()).filter(|&row| kept.value(row))),
            None => Box::new(0..),
        };
        let count = arrays.first().map_or(0, |array| array.len());
        let late = |at: &usize| matches!(times.at(*at), Cell::Long(time) if time > MILLISECONDS_FROM);
        let at = (0..count).find(late)?;
        rows.skip(at).map(|row| first_row + row as u64).next()
    }
}

/// A text column as the dataset has it.
fn coded(array: ArrayRef, wanted: &DataType) -> ArrayRef {
    if !matches!(wanted, DataType::Dictionary(..)) {
        return array;
    }
    let coded = array.as_any().downcast_ref().and_then(dictionary);
    coded.map_or(array, |coded| Arc::new(coded))
}

/// A value as people read it.
fn display(array: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::default();
    ArrayFormatter::try_new(array, &options)
        .map_or_else(|error| error.to_string(), |text| text.value(row).to_string())
}

/// A rejected row as one line of JSON Lines, the values as text.
fn as_json(batch: &RecordBatch, row: usize) -> Vec<u8> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let values = columns.map(|(field, array)| {
        let value = array.is_valid(row).then(|| display(array, row));
        (field.name().clone(), value.into())
    });
    serde_json::Value::Object(values.collect()).to_string().into_bytes()
}

#[cfg(test)]
mod tests;
