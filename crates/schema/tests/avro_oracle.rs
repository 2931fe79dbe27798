//! What we take is Avro, by the judgement of `apache-avro`; what is not never panics.

use proptest::{collection::vec, prelude::*, sample::select};
use restock_schema::{DatasetType, Field, Schema, ValueType, check, evolve};
use serde_json::{Map, Value, json};

fn avro_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z_][A-Za-z0-9_]{0,12}",
        select(vec!["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "GENRES", "string", "null", "record"])
            .prop_map(str::to_owned),
    ]
}

/// A type as users spell it, now and then one that must be refused.
fn spelled_type() -> impl Strategy<Value = Value> {
    let plain = select(vec!["string", "int", "long", "float", "double", "boolean"]);
    let any = select(vec![
        json!("null"),
        json!("bytes"),
        json!("array"),
        json!({"type": "string"}),
        json!({"type": "string", "avro.java.string": "String"}),
        json!({"type": "long", "logicalType": "timestamp-millis"}),
        json!({"type": "array", "items": "string"}),
        json!({"type": ["null", "string"]}),
        json!([]),
        json!(["null"]),
        json!(["null", "null", "int"]),
        json!(["int", "long"]),
        json!(["null", {"type": "int"}]),
        json!(7),
    ]);
    prop_oneof![
        8 => plain.clone().prop_map(Value::from),
        4 => plain.clone().prop_map(|name| json!(["null", name])),
        4 => plain.clone().prop_map(|name| json!([name, "null"])),
        2 => plain.prop_map(|name| json!([name])),
        1 => any,
    ]
}

fn spelled_field() -> impl Strategy<Value = Value> {
    let extra = vec![
        ("categorical", json!(true)),
        ("categorical", json!(false)),
        ("textual", json!(true)),
        ("doc", json!("what it is")),
        ("order", json!("ascending")),
        ("default", json!(null)),
        ("default", json!("")),
        ("default", json!(0)),
        ("default", json!(i64::MAX)),
        ("default", json!(u64::MAX)),
        ("default", json!(0.5)),
        ("default", json!(false)),
        ("logicalType", json!("date")),
        ("reserved", json!([1])),
    ];
    (avro_name(), spelled_type(), proptest::option::of(select(extra))).prop_map(|(name, spelled, extra)| {
        let mut field = Map::new();
        if let Some((key, value)) = extra {
            field.insert(key.to_owned(), value);
        }
        field.insert("type".to_owned(), spelled);
        field.insert("name".to_owned(), name.into());
        field.into()
    })
}

fn spelled_record() -> impl Strategy<Value = Value> {
    let name = prop_oneof![avro_name(), Just("com.example.Items".to_owned())];
    let extra = select(vec![
        None,
        Some(("namespace", json!("com.amazonaws.personalize.schema"))),
        Some(("namespace", json!(""))),
        Some(("namespace", json!(null))),
        Some(("version", json!("1.0"))),
        Some(("version", json!(1))),
        Some(("doc", json!("what it is"))),
    ]);
    (name, vec(spelled_field(), 1..6), extra).prop_map(|(name, fields, extra)| {
        let mut record = Map::new();
        record.insert("fields".to_owned(), fields.into());
        if let Some((key, value)) = extra {
            record.insert(key.to_owned(), value);
        }
        record.insert("name".to_owned(), name.into());
        record.insert("type".to_owned(), json!("record"));
        record.into()
    })
}

/// Text near to a schema: one, with a piece cut out or put in.
fn damaged_text() -> impl Strategy<Value = String> {
    (spelled_record(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), "\\PC{0,4}").prop_map(
        |(record, from, to, put)| {
            let chars: Vec<char> = record.to_string().chars().collect();
            let (from, to) = (from.index(chars.len()), to.index(chars.len()));
            let cut = from..to.min(from + 12);
            let mut kept = chars.iter().enumerate().filter(|(at, _)| !cut.contains(at)).map(|(_, c)| *c);
            let start: String = kept.by_ref().take(from).collect();
            start + &put + &kept.collect::<String>()
        },
    )
}

fn any_field() -> impl Strategy<Value = Field> {
    (avro_name(), select(ValueType::ALL.to_vec()), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(name, value_type, nullable, categorical, textual)| {
            let is_string = value_type == ValueType::String;
            Field {
                name,
                value_type,
                nullable,
                categorical: is_string && categorical && !textual,
                textual: is_string && textual,
            }
        },
    )
}

fn try_every_check(text: &str) {
    let Ok(schema) = Schema::from_avro(text) else { return };
    for dataset_type in DatasetType::ALL {
        let _ = check(&schema, dataset_type, None, Some("ITEM_ID"));
        assert_eq!(
            evolve(&schema, &schema, dataset_type, None, None).is_ok(),
            check(&schema, dataset_type, None, None).is_ok()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_we_accept_is_avro_and_so_is_what_we_write(record in spelled_record()) {
        if let Ok(schema) = Schema::from_avro(&record.to_string()) {
            for text in [record.to_string(), schema.to_avro()] {
                let judged = apache_avro::Schema::parse_str(&text);
                prop_assert!(judged.is_ok(), "{}: {:?}", text, judged.err());
            }
        }
    }

    #[test]
    fn a_schema_survives_text_and_serde(fields in vec(any_field(), 1..8), name in avro_name()) {
        if let Ok(schema) = Schema::new(name, fields) {
            prop_assert_eq!(&Schema::from_avro(&schema.to_avro()).unwrap(), &schema);
            let json = serde_json::to_string(&schema).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Schema>(&json).unwrap(), &schema);
            for field in schema.fields() {
                let json = serde_json::to_string(field).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Field>(&json).unwrap(), field);
            }
        }
    }

    #[test]
    fn arrow_keeps_all_but_textual(fields in vec(any_field(), 1..8)) {
        let plain = fields.into_iter().map(|field| Field {
            categorical: field.categorical && field.name != "EVENT_TYPE",
            textual: false,
            ..field
        });
        if let Ok(schema) = Schema::new("Any", plain.collect()) {
            prop_assert_eq!(Schema::from_arrow("Any", &schema.to_arrow()).unwrap(), schema);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*") {
        try_every_check(&text);
    }

    #[test]
    fn no_damaged_schema_panics(text in damaged_text()) {
        try_every_check(&text);
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let error = Schema::from_avro(&"[".repeat(10_000)).unwrap_err().to_string();
    assert_eq!(error, "the schema is not valid JSON: line 1, column 128: recursion limit exceeded");
}
