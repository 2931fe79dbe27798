//! The whole crate: files in, rows and errors out, at every split and with any number of threads.

mod chunking;
mod dialect;
mod differential;
mod header;
mod torture;
mod values;

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use restock_schema::{Field, Schema, ValueType};

use crate::plan::Tuning;
use crate::read::read_chunks;
use crate::{Block, ChunkReader, CsvError, Options, RecordError, Reject, Target};

/// A row as text, null as none.
type Row = Vec<Option<String>>;

/// Everything that a reading of a file says.
#[derive(Debug, Default)]
struct Outcome {
    rows: Vec<Row>,
    errors: Vec<RecordError>,
    rejects: Vec<Reject>,
    records_read: u64,
    rejected: u64,
    error_count: u64,
    milliseconds_line: Option<u64>,
    cut: u64,
    batches: Vec<RecordBatch>,
    fatal: Option<CsvError>,
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
    fn places(&self) -> Vec<(u64, Option<&str>, u64)> {
        self.errors.iter().map(|error| (error.line, error.column.as_deref(), error.byte.unwrap())).collect()
    }
}

fn rows(batch: &RecordBatch) -> Vec<Row> {
    let options = FormatOptions::default();
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|column| (column, ArrayFormatter::try_new(column, &options).unwrap()))
        .collect();
    let value = |column: &(_, ArrayFormatter<'_>), row: usize| {
        let (array, formatter): &(&Arc<dyn Array>, _) = column;
        array.is_valid(row).then(|| formatter.value(row).to_string())
    };
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| value(column, row)).collect()).collect()
}

fn field(name: &str, value_type: ValueType, nullable: bool) -> Field {
    Field { nullable, ..Field::new(name, value_type) }
}

/// A schema of nullable strings.
fn strings(names: &[&str]) -> Schema {
    Schema::new("Test", names.iter().map(|name| field(name, ValueType::String, true)).collect()).unwrap()
}

fn run_tuned(input: &[u8], schema: &Schema, options: &Options, threads: usize, tuning: Tuning) -> Outcome {
    let target = Arc::new(Target::new(schema, Vec::new()));
    run_target(input, target, options, threads, tuning)
}

fn run_target(
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

fn run(input: &[u8], schema: &Schema, options: &Options) -> Outcome {
    run_tuned(input, schema, options, 2, Tuning::default())
}

fn texts(row: &[&str]) -> Row {
    row.iter().map(|text| Some((*text).to_owned())).collect()
}
