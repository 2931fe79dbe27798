use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, Int32Type};
use restock_schema::{Schema, TextLimit};

use crate::record;
use crate::record::{InvalidRecord, Record, Value, to_batch};

fn schema() -> Schema {
    Schema::from_avro(
        r#"{"type": "record", "name": "Custom", "fields": [
            {"name": "ID", "type": "string"},
            {"name": "KIND", "type": ["null", "string"], "categorical": true},
            {"name": "I", "type": ["null", "int"]},
            {"name": "L", "type": ["null", "long"]},
            {"name": "F", "type": ["null", "float"]},
            {"name": "D", "type": ["null", "double"]},
            {"name": "B", "type": ["null", "boolean"]}]}"#,
    )
    .unwrap()
}

fn batch(records: &[Record]) -> Result<RecordBatch, InvalidRecord> {
    to_batch(records, &schema(), &[])
}

fn message(record: Record) -> String {
    batch(&[record]).unwrap_err().to_string()
}

#[test]
fn a_record_reads_back_as_it_was_put() {
    let full = record! {
        "ID" => "a", "KIND" => "x|y", "I" => i32::MIN, "L" => i64::MAX, "F" => 9.9, "D" => 1e-300, "B" => true,
    };
    let sparse = record! { "D" => 3, "ID" => "", "L" => 12.0 };
    let batch = batch(&[full.clone(), sparse]).unwrap();
    assert_eq!(Record::from_row(&batch, 0).unwrap(), full, "9.9 of a float column is 9.9 again");
    let null = Value::Null;
    let expected = record! {
        "ID" => "", "KIND" => null.clone(), "I" => null.clone(), "L" => 12, "F" => null.clone(), "D" => 3.0, "B" => null,
    };
    assert_eq!(Record::from_row(&batch, 1).unwrap(), expected, "every column, in schema order");
    assert_eq!(batch.column(4).as_primitive::<Float32Type>().value(0), 9.9f32);
}

#[test]
fn dictionary_columns_are_coded_in_order_of_first_appearance_unless_hardly_a_value_repeats() {
    let rows: Vec<Record> =
        ["b", "a", "b"].iter().map(|kind| record! { "ID" => "x", "KIND" => *kind }).collect();
    let array = batch(&rows).unwrap();
    let coded = array.column(1).as_dictionary::<Int32Type>();
    assert_eq!(coded.keys().values(), &[0, 1, 0]);
    assert_eq!(coded.values().as_string::<i32>().value(0), "b");
    assert_eq!(array.schema().field(1).data_type(), schema().to_arrow().field(1).data_type());

    let rows: Vec<Record> = (0..100).map(|n| record! { "ID" => "x", "KIND" => format!("k{n}") }).collect();
    let array = batch(&rows).unwrap();
    assert_eq!(array.column(1).data_type(), &DataType::Utf8);
    assert_eq!(array.schema().field(1).data_type(), &DataType::Utf8);
    assert_eq!(Record::from_row(&array, 99).unwrap().get("KIND"), Some(&Value::from("k99")));
    assert_eq!(batch(&[]).unwrap().num_rows(), 0);
}

#[test]
fn a_record_that_does_not_fit_names_column_value_and_expectation() {
    assert_eq!(
        message(record! { "ID" => "a", "KINDS" => "x" }),
        "record 1: column KINDS: the dataset has no such column (did you mean KIND?)"
    );
    assert_eq!(
        message(record! { "KIND" => "x" }),
        "record 1: column ID: is null or missing, and the column is not nullable; expected string"
    );
    assert_eq!(
        message(record! { "ID" => "a", "I" => "7" }),
        "record 1: column I: \"7\" is a string; expected int or null"
    );
    assert_eq!(message(record! { "ID" => 7 }), "record 1: column ID: 7 is a number; expected string");
    let second = batch(&[record! { "ID" => "a" }, record! { "ID" => "b", "B" => 1 }]).unwrap_err();
    assert_eq!((second.index, second.column.as_deref()), (Some(2), Some("B")));
    let long = message(record! { "ID" => "a", "I" => "9".repeat(500) });
    assert!(long.len() < 200, "{long}");
}

