//! What each dataset type asks of a schema; every refusal by its exact text.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use restock_schema::{DatasetType, Domain, Schema, SchemaError, check};
use serde_json::{Value, json};

fn record(name: &str, fields: Value) -> String {
    json!({"type": "record", "name": name, "fields": fields}).to_string()
}

/// The fields of a one-line notation: `NAME:type[?][ c|t]`, `?` for null, c categorical, t textual.
fn fields(text: &str) -> Value {
    text.split(", ")
        .map(|part| {
            let (name, rest) = part.split_once(':').unwrap();
            let (spelled, mark) = rest.split_once(' ').unwrap_or((rest, ""));
            let value_type = spelled.trim_end_matches('?');
            let union = json!(["null", value_type]);
            let mut field =
                json!({"name": name, "type": if spelled.ends_with('?') { union } else { json!(value_type) }});
            match mark {
                "c" => field["categorical"] = json!(true),
                "t" => field["textual"] = json!(true),
                _ => {}
            }
            field
        })
        .collect()
}

#[track_caller]
fn hold(
    dataset_type: DatasetType,
    domain: Option<Domain>,
    text: &str,
    record_id: Option<&str>,
) -> Result<(), SchemaError> {
    let name = dataset_type.avro_name().unwrap_or("Anything");
    check(&Schema::from_avro(&record(name, fields(text))).unwrap(), dataset_type, domain, record_id)
}

#[track_caller]
fn unsuited(dataset_type: DatasetType, domain: Option<Domain>, text: &str, reason: &str) {
    assert_eq!(
        hold(dataset_type, domain, text, None).unwrap_err().to_string(),
        format!("the schema does not suit a dataset of type {dataset_type}: {reason}")
    );
}

#[track_caller]
fn suited(dataset_type: DatasetType, domain: Option<Domain>, text: &str) {
    hold(dataset_type, domain, text, None).unwrap();
}

#[test]
fn missing_required_fields_are_listed_together() {
    unsuited(
        DatasetType::Interactions,
        Some(Domain::Ecommerce),
        "ITEM_ID:string, USERID:string, TIMESTAMP:long",
        "the required fields USER_ID (string, without null, neither categorical nor textual), \
         EVENT_TYPE (string, without null, neither categorical nor textual) are missing",
    );
    unsuited(
        DatasetType::Items,
        None,
        "A:int",
        "the required field ITEM_ID (string, without null, neither categorical nor textual) is missing",
    );
    unsuited(
        DatasetType::Items,
        Some(Domain::VideoOnDemand),
        "ITEM_ID:string, CREATION_TIMESTAMP:long",
        "the required field GENRES or GENRES_L1 (categorical string, without null) is missing",
    );
    suited(DatasetType::Interactions, None, "ITEM_ID:string, USER_ID:string, TIMESTAMP:long");
}

#[test]
fn required_and_reserved_fields_have_exactly_their_type() {
    let interactions = "USER_ID:string, ITEM_ID:string, TIMESTAMP:long";
    let of_interactions = [
        (
            "EVENT_TYPE:string c",
            "string, without null, neither categorical nor textual",
            "categorical string",
        ),
        ("EVENT_TYPE:string?", "string, without null, neither categorical nor textual", "string or null"),
        ("EVENT_VALUE:double", "float, with or without null", "double"),
        (
            "IMPRESSION:string? c",
            "string, with or without null, neither categorical nor textual",
            "categorical string or null",
        ),
        ("RECOMMENDATION_ID:long", "string, with or without null, neither categorical nor textual", "long"),
    ];
    for (field, wanted, found) in of_interactions {
        let name = field.split(':').next().unwrap();
        unsuited(
            DatasetType::Interactions,
            None,
            &format!("{interactions}, {field}"),
            &format!("field {name} is reserved as {wanted}, it is {found}"),
        );
    }
    unsuited(
        DatasetType::Interactions,
        None,
        "USER_ID:string, ITEM_ID:string, TIMESTAMP:int",
        "field TIMESTAMP is required as long, without null, it is int",
    );
    unsuited(
        DatasetType::Items,
        Some(Domain::Ecommerce),
        "ITEM_ID:string, PRICE:float, CATEGORY_L1:string",
        "field CATEGORY_L1 is required as categorical string, without null, it is string",
    );
    unsuited(
        DatasetType::Items,
        Some(Domain::Ecommerce),
        "ITEM_ID:string, PRICE:float, CATEGORY_L1:string c, CREATION_TIMESTAMP:int",
        "field CREATION_TIMESTAMP is reserved as long or float, without null, it is int",
    );
}

