//! Schemas that people wrote for the service are accepted for their type.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

use std::path::Path;

use restock_schema::{DatasetType, Domain, Schema, SchemaError, check};
use serde_json::Value;

const NOTEBOOKS: &str = include_str!("assets/notebook-schemas.json");

fn dataset_type(schema: &Schema) -> DatasetType {
    schema.name().parse().expect("the name of a sample schema is its type")
}

fn notebook_schemas() -> Vec<Value> {
    let entries: Vec<Value> = serde_json::from_str(NOTEBOOKS).unwrap();
    entries.into_iter().map(|mut entry| entry["schema"].take()).collect()
}

fn accept(text: &str, domain: Option<Domain>) -> Result<Schema, SchemaError> {
    let schema = Schema::from_avro(text)?;
    check(&schema, dataset_type(&schema), domain, dataset_type(&schema).record_id())?;
    Ok(schema)
}

/// Every object in a JSON tree that looks like a record.
fn records(value: &Value) -> Vec<&Value> {
    if value.get("type").and_then(Value::as_str) == Some("record") {
        return vec![value];
    }
    match value {
        Value::Object(object) => object.values().flat_map(records).collect(),
        Value::Array(array) => array.iter().flat_map(records).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn all_29_schemas_of_the_notebooks_are_accepted_and_written_back_equal() {
    let schemas = notebook_schemas();
    assert_eq!(schemas.len(), 29);
    for value in schemas {
        let schema = accept(&value.to_string(), None).unwrap_or_else(|error| panic!("{error}\n{value:#}"));
        assert_eq!(Schema::from_avro(&schema.to_avro()), Ok(schema.clone()));
        assert_eq!(serde_json::from_value::<Schema>(value).unwrap(), schema);
    }
}

/// Notebooks 1 and 7 of the list build an ECOMMERCE group, 2 and 3 a VIDEO_ON_DEMAND one.
#[test]
fn schemas_of_domain_groups_are_accepted_in_their_domain() {
    let schemas = notebook_schemas();
    let shop = [1, 2, 7, 13, 15, 23, 26];
    let video = [1, 2, 3, 4, 27];
    for index in shop {
        accept(&schemas[index].to_string(), Some(Domain::Ecommerce))
            .unwrap_or_else(|e| panic!("{index}: {e}"));
    }
    for index in video {
        accept(&schemas[index].to_string(), Some(Domain::VideoOnDemand))
            .unwrap_or_else(|e| panic!("{index}: {e}"));
    }
}

/// The data sets beside the repository; without them there is nothing to check.
#[test]
fn schemas_of_the_shared_data_sets_are_accepted() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let mut folders = vec![data];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json")
                && path.components().any(|part| part.as_os_str() == "schemas")
            {
                let value: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
                for record in records(&value) {
                    accept(&record.to_string(), None)
                        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                }
            }
        }
    }
}
