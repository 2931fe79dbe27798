//! A drafted schema says of the data what the data says.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use proptest::{collection::vec, prelude::*, sample::select};
use restock_schema::{DatasetType, Draft, Field, ValueType, check, draft};

/// Drafts from lines of comma-separated values; `''` is a quoted empty field.
fn drafted(dataset_type: DatasetType, lines: &[&str]) -> Draft {
    let (header, rows) = lines.split_first().unwrap();
    let header: Vec<_> = header.split(',').map(str::to_owned).collect();
    let rows = rows.iter().map(|row| row.split(',').map(value).collect());
    draft(&header, rows, dataset_type).unwrap()
}

fn value(text: &str) -> Option<String> {
    match text {
        "" => None,
        "''" => Some(String::new()),
        text => Some(text.to_owned()),
    }
}

/// The fields in one line: name, what it is.
fn described(draft: &Draft) -> Vec<String> {
    draft.schema.fields().iter().map(|field| format!("{}: {field}", field.name)).collect()
}

#[test]
fn types_are_what_all_values_fit() {
    let draft = drafted(
        DatasetType::Custom,
        &[
            "SMALL,BIG,PRICE,FINE,HUGE,WHOLE,FLAG,BIT,MIXED",
            "1,3000000000,9.99,0.123456789012,1e300,1.0,true,1,1",
            "-2,-5,1e3,7,0,2.0,False,0,x",
        ],
    );
    assert_eq!(
        described(&draft),
        [
            "SMALL: int",
            "BIG: long",
            "PRICE: float",
            "FINE: double",
            "HUGE: double",
            "WHOLE: float",
            "FLAG: boolean",
            "BIT: int",
            "MIXED: string"
        ]
    );
    assert_eq!(draft.notes, [""; 0]);
    assert_eq!(draft.schema.name(), "Custom");
}

#[test]
fn empty_fields_allow_null_and_empty_strings_do_so_in_numbers() {
    let draft = drafted(DatasetType::Custom, &["A,B,C,D,E", "1,x,1,x,", ",,'','',", "2,y,3,y,"]);
    assert_eq!(
        described(&draft),
        ["A: int or null", "B: string or null", "C: int or null", "D: string", "E: string or null"]
    );
    assert_eq!(draft.notes, ["E is empty in every row seen and is taken for a string"]);
}

#[test]
fn what_is_no_number_to_an_import_is_a_string_with_a_note() {
    let draft = drafted(DatasetType::Custom, &["YEAR,ISBN,X", "1995,0123,inf", "NA,4567,nan", "NA,8,1"]);
    assert_eq!(described(&draft), ["YEAR: categorical string", "ISBN: string", "X: string"]);
    assert_eq!(
        draft.notes,
        [
            "YEAR is taken for a string because of \"NA\" (2 of 3 values), else it is int: only an empty field is null",
            "ISBN has numbers with leading zeros and is taken for a string",
        ]
    );
}

#[test]
fn items_have_categories_and_one_text() {
    let draft = drafted(
        DatasetType::Items,
        &[
            "ITEM_ID,GENRES,TITLE,PLOT,CREATION_TIMESTAMP",
            "1,Drama|Crime,A man without a past,A man is beaten up and loses his memory in Helsinki,1000000000",
            "2,Drama,A woman with a past,A woman remembers all that everybody else would forget,1000000001",
            "3,Crime,A dog without a master,A dog walks the harbour at night and finds a master,1000000002.0",
        ],
    );
    assert_eq!(
        described(&draft),
        [
            "ITEM_ID: string",
            "GENRES: categorical string",
            "TITLE: string",
            "PLOT: textual string",
            "CREATION_TIMESTAMP: long"
        ]
    );
    assert_eq!(draft.notes, [""; 0]);
    check(&draft.schema, DatasetType::Items, None, None).unwrap();
}

#[test]
fn required_and_reserved_fields_are_found_under_any_spelling() {
    let draft = drafted(
        DatasetType::Interactions,
        &["itemId,user id,Timestamp,event-type,EVENT_VALUE", "7,1,2020-01-01,view,", "8,2,5,,3"],
    );
    assert_eq!(
        described(&draft),
        [
            "ITEM_ID: string",
            "USER_ID: string",
            "TIMESTAMP: long",
            "EVENT_TYPE: string",
            "EVENT_VALUE: float or null"
        ]
    );
    assert_eq!(
        draft.notes,
        [
            "column \"user id\" becomes USER_ID: import with --rename 'USER_ID=user id'",
            "column \"itemId\" becomes ITEM_ID: import with --rename 'ITEM_ID=itemId'",
            "column \"Timestamp\" becomes TIMESTAMP: import with --rename 'TIMESTAMP=Timestamp'",
            "TIMESTAMP is required as long, and some of its values are not: they would be refused",
            "column \"event-type\" becomes EVENT_TYPE: import with --rename 'EVENT_TYPE=event-type'",
            "EVENT_TYPE is reserved without null, and some of its values are empty: they would be refused",
        ]
    );
}