#[test]
fn both_spellings_are_taken_where_the_guide_has_two() {
    let shop = "ITEM_ID:string, PRICE:float, CATEGORY_L1:string c";
    for creation in ["long", "float"] {
        suited(
            DatasetType::Items,
            Some(Domain::Ecommerce),
            &format!("{shop}, CREATION_TIMESTAMP:{creation}"),
        );
    }
    for genres in ["GENRES", "GENRES_L1"] {
        let video = format!("ITEM_ID:string, CREATION_TIMESTAMP:long, {genres}:string c");
        suited(DatasetType::Items, Some(Domain::VideoOnDemand), &video);
    }
    for expiration in ["EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP"] {
        suited(DatasetType::Actions, None, &format!("ACTION_ID:string, {expiration}:long?"));
        unsuited(
            DatasetType::Actions,
            None,
            &format!("ACTION_ID:string, {expiration}:int?"),
            &format!("field {expiration} is reserved as long, with or without null, it is int or null"),
        );
    }
}

#[test]
fn reserved_names_are_free_where_they_are_not_reserved() {
    suited(DatasetType::Items, None, "ITEM_ID:string, PRICE:double, GENDER:string, EVENT_TYPE:int");
    suited(DatasetType::Custom, None, "EVENT_TYPE:int?, TIMESTAMP:string c");
}

#[test]
fn names_that_differ_only_in_other_characters_are_refused() {
    unsuited(
        DatasetType::Items,
        None,
        "ITEM_ID:string, GENRES_FIELD_1:string, GENRESFIELD1:string",
        "the fields GENRES_FIELD_1 and GENRESFIELD1 are the same once all but letters and digits is removed",
    );
    suited(DatasetType::Items, None, "ITEM_ID:string, genre:string, GENRE:string");
    suited(DatasetType::Custom, None, "a_b:int, ab:int");
}

#[test]
fn only_items_have_a_textual_field_and_one() {
    unsuited(
        DatasetType::Users,
        None,
        "USER_ID:string, BIO:string t",
        "field BIO is textual, and only items can have a textual field",
    );
    unsuited(
        DatasetType::Items,
        None,
        "ITEM_ID:string, PLOT:string t, TITLE:string? t",
        "the fields PLOT and TITLE are textual, and only one may be",
    );
    suited(DatasetType::Custom, None, "PLOT:string t, TITLE:string? t");
}

#[test]
fn records_need_metadata_and_not_too_much_of_it() {
    for (dataset_type, id, most) in [
        (DatasetType::Users, "USER_ID", 25),
        (DatasetType::Items, "ITEM_ID", 100),
        (DatasetType::Actions, "ACTION_ID", 10),
    ] {
        let with = |count: usize| {
            (0..count).fold(format!("{id}:string"), |fields, number| format!("{fields}, F{number}:int"))
        };
        unsuited(
            dataset_type,
            None,
            &with(0),
            &format!("it has no metadata field; add at least one field besides {id}"),
        );
        suited(dataset_type, None, &with(1));
        suited(dataset_type, None, &with(most));
        unsuited(
            dataset_type,
            None,
            &with(most + 1),
            &format!("it has {} metadata fields, the most is {most}", most + 1),
        );
    }
}

