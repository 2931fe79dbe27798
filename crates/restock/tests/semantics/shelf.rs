//! The datasets that the model works on, as plain tables: what columns they have, and rows of values.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use restock::{Dataset, DatasetType, Record, Schema, Store, Value, ValueType};

/// A row: a value for each column of the shelf, those that its dataset does not have yet included.
pub type Row = Vec<Value>;

/// A column of a [`Shelf`].
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub value_type: ValueType,
    pub nullable: bool,
    pub categorical: bool,
}

/// A dataset as it may become: the first `base` columns are there from the beginning, the others come by `alter`.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    pub name: &'static str,
    pub dataset_type: DatasetType,
    /// The column of the record ID.
    pub key: Option<usize>,
    /// The column of the user, where deleting users looks.
    pub user: Option<usize>,
    pub base: usize,
    pub columns: &'static [Column],
}

const fn column(name: &'static str, value_type: ValueType) -> Column {
    Column { name, value_type, nullable: false, categorical: false }
}

const fn nullable(name: &'static str, value_type: ValueType) -> Column {
    Column { nullable: true, ..column(name, value_type) }
}

const fn category(name: &'static str) -> Column {
    Column { nullable: true, categorical: true, ..column(name, ValueType::String) }
}

const USER: &[Column] = &[
    column("USER_ID", ValueType::String),
    nullable("AGE", ValueType::Int),
    category("COUNTRY"),
    column("VIP", ValueType::Boolean),
    nullable("NOTE", ValueType::String),
    category("TIER"),
    nullable("SCORE", ValueType::Float),
];

const INTERACTION: &[Column] = &[
    column("USER_ID", ValueType::String),
    column("ITEM_ID", ValueType::String),
    column("TIMESTAMP", ValueType::Long),
    column("EVENT_TYPE", ValueType::String),
    nullable("EVENT_VALUE", ValueType::Float),
    category("DEVICE"),
    nullable("SESSION", ValueType::Long),
];

/// Every dataset of the model.
pub const SHELVES: &[Shelf] = &[
    Shelf {
        name: "items",
        dataset_type: DatasetType::Items,
        key: Some(0),
        user: None,
        base: 4,
        columns: &[
            column("ITEM_ID", ValueType::String),
            category("CATEGORY"),
            nullable("PRICE", ValueType::Double),
            nullable("TITLE", ValueType::String),
            category("BRAND"),
            nullable("STOCK", ValueType::Long),
            nullable("ADULT", ValueType::Boolean),
        ],
    },
    Shelf {
        name: "users",
        dataset_type: DatasetType::Users,
        key: Some(0),
        user: Some(0),
        base: 5,
        columns: USER,
    },
    Shelf {
        name: "interactions",
        dataset_type: DatasetType::Interactions,
        key: None,
        user: Some(0),
        base: 5,
        columns: INTERACTION,
    },
    Shelf {
        name: "numbers",
        dataset_type: DatasetType::Custom,
        key: Some(1),
        user: None,
        base: 3,
        columns: &[
            column("LABEL", ValueType::String),
            column("SKU", ValueType::Long),
            nullable("WEIGHT", ValueType::Float),
            nullable("SIZE", ValueType::Int),
            category("COLOUR"),
        ],
    },
    Shelf {
        name: "shop/users",
        dataset_type: DatasetType::Users,
        key: Some(0),
        user: Some(0),
        base: 5,
        columns: USER,
    },
    Shelf {
        name: "shop/interactions",
        dataset_type: DatasetType::Interactions,
        key: None,
        user: Some(0),
        base: 5,
        columns: INTERACTION,
    },
    Shelf {
        name: "shop/actions-done",
        dataset_type: DatasetType::ActionInteractions,
        key: None,
        user: Some(0),
        base: 4,
        columns: &[
            column("USER_ID", ValueType::String),
            column("ACTION_ID", ValueType::String),
            column("TIMESTAMP", ValueType::Long),
            column("EVENT_TYPE", ValueType::String),
            category("DEVICE"),
        ],
    },
];

