//! All that the fast reader says of a file.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use restock_schema::AffixShape;

use crate::plan::Tuning;
use crate::read::read_chunks;
use crate::{Block, ChunkReader, CsvError, Options, RecordError, Reject, Target};

/// A row as text, null as none.
pub(crate) type Row = Vec<Option<String>>;

/// Everything that a reading of a file says.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<Row>,
    pub(crate) errors: Vec<RecordError>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) records_read: u64,
    pub(crate) rejected: u64,
    pub(crate) error_count: u64,
    pub(crate) milliseconds_line: Option<u64>,
    pub(crate) cut: u64,
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) fatal: Option<CsvError>,
}

impl Outcome {
    fn take(&mut self, block: Block<RecordBatch>) {
        self.rows.extend(block.batches.iter().flat_map(rows));
        self.errors.extend(block.errors);
        self.rejects.extend(block.rejects);
        self.records_read += block.records_read;
        self.rejected += block.rejected;
        self.error_count += block.error_count;
        self.milliseconds_line = self.milliseconds_line.or(block.milliseconds_line);
        self.cut += block.cut.iter().sum::<u64>();
        self.batches.extend(block.batches);
    }

    /// Line, column and byte of each error.
    pub(crate) fn places(&self) -> Vec<(u64, Option<&str>, u64)> {
        self.errors.iter().map(|error| (error.line, error.column.as_deref(), error.byte.unwrap())).collect()
    }
}

fn rows(batch: &RecordBatch) -> Vec<Row> {
    let shapes: Vec<Option<AffixShape>> =
        batch.schema().fields().iter().map(|field| AffixShape::from_metadata(field.metadata())).collect();
    let value = |row: usize, (column, shape): (&ArrayRef, &Option<AffixShape>)| {
        let number = text(column, row)?;
        Some(match shape {
            Some(shape) => format!("{}{number:0>digits$}", shape.prefix(), digits = shape.digits()),
            None => number,
        })
    };
    let row = |row: usize| batch.columns().iter().zip(&shapes).map(|column| value(row, column)).collect();
    (0..batch.num_rows()).map(row).collect()
}

/// A value as text, null as none.
pub(crate) fn text(column: &dyn Array, row: usize) -> Option<String> {
    let formatter = ArrayFormatter::try_new(column, &FormatOptions::default()).unwrap();
    column.is_valid(row).then(|| formatter.value(row).to_string())
}

pub(crate) fn run_target(
    input: &[u8],
    target: Arc<Target>,
    options: &Options,
    threads: usize,
    tuning: Tuning,
) -> Outcome {
    let mut outcome = Outcome::default();
    let options = Arc::new(options.clone());
    let read =
        ChunkReader::open_tuned(input, "test.csv", target, options, tuning).and_then(|(plan, reader)| {
            read_chunks(&plan, reader, threads, |block| {
                outcome.take(block);
                Ok::<(), CsvError>(())
            })
        });
    match read {
        Err(error) => outcome.fatal = Some(error),
        Ok(summary) => {
            assert_eq!(summary.records_read, outcome.records_read);
            assert_eq!(summary.rejected, outcome.rejected);
            assert_eq!(summary.error_count, outcome.error_count);
            assert_eq!(summary.milliseconds_line, outcome.milliseconds_line);
            assert_eq!(summary.bytes, input.len() as u64);
        }
    }
    assert_eq!(outcome.records_read, outcome.rejected + outcome.rows.len() as u64);
    outcome
}