#[test]
fn numbers_convert_only_where_nothing_is_lost() {
    let fits = |column: &str, value: Value| batch(&[record! { "ID" => "a", column => value }]).is_ok();
    assert!(fits("I", Value::Int(2_147_483_647)));
    assert!(!fits("I", Value::Int(2_147_483_648)));
    assert!(fits("I", Value::Float(-2_147_483_648.0)));
    assert!(!fits("I", Value::Float(1.5)));
    assert!(fits("L", Value::Float(9_007_199_254_740_991.0)));
    assert!(!fits("L", Value::Float(9_007_199_254_740_992.0)), "its text may have been ...993.0");
    assert!(!fits("L", Value::Float(f64::NAN)));
    assert!(!fits("F", Value::Float(1e39)));
    assert!(!fits("F", Value::Float(f64::NAN)));
    assert!(!fits("D", Value::Float(f64::INFINITY)));
    assert!(fits("F", Value::Int(1)) && fits("D", Value::Int(1)));
    assert!(!fits("B", Value::Int(1)) && !fits("D", Value::Bool(true)));
}

#[test]
fn text_limits_refuse_and_cut_by_characters() {
    let limits = [Some(TextLimit::Refuse { chars: 3 }), Some(TextLimit::Cut { chars: 2 })];
    let put = |id: &str, kind: &str| to_batch(&[record! { "ID" => id, "KIND" => kind }], &schema(), &limits);
    let batch = put("äöü", "äöü").unwrap();
    assert_eq!(Record::from_row(&batch, 0).unwrap().get("KIND"), Some(&Value::from("äö")));
    let text = put("äöüß", "x").unwrap_err().to_string();
    assert_eq!(
        text,
        "record 1: column ID: \"äöüß\" is longer than 3 characters; expected at most 3 characters"
    );
}

#[test]
fn records_are_json_objects_in_both_directions() {
    let text = r#"{"A":null,"B":true,"C":-7,"D":1.5,"E":"x\ny"}"#;
    let record: Record = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&record).unwrap(), text);
    assert_eq!(record.get("C"), Some(&Value::Int(-7)));
    for (bad, why) in [
        (r#"{"A":1,"A":2}"#, "column A comes twice"),
        (r#"{"A":[1]}"#, "null, a boolean, a number or a string"),
        (r#"{"A":18446744073709551615}"#, "largest long"),
        ("[1]", "an object of column names and values"),
    ] {
        let error = serde_json::from_str::<Record>(bad).unwrap_err().to_string();
        assert!(error.contains(why), "{bad}: {error}");
    }
}

#[test]
fn any_serialisable_row_is_a_record() {
    #[derive(serde::Serialize)]
    struct Item {
        #[serde(rename = "ID")]
        id: String,
        #[serde(rename = "F")]
        price: Option<f32>,
        #[serde(rename = "B")]
        on: bool,
    }
    let record = Record::from_serialize(&Item { id: "a".into(), price: Some(9.9), on: true }).unwrap();
    let array = batch(std::slice::from_ref(&record)).unwrap();
    assert_eq!(array.column(4).as_primitive::<Float32Type>().value(0), 9.9f32);
    let none = Record::from_serialize(&Item { id: "a".into(), price: None, on: false }).unwrap();
    assert_eq!(none.get("F"), Some(&Value::Null));
    let nested = Record::from_serialize(&std::collections::BTreeMap::from([("A", vec![1])])).unwrap_err();
    assert!(nested.to_string().starts_with("column A: nested values"), "{nested}");
    assert!(Record::from_serialize(&7).is_err());
    assert!(Record::from_serialize(&std::collections::BTreeMap::from([("A", u64::MAX)])).is_err());
}

#[test]
fn the_macro_and_insert_keep_order_and_replace() {
    let mut record = record! { "B" => 1, "A" => 2u8, "B" => 3 };
    assert_eq!(record.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["B", "A"]);
    assert_eq!(record.get("B"), Some(&Value::Int(3)));
    assert_eq!(record.insert("A", "x"), Some(Value::Int(2)));
    assert_eq!(record.insert("C", None::<f64>), None);
    assert_eq!(record.len(), 3);
    assert!(record! {}.is_empty() && record!().get("A").is_none());
}