#[test]
fn required_fields_that_are_missing_are_added_with_a_note() {
    let draft = drafted(DatasetType::Users, &["customer,AGE", "17850.0,44"]);
    assert_eq!(described(&draft), ["USER_ID: string", "customer: float", "AGE: int"]);
    assert_eq!(
        draft.notes,
        [
            "USER_ID is required and the file has no such column: import with --rename USER_ID=HEADER if it has another name"
        ]
    );
    let draft = drafted(DatasetType::Users, &["USER_ID", "1"]);
    assert_eq!(draft.notes, ["users need at least one field besides USER_ID"]);
}

#[test]
fn names_are_made_valid_and_unique() {
    let draft =
        drafted(DatasetType::Custom, &["Unit Price,1st,é,a_b,ab, x ,,twice,twice", "1,2,3,4,5,6,7,8,9"]);
    let names: Vec<_> = draft.schema.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["Unit_Price", "_1st", "COLUMN_3", "a_b", "ab_2", "x"]);
    assert_eq!(
        draft.notes,
        [
            "column 7 has no name in the header and is left out",
            "column 8, \"twice\", is left out: the header has that name more than once",
            "column 9, \"twice\", is left out: the header has that name more than once",
            "column \"Unit Price\" becomes Unit_Price: import with --rename 'Unit_Price=Unit Price'",
            "column \"1st\" becomes _1st: import with --rename '_1st=1st'",
            "column \"é\" becomes COLUMN_3: import with --rename 'COLUMN_3=é'",
            "column \"ab\" becomes ab_2: import with --rename 'ab_2=ab'",
            "column \" x \" becomes x: import with --rename 'x= x '",
        ]
    );
}

#[test]
fn columns_past_the_limit_of_the_type_are_left_out() {
    let draft = drafted(
        DatasetType::Interactions,
        &["USER_ID,ITEM_ID,TIMESTAMP,A,B,C,D,E,F,G", "1,1,1,1,1,1,1,1,1,1"],
    );
    assert_eq!(draft.schema.fields().len(), 8);
    assert_eq!(
        draft.notes,
        ["interactions can have 5 metadata fields besides the required and reserved ones; left out: F, G"]
    );
}

#[test]
fn a_file_without_rows_or_columns_is_no_reason_to_panic() {
    let none = drafted(DatasetType::Custom, &["A"]);
    assert_eq!(described(&none), ["A: string"]);
    assert_eq!(
        none.notes,
        [
            "no row was seen: every column is taken for a string",
            "A is empty in every row seen and is taken for a string"
        ]
    );
    let error = draft(&[], std::iter::empty(), DatasetType::Custom).unwrap_err();
    assert_eq!(error.to_string(), "the schema is refused: it has no field");
}

fn fits(field: &Field, value: &str) -> bool {
    match field.value_type {
        ValueType::String => true,
        ValueType::Int => value.parse::<i32>().is_ok(),
        ValueType::Long => value.parse::<i64>().is_ok(),
        ValueType::Float => value.parse::<f32>().is_ok_and(f32::is_finite),
        ValueType::Double => value.parse::<f64>().is_ok_and(f64::is_finite),
        ValueType::Boolean => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
    }
}

fn any_value() -> impl Strategy<Value = Option<String>> {
    let known = [
        "",
        "1",
        "-7",
        "3000000000",
        "1e300",
        "1e30",
        "0.1",
        "12.0",
        "true",
        "FALSE",
        "NA",
        "007",
        "x|y",
        "inf",
    ];
    prop_oneof![
        4 => select(known.to_vec()).prop_map(|text| Some(text.to_owned())),
        1 => Just(None),
        1 => "\\PC{0,40}".prop_map(Some),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_drafted_suits_the_type_and_takes_the_rows(
        header in vec(prop_oneof!["\\PC{0,8}", select(vec!["USER_ID", "item id", "TIMESTAMP", "type", "A"]).prop_map(str::to_owned)], 0..12),
        columns in vec(any_value(), 12),
        dataset_type in select(DatasetType::ALL.to_vec()),
    ) {
        let rows: Vec<Vec<_>> = vec![columns.clone(), columns[..6].to_vec()];
        if let Ok(drafted) = draft(&header, rows.into_iter(), dataset_type) {
            let verdict = check(&drafted.schema, dataset_type, None, None);
            let lacks_metadata = drafted.notes.iter().any(|note| note.contains("need at least one field"));
            prop_assert!(verdict.is_ok() || lacks_metadata, "{:?}", verdict);
            for (position, name) in header.iter().enumerate() {
                let unique = header.iter().filter(|other| *other == name).count() == 1;
                if let Some((_, field)) = drafted.schema.field(name).filter(|_| unique && name == "A") {
                    match (&columns[position], field.value_type) {
                        (None, _) => prop_assert!(field.nullable),
                        (Some(value), ValueType::String) => prop_assert!(!field.textual || !value.is_empty()),
                        (Some(value), _) if value.is_empty() => prop_assert!(field.nullable),
                        (Some(value), _) => prop_assert!(fits(field, value), "{:?} {}", field, value),
                    }
                }
            }
        }
    }
}
