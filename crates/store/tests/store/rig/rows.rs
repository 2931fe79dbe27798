//! Rows as text: cells in schema order between spaces, `-` for null, `""` for the empty string.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use restock_schema::Schema;

const NULL: &str = "-";
const EMPTY: &str = "\"\"";

/// The batch that rows stand for. A row may lack its last cells: they are null.
pub fn batch(schema: &Schema, rows: &[&str]) -> RecordBatch {
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.split(' ').collect()).collect();
    let columns = schema.fields().iter().enumerate().map(|(at, field)| {
        let cells: Vec<Option<&str>> =
            rows.iter().map(|row| row.get(at).copied().filter(|cell| *cell != NULL)).collect();
        column(&field.arrow_type(), &cells)
    });
    RecordBatch::try_new(schema.to_arrow(), columns.collect()).unwrap()
}

fn column(data_type: &DataType, cells: &[Option<&str>]) -> ArrayRef {
    fn read<T: std::str::FromStr<Err: std::fmt::Debug>>(cells: &[Option<&str>]) -> Vec<Option<T>> {
        cells.iter().map(|cell| cell.map(|cell| cell.parse().unwrap())).collect()
    }
    match data_type {
        DataType::Int32 => Arc::new(Int32Array::from(read(cells))),
        DataType::Int64 => Arc::new(Int64Array::from(read(cells))),
        DataType::Float32 => Arc::new(Float32Array::from(read(cells))),
        DataType::Float64 => Arc::new(Float64Array::from(read(cells))),
        DataType::Boolean => Arc::new(BooleanArray::from(read(cells))),
        _ => {
            let texts = cells.iter().map(|cell| cell.map(|cell| if cell == EMPTY { "" } else { cell }));
            let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
            cast(&texts, data_type).unwrap()
        }
    }
}

/// The rows of a batch as text.
pub fn text(batch: &RecordBatch) -> Vec<String> {
    let cell = |column: &ArrayRef, row: usize| {
        let plain = match column.data_type() {
            DataType::Dictionary(..) => cast(column, &DataType::Utf8).unwrap(),
            _ => column.clone(),
        };
        if plain.is_null(row) {
            return NULL.to_owned();
        }
        match plain.as_string_opt::<i32>() {
            Some(texts) if texts.value(row).is_empty() => EMPTY.to_owned(),
            Some(texts) => texts.value(row).to_owned(),
            None => array_value_to_string(&plain, row).unwrap(),
        }
    };
    (0..batch.num_rows())
        .map(|row| batch.columns().iter().map(|c| cell(c, row)).collect::<Vec<_>>().join(" "))
        .collect()
}
