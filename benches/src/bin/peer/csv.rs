//! Other CSV readers of Rust, to Arrow in memory.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use restock::Schema;
use restock::arrow::array::{ArrayRef, Float32Builder, Int64Builder, RecordBatch, StringBuilder};
use restock::arrow::datatypes::{DataType, Field, Schema as ArrowSchema, SchemaRef};
use restock_benches::answers::of_batches;
use restock_benches::{INTERACTIONS, ITEMS, timed};
use serde_json::{Value, json};

use super::Result;

const BATCH_ROWS: usize = 64 << 10;

/// The table's columns, strings plain.
fn schema(table: &str) -> Result<SchemaRef> {
    let schema = Schema::from_avro(match table {
        "interactions" => INTERACTIONS,
        "items" => ITEMS,
        other => return Err(format!("no table {other}").into()),
    })?;
    let fields = schema.fields().iter().map(|field| {
        let data_type = match field.arrow_type() {
            DataType::Dictionary(_, values) => *values,
            other => other,
        };
        Field::new(&field.name, data_type, field.nullable)
    });
    Ok(Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>())))
}

/// By arrow-csv, which has one thread.
pub(crate) fn arrow(table: &str, data: &Path) -> Result<Value> {
    let schema = schema(table)?;
    measured(table, || {
        let file = File::open(data.join(format!("{table}.csv")))?;
        let reader = arrow_csv::ReaderBuilder::new(schema).with_header(true).with_batch_size(BATCH_ROWS);
        Ok(reader.build(file)?.collect::<std::result::Result<_, _>>()?)
    })
}

/// By simd-csv, which has one thread, and Arrow's builders.
pub(crate) fn simd(table: &str, data: &Path) -> Result<Value> {
    let schema = schema(table)?;
    measured(table, || {
        let mut reader = simd_csv::Reader::from_reader(File::open(data.join(format!("{table}.csv")))?);
        let mut record = simd_csv::ByteRecord::new();
        let mut columns = Column::all(&schema)?;
        let (mut batches, mut rows) = (Vec::new(), 0);
        while reader.read_byte_record(&mut record)? {
            for (column, field) in columns.iter_mut().zip(record.iter()) {
                column.append(field)?;
            }
            rows += 1;
            if rows == BATCH_ROWS {
                batches.push(Column::finish(&mut columns, &schema)?);
                rows = 0;
            }
        }
        batches.push(Column::finish(&mut columns, &schema)?);
        Ok(batches)
    })
}

fn measured(table: &str, read: impl FnOnce() -> Result<Vec<RecordBatch>>) -> Result<Value> {
    let (batches, time) = timed(read);
    let answers = of_batches(table, batches?.into_iter().map(Ok))?;
    Ok(json!({"seconds": time.as_secs_f64(), "answers": answers}))
}

enum Column {
    Text(StringBuilder),
    Float(Float32Builder),
    Long(Int64Builder),
}

impl Column {
    fn all(schema: &ArrowSchema) -> Result<Vec<Column>> {
        let column = |field: &Arc<Field>| match field.data_type() {
            DataType::Utf8 => Ok(Column::Text(StringBuilder::new())),
            DataType::Float32 => Ok(Column::Float(Float32Builder::new())),
            DataType::Int64 => Ok(Column::Long(Int64Builder::new())),
            other => Err(format!("no column here is {other}").into()),
        };
        schema.fields().iter().map(column).collect()
    }

    fn append(&mut self, field: &[u8]) -> Result<()> {
        let text = str::from_utf8(field)?;
        match self {
            Column::Text(builder) => builder.append_value(text),
            Column::Float(builder) if text.is_empty() => builder.append_null(),
            Column::Float(builder) => builder.append_value(text.parse()?),
            Column::Long(builder) => builder.append_value(text.parse()?),
        }
        Ok(())
    }

    fn finish(columns: &mut [Column], schema: &SchemaRef) -> Result<RecordBatch> {
        let array = |column: &mut Column| -> ArrayRef {
            match column {
                Column::Text(builder) => Arc::new(builder.finish()),
                Column::Float(builder) => Arc::new(builder.finish()),
                Column::Long(builder) => Arc::new(builder.finish()),
            }
        };
        Ok(RecordBatch::try_new(schema.clone(), columns.iter_mut().map(array).collect())?)
    }
}
