//! What no dataset takes for a schema; every refusal by its exact text, naming the field and the rule.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use restock_schema::{Field, MAX_COLUMNS, Schema, ValueType};
use serde_json::{Value, json};

fn record(name: &str, fields: Value) -> String {
    json!({"type": "record", "name": name, "fields": fields}).to_string()
}

#[track_caller]
fn refused(text: &str, message: &str) {
    assert_eq!(Schema::from_avro(text).unwrap_err().to_string(), message, "{text}");
}

/// One field beside a good one is refused with `message`.
#[track_caller]
fn refused_field(field: Value, message: &str) {
    refused(&record("Items", json!([{"name": "ITEM_ID", "type": "string"}, field])), message);
}

#[test]
fn text_that_is_not_json_is_refused_with_its_position() {
    let text = "{\"type\": \"record\",\n \"name\": Items}";
    refused(text, "the schema is not valid JSON: line 2, column 10: expected value");
    refused("", "the schema is not valid JSON: line 1, column 0: EOF while parsing a value");
    let twice = r#"{"type": "record", "fields": [], "fields": []}"#;
    refused(twice, r#"the schema is not valid JSON: line 1, column 41: the key "fields" occurs twice"#);
}

#[test]
fn json_that_is_no_record_is_refused() {
    refused("[]", "the schema is refused: an Avro record is a JSON object, this is an array");
    refused("{}", r#"the schema is refused: it has no "type"; it must be "record""#);
    refused(
        r#"{"type": "array", "items": "int"}"#,
        r#"the schema is refused: "type" must be "record", it is "array""#,
    );
    refused(r#"{"type": "record"}"#, r#"the schema is refused: it has no "name""#);
    refused(r#"{"type": "record", "name": 3}"#, r#"the schema is refused: "name" must be a string, it is 3"#);
    refused(r#"{"type": "record", "name": "Items"}"#, r#"the schema is refused: it has no "fields""#);
    refused(
        r#"{"type": "record", "name": "Items", "fields": {}}"#,
        r#"the schema is refused: "fields" must be an array, it is an object"#,
    );
    refused(&record("Items", json!([])), "the schema is refused: it has no field");
    refused(
        &record("my items", json!([{"name": "A", "type": "int"}])),
        r#"the schema is refused: "name" is "my items"; letters, digits and underscores only, not beginning with a digit"#,
    );
    refused(
        r#"{"type": "record", "name": "Items", "namespace": "a..b", "fields": [{"name": "A", "type": "int"}]}"#,
        r#"the schema is refused: "namespace" is "a..b"; letters, digits and underscores only, not beginning with a digit"#,
    );
    refused(
        r#"{"type": "record", "name": "Items", "version": [1], "fields": []}"#,
        r#"the schema is refused: "version" must be a string, it is [1]"#,
    );
}

#[test]
fn a_schema_has_at_most_20_000_characters() {
    let text = |padding: usize| {
        let doc = "é".repeat(padding);
        json!({"type": "record", "name": "Items", "doc": doc, "fields": json!([{"name": "A", "type": "int"}])}).to_string()
    };
    let around = text(0).len();
    Schema::from_avro(&text(20_000 - around)).unwrap();
    refused(&text(20_001 - around), "the schema is refused: it has 20001 characters, the most is 20000");
}

#[test]
fn a_schema_near_the_limit_is_written_so_that_it_can_be_read() {
    let many: Vec<_> = (0..500).map(|n| Field::new(format!("F{n}"), ValueType::Int)).collect();
    let schema = Schema::new("Anything", many).unwrap();
    assert_eq!(Schema::from_avro(&schema.to_avro()), Ok(schema));
    let too_many = (0..=MAX_COLUMNS).map(|n| Field::new(format!("F{n}"), ValueType::Int));
    assert_eq!(
        Schema::new("Anything", too_many.collect()).unwrap_err().to_string(),
        "the schema is refused: it has 4097 fields, the most is 4096"
    );
}

#[test]
fn nested_and_unknown_types_are_refused() {
    let rule = "a field is a string, int, long, float, double or boolean, and may allow null";
    for name in ["array", "map", "enum", "fixed", "record"] {
        refused_field(
            json!({"name": "F", "type": {"type": name, "items": "string"}}),
            &format!("field F: it has the nested type {name}, and a schema must be flat; {rule}"),
        );
    }
    refused_field(
        json!({"name": "F", "type": ["null", {"type": "array", "items": "string"}]}),
        &format!("field F: it has the nested type array, and a schema must be flat; {rule}"),
    );
    refused_field(
        json!({"name": "F", "type": ["int", ["null"]]}),
        &format!("field F: it has a union in a union, and a schema must be flat; {rule}"),
    );
    refused_field(
        json!({"name": "F", "type": {"type": ["null", "int"]}}),
        &format!("field F: it has a nested type, and a schema must be flat; {rule}"),
    );
    refused_field(
        json!({"name": "F", "type": "bytes"}),
        &format!(r#"field F: its type "bytes" is unknown; {rule}"#),
    );
    refused_field(json!({"name": "F", "type": 5}), "field F: its type must be a name or a union, it is 5");
    refused_field(json!({"name": "F", "type": {}}), r#"field F: its type {} has no "type""#);
    refused_field(
        json!({"name": "F", "type": {"type": "long", "logicalType": "timestamp-millis"}}),
        r#"field F: its type long has the logicalType "timestamp-millis"; logical types are not supported, declare the plain type"#,
    );
}

#[test]
fn unions_are_of_one_type_and_perhaps_null() {
    let null =
        r#"field F: its type is null alone; name the type of the values too, as in ["null", "string"]"#;
    refused_field(json!({"name": "F", "type": "null"}), null);
    refused_field(json!({"name": "F", "type": ["null"]}), null);
    refused_field(
        json!({"name": "F", "type": []}),
        "field F: its union is empty; name the type of the values",
    );
    refused_field(
        json!({"name": "F", "type": ["null", "int", "string"]}),
        "field F: its union has the types int and string; a field has one type, and may allow null",
    );
    refused_field(json!({"name": "F", "type": ["int", "int"]}), "field F: its union names int twice");
    refused_field(
        json!({"name": "F", "type": ["null", "int", "null"]}),
        "field F: its union names null twice",
    );
}

#[test]
fn fields_without_a_name_or_type_are_refused_by_number() {
    refused_field(json!("F"), r#"field number 2: a field is a JSON object, this is "F""#);
    refused_field(json!({"type": "int"}), r#"field number 2: it has no "name""#);
    refused_field(json!({"name": null}), r#"field number 2: "name" must be a string, it is null"#);
    refused_field(json!({"name": "F"}), r#"field F: it has no "type""#);
}

#[test]
fn field_names_are_avro_names_and_unique() {
    let rule = "its name may have letters, digits and underscores only, and not begin with a digit";
    for name in ["", "1ST", "A B", "PRIX_É", "a.b", "a-b"] {
        refused_field(json!({"name": name, "type": "int"}), &format!("field {name}: {rule}"));
    }
    refused_field(
        json!({"name": "x ".repeat(100), "type": "int"}),
        &format!("field {}...: {rule}", "x ".repeat(40)),
    );
    refused_field(
        json!({"name": "ITEM_ID", "type": "string"}),
        "field ITEM_ID: it occurs twice; field names must be unique",
    );
}

#[test]
fn attributes_suit_the_type() {
    refused_field(
        json!({"name": "F", "type": "int", "categorical": true}),
        "field F: only a string can be categorical, it is of type int",
    );
    refused_field(
        json!({"name": "F", "type": ["null", "double"], "textual": true}),
        "field F: only a string can be textual, it is of type double",
    );
    refused_field(
        json!({"name": "F", "type": "string", "categorical": true, "textual": true}),
        "field F: it is categorical and textual; it can be one of them",
    );
    refused_field(
        json!({"name": "F", "type": "string", "categorical": "true"}),
        r#"field F: "categorical" must be true or false, it is "true""#,
    );
    refused_field(
        json!({"name": "F", "type": ["null", "int"], "default": "none"}),
        r#"field F: its default "none" is no int or null"#,
    );
    let good = record("Items", json!([{"name": "F", "type": "int", "categorical": false, "textual": null}]));
    Schema::from_avro(&good).unwrap();
}

#[test]
fn arrow_types_without_counterpart_are_refused() {
    let arrow = arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new(
        "F",
        arrow::datatypes::DataType::Binary,
        true,
    )]);
    assert_eq!(
        Schema::from_arrow("Any", &arrow).unwrap_err().to_string(),
        "field F: its Arrow type Binary has no counterpart; a column holds strings, integers, floating-point \
         numbers, booleans, times or lists of strings"
    );
}
