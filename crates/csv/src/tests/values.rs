//! Values in columns of every type.

use arrow::array::{AsArray, DictionaryArray, StringArray};
use arrow::datatypes::{DataType, Int32Type};
use restock_schema::TextLimit;

use super::*;

fn one(value_type: ValueType, nullable: bool, input: &str) -> Outcome {
    let schema =
        Schema::new("Test", vec![field("A", value_type, nullable), field("Z", ValueType::String, true)])
            .unwrap();
    run(input.as_bytes(), &schema, &Options::default())
}

#[test]
fn empty_fields_are_null_where_the_column_allows_it() {
    use ValueType::{Boolean, Double, Float, Int, Long, String};
    for value_type in [Int, Long, Float, Double, Boolean] {
        let outcome = one(value_type, true, "A,Z\n,z\n\"\",z\n1,z\n\"1\",z\n");
        let values: Vec<_> = outcome.rows.iter().map(|row| row[0].is_some()).collect();
        assert_eq!(values, [false, false, true, true], "{value_type:?}");
        let outcome = one(value_type, false, "A,Z\n,z\n\"\",z\n1,z\n");
        assert_eq!(outcome.places(), [(2, Some("A"), 4), (3, Some("A"), 7)], "{value_type:?}");
        assert!(outcome.errors.iter().all(|error| error.reason.contains("not nullable")));
    }
    let outcome = one(String, true, "A,Z\n,z\n\"\",z\n");
    assert_eq!(outcome.rows, [vec![None, Some("z".into())], texts(&["", "z"])]);
    let outcome = one(String, false, "A,Z\n,z\n\"\",z\n");
    assert_eq!(outcome.rows, [texts(&["", "z"])]);
    assert_eq!(outcome.places(), [(2, Some("A"), 4)]);
}

#[test]
fn values_are_not_trimmed() {
    let outcome = one(ValueType::Long, true, "A,Z\n 1,z\n1 ,z\n\" 1\",z\nNA,z\n1,z\n");
    assert_eq!(outcome.rows, [texts(&["1", "z"])]);
    assert_eq!(outcome.errors.len(), 4);
    assert_eq!(outcome.errors[2].value, " 1");
}

#[test]
fn numbers_say_what_is_wrong_with_them() {
    let reason =
        |value_type, text: &str| one(value_type, true, &format!("A,Z\n{text},z\n")).errors[0].reason.clone();
    assert_eq!(reason(ValueType::Long, "9223372036854775808"), "is out of range");
    assert_eq!(reason(ValueType::Int, "2147483648"), "is out of range");
    assert_eq!(reason(ValueType::Long, "1.5"), "has a fraction");
    assert_eq!(reason(ValueType::Double, "NaN"), "is not finite");
    assert_eq!(reason(ValueType::Float, "1e39"), "is out of range");
    assert_eq!(reason(ValueType::Boolean, "yes"), "is not of this type");
}

#[test]
fn milliseconds_are_accepted_and_noted_by_line() {
    let schema = Schema::new(
        "Test",
        vec![field("TIMESTAMP", ValueType::Long, false), field("B", ValueType::Int, true)],
    )
    .unwrap();
    let input =
        b"TIMESTAMP,B\n1600000000,1\n1600000000000,x\n100000000000,1\n1600000000001,2\n1600000000002,3\n";
    for chunk_bytes in [1, 20, 1000] {
        let limits = crate::Limits { chunk_bytes, ..crate::Limits::default() };
        let outcome = run(input, &schema, &Options { limits, ..Options::default() });
        assert_eq!(outcome.rows.len(), 4);
        assert_eq!(outcome.milliseconds_line, Some(5), "the first one that is accepted");
    }
    let other = one(ValueType::Long, true, "A,Z\n1600000000000,z\n");
    assert_eq!(other.milliseconds_line, None);
}

#[test]
fn texts_over_their_limit_are_cut_or_refused() {
    let fields = vec![
        field("ID", ValueType::String, false),
        field("TEXT", ValueType::String, true),
        Field { categorical: true, ..field("KIND", ValueType::String, true) },
    ];
    let schema = Schema::new("Test", fields).unwrap();
    let limits = vec![
        Some(TextLimit::Refuse { chars: 3 }),
        Some(TextLimit::Cut { chars: 3 }),
        Some(TextLimit::Refuse { chars: 2 }),
    ];
    let target = Arc::new(Target::new(&schema, limits));
    let input = "ID,TEXT,KIND\na,\u{e9}\u{e9}\u{e9},k\n\u{e9}\u{e9}\u{e9},\u{e9}\u{e9}\u{e9}\u{e9},\n1234,abcd,k\nb,\"a\"\"bcd\",kkk\nc,\"a\"\"bcd\",kk\n";
    let outcome = run_target(input.as_bytes(), target, &Options::default(), 2, Tuning::default());
    let wanted = [
        texts(&["a", "\u{e9}\u{e9}\u{e9}", "k"]),
        vec![Some("\u{e9}\u{e9}\u{e9}".into()), Some("\u{e9}\u{e9}\u{e9}".into()), None],
        texts(&["c", "a\"b", "kk"]),
    ];
    assert_eq!(outcome.rows, wanted);
    assert_eq!(outcome.cut, 2, "refused records are not counted");
    assert_eq!(outcome.errors.len(), 2);
    assert_eq!(outcome.errors[0].expected, "at most 3 characters");
}

