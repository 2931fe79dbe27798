//! The whole crate: files in, rows and errors out, at every split and with any number of threads.

mod affixes;
mod chunking;
mod dialect;
mod differential;
mod header;
mod hostile;
mod lanes;
mod torture;
mod values;

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use restock_schema::{Field, Schema, ValueType};

use crate::plan::Tuning;
use crate::reference::{Outcome, Row, run_target};
use crate::{ChunkReader, CsvError, Options, Target};

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

fn run(input: &[u8], schema: &Schema, options: &Options) -> Outcome {
    run_tuned(input, schema, options, 2, Tuning::default())
}

fn texts(row: &[&str]) -> Row {
    row.iter().map(|text| Some((*text).to_owned())).collect()
}