impl Shelf {
    /// The shelf of a dataset.
    pub fn of(name: &str) -> &'static Shelf {
        SHELVES.iter().find(|shelf| shelf.name == name).expect("it is one of the model's datasets")
    }

    /// The part of its name before `/`.
    pub fn group(&self) -> Option<&'static str> {
        self.name.split_once('/').map(|(group, _)| group)
    }

    /// The schema of its first `width` columns.
    pub fn schema(&self, width: usize) -> Schema {
        let fields = self.columns[..width].iter().map(|column| {
            let name = column.value_type.to_string();
            let plain = serde_json::json!(name);
            let value_type = if column.nullable { serde_json::json!(["null", name]) } else { plain };
            let mut field = serde_json::json!({ "name": column.name, "type": value_type });
            if column.categorical {
                field["categorical"] = true.into();
            }
            field
        });
        let fields: Vec<_> = fields.collect();
        let record = self.dataset_type.avro_name().unwrap_or("Custom");
        let avro = serde_json::json!({ "type": "record", "name": record, "fields": fields });
        Schema::from_avro(&avro.to_string()).unwrap()
    }

    /// Makes the dataset, empty and with its first columns.
    pub fn create(&self, store: &Store) -> restock::Result<Dataset> {
        let new = store.new_dataset(self.name, self.dataset_type, self.schema(self.base));
        match (self.dataset_type, self.key) {
            (DatasetType::Custom, Some(key)) => new.record_id(self.columns[key].name).create(),
            _ => new.create(),
        }
    }

    /// The record ID of a row, as text.
    pub fn id(&self, row: &Row) -> Option<String> {
        self.key.map(|key| id_text(&row[key]))
    }

    /// The first `width` values of a row as a record.
    pub fn record(&self, row: &Row, width: usize) -> Record {
        let names = self.columns[..width].iter().map(|column| column.name.to_owned());
        names.zip(row.iter().cloned()).collect()
    }

    /// The first `width` values of rows as a batch of the dataset's columns.
    pub fn batch(&self, rows: &[Row], width: usize) -> RecordBatch {
        let schema = self.schema(width).to_arrow();
        let columns = schema.fields().iter().enumerate().map(|(at, field)| {
            let plain = array(rows.iter().map(|row| &row[at]), self.columns[at].value_type);
            cast(&plain, field.data_type()).unwrap()
        });
        let columns = columns.collect();
        RecordBatch::try_new(schema, columns).unwrap()
    }

    /// A record as a row: its values by name, null for what it does not have.
    pub fn row(&self, record: &Record, width: usize) -> Row {
        let value = |column: &Column| match (record.get(column.name), column.value_type) {
            // A record shows the shortest number that is the same `float`.
            (Some(Value::Float(number)), ValueType::Float) => Value::from(*number as f32),
            (value, _) => value.cloned().unwrap_or(Value::Null),
        };
        self.columns[..width].iter().map(value).collect()
    }
}

/// A record ID as text.
pub fn id_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn array<'a>(values: impl Iterator<Item = &'a Value>, value_type: ValueType) -> ArrayRef {
    let text = |value: &'a Value| value.as_str();
    let int = |value: &Value| if let Value::Int(number) = value { Some(*number) } else { None };
    let float = |value: &Value| if let Value::Float(number) = value { Some(*number) } else { None };
    let truth = |value: &Value| if let Value::Bool(truth) = value { Some(*truth) } else { None };
    match value_type {
        ValueType::String => Arc::new(values.map(text).collect::<StringArray>()),
        ValueType::Int => Arc::new(values.map(|value| int(value).map(|n| n as i32)).collect::<Int32Array>()),
        ValueType::Long => Arc::new(values.map(int).collect::<Int64Array>()),
        ValueType::Float => {
            Arc::new(values.map(|value| float(value).map(|n| n as f32)).collect::<Float32Array>())
        }
        ValueType::Double => Arc::new(values.map(float).collect::<Float64Array>()),
        ValueType::Boolean => Arc::new(values.map(truth).collect::<BooleanArray>()),
    }
}

/// The rows of a batch.
pub fn rows(batch: &RecordBatch) -> Vec<Row> {
    let columns: Vec<Vec<Value>> = batch.columns().iter().map(|column| values(&**column)).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect()
}

fn values(column: &dyn Array) -> Vec<Value> {
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().map(Value::from).collect(),
        DataType::Boolean => column.as_boolean().iter().map(Value::from).collect(),
        DataType::Int32 => column.as_primitive::<Int32Type>().iter().map(Value::from).collect(),
        DataType::Int64 => column.as_primitive::<Int64Type>().iter().map(Value::from).collect(),
        DataType::Float32 => column.as_primitive::<Float32Type>().iter().map(Value::from).collect(),
        DataType::Float64 => column.as_primitive::<Float64Type>().iter().map(Value::from).collect(),
        _ => values(&*cast(&column.slice(0, column.len()), &DataType::Utf8).unwrap()),
    }
}