fn kinds(count: usize, rows: usize) -> Outcome {
    let fields = vec![
        Field { categorical: true, ..field("KIND", ValueType::String, true) },
        field("N", ValueType::Int, false),
    ];
    let schema = Schema::new("Test", fields).unwrap();
    let lines: String = (0..rows).map(|row| format!("kind {},{}\n", row % count, row)).collect();
    run(format!("KIND,N\n{lines}").as_bytes(), &schema, &Options::default())
}

#[test]
fn few_distinct_values_are_a_dictionary_in_order_of_first_appearance() {
    let outcome = kinds(3, 1000);
    let array: &DictionaryArray<Int32Type> = outcome.batches[0].column(0).as_dictionary();
    assert_eq!(array.keys().values()[..5], [0, 1, 2, 0, 1]);
    let values: &StringArray = array.values().as_string();
    assert_eq!(values.iter().flatten().collect::<Vec<_>>(), ["kind 0", "kind 1", "kind 2"]);
    assert_eq!(
        kinds(200, 250).batches[0].column(0).data_type(),
        outcome.batches[0].schema().field(0).data_type()
    );
}

#[test]
fn many_distinct_values_are_a_plain_column() {
    for (count, rows) in [(300, 1000), (9000, 50_000)] {
        let outcome = kinds(count, rows);
        assert_eq!(outcome.batches[0].column(0).data_type(), &DataType::Utf8);
        assert_eq!(outcome.batches[0].schema().field(0).data_type(), &DataType::Utf8);
        for (row, values) in outcome.rows.iter().enumerate() {
            assert_eq!(values[0].as_deref(), Some(format!("kind {}", row % count).as_str()));
        }
    }
}

#[test]
fn a_dictionary_has_no_values_of_refused_records() {
    let fields = vec![
        Field { categorical: true, ..field("KIND", ValueType::String, true) },
        field("N", ValueType::Int, false),
    ];
    let schema = Schema::new("Test", fields).unwrap();
    let outcome = run(b"KIND,N\nbad,x\nb,1\n,2\na,3\nworse,x\nb,4\n", &schema, &Options::default());
    let array: &DictionaryArray<Int32Type> = outcome.batches[0].column(0).as_dictionary();
    let values: &StringArray = array.values().as_string();
    assert_eq!(values.iter().flatten().collect::<Vec<_>>(), ["b", "a"]);
    let kinds: Vec<_> = outcome.rows.iter().map(|row| row[0].as_deref()).collect();
    assert_eq!(kinds, [Some("b"), None, Some("a"), Some("b")]);
}

#[test]
fn every_value_of_a_column_may_be_refused_or_null() {
    for value_type in [ValueType::String, ValueType::Long, ValueType::Boolean, ValueType::Double] {
        let outcome = one(value_type, true, "A,Z\n,\n,\n");
        assert_eq!(outcome.rows, [vec![None, None], vec![None, None]]);
        let outcome = one(value_type, false, "A,Z\n,\n,\n");
        assert!(outcome.batches.is_empty());
        assert_eq!(outcome.rejected, 2);
    }
    let fields = vec![
        Field { categorical: true, ..field("KIND", ValueType::String, true) },
        field("N", ValueType::Int, true),
    ];
    let outcome = run(b"KIND,N\n,\n,\n", &Schema::new("Test", fields).unwrap(), &Options::default());
    assert_eq!(outcome.rows, [vec![None, None], vec![None, None]]);
}

#[test]
fn the_empty_string_is_no_record_id() {
    for categorical in [false, true] {
        let id = Field { categorical, ..field("ID", ValueType::String, false) };
        let schema = Schema::new("Test", vec![id, field("A", ValueType::String, true)]).unwrap();
        let target = Arc::new(Target::new(&schema, Vec::new()).with_record_id(Some("ID")));
        let outcome =
            run_target(b"ID,A\n\"\",\"\"\ni1,\"\"\n,x\n", target, &Options::default(), 2, Tuning::default());
        assert_eq!(outcome.rows, [texts(&["i1", ""])]);
        assert_eq!(outcome.places(), [(2, Some("ID"), 5), (4, Some("ID"), 17)]);
        assert!(outcome.errors[0].reason.contains("no record ID"), "{}", outcome.errors[0]);
    }
}
