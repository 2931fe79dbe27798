//! A schema change adds columns that allow null, and nothing else.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use restock_schema::{DatasetType, Field, Schema, SchemaError, ValueType, evolve};

fn column(name: &str, value_type: ValueType) -> Field {
    Field::new(name, value_type)
}

fn nullable(name: &str, value_type: ValueType) -> Field {
    Field { nullable: true, ..column(name, value_type) }
}

fn items(fields: Vec<Field>) -> Schema {
    let id = column("ITEM_ID", ValueType::String);
    Schema::new("Items", std::iter::once(id).chain(fields).collect()).unwrap()
}

fn change(old: &Schema, new: &Schema) -> Result<Schema, SchemaError> {
    evolve(old, new, DatasetType::Items, None, Some("ITEM_ID"))
}

#[test]
fn new_columns_that_allow_null_are_taken_in_the_new_order() {
    let old = items(vec![column("PRICE", ValueType::Float)]);
    let new = items(vec![
        Field { categorical: true, ..nullable("GENRES", ValueType::String) },
        column("PRICE", ValueType::Float),
        nullable("YEAR", ValueType::Int),
    ]);
    assert_eq!(change(&old, &new), Ok(new));
}

#[test]
fn the_same_schema_in_another_version_and_order_is_taken() {
    let old = Schema::from_avro(
        r#"{"type": "record", "name": "Items", "version": "1.0", "fields": [
            {"name": "ITEM_ID", "type": "string"}, {"name": "YEAR", "type": ["null", "int"]}]}"#,
    )
    .unwrap();
    let new = Schema::from_avro(
        r#"{"type": "record", "name": "Items", "version": "1.1", "namespace": "a.b", "fields": [
            {"name": "YEAR", "type": ["int", "null"]}, {"name": "ITEM_ID", "type": "string"}]}"#,
    )
    .unwrap();
    assert_eq!(change(&old, &new), Ok(new));
}

#[test]
fn every_other_difference_is_listed_in_one_message() {
    let old = items(vec![
        column("GONE", ValueType::Int),
        column("WIDER", ValueType::Int),
        column("LOOSER", ValueType::Int),
        nullable("STRICTER", ValueType::Int),
        column("MARKED", ValueType::String),
        Field { categorical: true, ..column("UNMARKED", ValueType::String) },
        column("TOLD", ValueType::String),
    ]);
    let new = items(vec![
        column("WIDER", ValueType::Long),
        nullable("LOOSER", ValueType::Int),
        column("STRICTER", ValueType::Int),
        Field { categorical: true, ..column("MARKED", ValueType::String) },
        column("UNMARKED", ValueType::String),
        Field { textual: true, ..column("TOLD", ValueType::String) },
        column("NEW", ValueType::Double),
        nullable("FINE", ValueType::Int),
    ]);
    assert_eq!(
        change(&old, &new).unwrap_err().to_string(),
        "the schema cannot be changed so, a change may only add columns that allow null: \
         field GONE is removed; \
         field WIDER changes its type from int to long; \
         field LOOSER begins to allow null; \
         field STRICTER ceases to allow null; \
         field MARKED becomes categorical; \
         field UNMARKED is no longer categorical; \
         field TOLD becomes textual; \
         field NEW is new and does not allow null: declare [\"null\", \"double\"]"
    );
}

#[test]
fn the_new_schema_must_suit_the_dataset() {
    let old = items(vec![Field { textual: true, ..column("PLOT", ValueType::String) }]);
    let second = Field { textual: true, ..nullable("TITLE", ValueType::String) };
    let new = items(vec![old.fields()[1].clone(), second]);
    assert_eq!(
        change(&old, &new).unwrap_err().to_string(),
        "the schema does not suit a dataset of type items: the fields PLOT and TITLE are textual, and only one may be"
    );
}