#[test]
fn interactions_have_five_fields_besides_the_reserved() {
    let reserved = "USER_ID:string, ITEM_ID:string, TIMESTAMP:long, EVENT_TYPE:string, EVENT_VALUE:float?, \
                    IMPRESSION:string?, RECOMMENDATION_ID:string?, EVENT_ATTRIBUTION_SOURCE:string?";
    let five = "A:int, B:int, C:int, D:int, E:int";
    suited(DatasetType::Interactions, None, reserved);
    suited(DatasetType::Interactions, None, &format!("{reserved}, {five}"));
    unsuited(
        DatasetType::Interactions,
        None,
        &format!("{reserved}, {five}, F:int"),
        "it has 6 metadata fields besides the required and reserved ones, the most is 5",
    );
    let actions = "USER_ID:string, ACTION_ID:string, TIMESTAMP:long, EVENT_TYPE:string";
    suited(DatasetType::ActionInteractions, None, &format!("{actions}, {five}"));
    unsuited(
        DatasetType::ActionInteractions,
        None,
        &format!("{actions}, {five}, F:int"),
        "it has 6 metadata fields besides the required and reserved ones, the most is 5",
    );
}

#[test]
fn the_name_of_the_record_is_the_type() {
    let held = |name: &str, dataset_type| {
        let text = record(name, fields("USER_ID:string, ITEM_ID:string, TIMESTAMP:long, AGE:int"));
        check(&Schema::from_avro(&text).unwrap(), dataset_type, None, None)
    };
    for name in ["Users", "users", "USERS", "com.example.Users"] {
        held(name, DatasetType::Users).unwrap();
    }
    assert_eq!(
        held("Interactions", DatasetType::Users).unwrap_err().to_string(),
        "the schema does not suit a dataset of type users: its \"name\" is \"Interactions\" and must be \
         \"Users\"; it looks like a schema for --type interactions"
    );
    assert_eq!(
        held("People", DatasetType::Users).unwrap_err().to_string(),
        "the schema does not suit a dataset of type users: its \"name\" is \"People\" and must be \"Users\""
    );
    held("Interactions", DatasetType::Custom).unwrap();
}

#[test]
fn a_group_with_a_domain_holds_no_actions() {
    for domain in Domain::ALL {
        for dataset_type in [DatasetType::Actions, DatasetType::ActionInteractions] {
            unsuited(
                dataset_type,
                Some(domain),
                "ACTION_ID:string, A:int",
                &format!("a group with a domain ({domain}) cannot hold it; leave the domain out"),
            );
        }
    }
}

#[test]
fn only_custom_datasets_declare_a_record_id() {
    let held = |dataset_type, text, record_id| {
        hold(dataset_type, None, text, Some(record_id)).map_err(|error| error.to_string())
    };
    let users = "USER_ID:string, ITEM_ID:string, TIMESTAMP:long";
    held(DatasetType::Users, users, "USER_ID").unwrap();
    assert_eq!(
        held(DatasetType::Users, users, "ITEM_ID").unwrap_err(),
        "the schema does not suit a dataset of type users: its record ID is USER_ID, it cannot be ITEM_ID; \
         a custom dataset declares its own"
    );
    assert_eq!(
        held(DatasetType::Interactions, users, "USER_ID").unwrap_err(),
        "the schema does not suit a dataset of type interactions: it has no record ID, it cannot be USER_ID; \
         a custom dataset declares its own"
    );
    for good in ["K:string", "K:int", "K:long", "K:string c"] {
        held(DatasetType::Custom, good, "K").unwrap();
    }
    assert_eq!(
        held(DatasetType::Custom, "A:int, B:int", "K").unwrap_err(),
        "the schema does not suit a dataset of type custom: the record ID \"K\" is not a field; the fields are A, B"
    );
    for (bad, found) in [("K:string?", "string or null"), ("K:float", "float"), ("K:boolean", "boolean")] {
        assert_eq!(
            held(DatasetType::Custom, bad, "K").unwrap_err(),
            format!(
                "the schema does not suit a dataset of type custom: the record ID K is {found}; \
                 it must be a string, int or long, without null"
            )
        );
    }
}
