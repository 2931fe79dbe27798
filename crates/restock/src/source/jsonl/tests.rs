use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Float32Type;
use proptest::prelude::*;
use restock_csv::{Block, Limits, Options, RecordError, Rename};
use restock_schema::{Schema, TextLimit};

use super::{JsonPlan, JsonReader};
use crate::record;
use crate::record::{Record, Value};
use crate::source::SourceError;
use crate::source::stream::{ByteStream, Watch};
use crate::source::target::{SourceOptions, Target, UnknownKeys};

fn schema() -> Schema {
    Schema::from_avro(
        r#"{"type": "record", "name": "Custom", "fields": [
            {"name": "ID", "type": "string"},
            {"name": "L", "type": ["null", "long"]},
            {"name": "F", "type": ["null", "float"]},
            {"name": "D", "type": ["null", "double"]},
            {"name": "B", "type": ["null", "boolean"]},
            {"name": "I", "type": ["null", "int"]}]}"#,
    )
    .unwrap()
}

struct Read {
    rows: Vec<Record>,
    block: Block<RecordBatch>,
    unknown: Vec<String>,
}

fn read_with(text: &[u8], options: &SourceOptions, target: &Target) -> Result<Read, SourceError> {
    let stream = ByteStream::from_reader("f.jsonl", Box::new(Cursor::new(text.to_vec())), &Watch::default())?;
    let plan = Arc::new(JsonPlan::new("f.jsonl", target, options)?);
    let mut all =
        Read { rows: Vec::new(), block: Block::empty(target.schema().fields().len()), unknown: Vec::new() };
    for chunk in JsonReader::open(stream, Arc::clone(&plan))? {
        let parsed = plan.parse(&chunk?, |batch| batch)?;
        for batch in &parsed.block.batches {
            all.rows.extend((0..batch.num_rows()).map(|row| Record::from_row(batch, row).unwrap()));
        }
        all.unknown.extend(parsed.unknown);
        let (sum, block) = (&mut all.block, parsed.block);
        sum.batches.extend(block.batches);
        sum.records_read += block.records_read;
        sum.rejected += block.rejected;
        sum.error_count += block.error_count;
        sum.errors.extend(block.errors);
        sum.rejects.extend(block.rejects);
        sum.bytes += block.bytes;
        sum.milliseconds_line = sum.milliseconds_line.or(block.milliseconds_line);
        sum.cut.iter_mut().zip(block.cut).for_each(|(sum, cut)| *sum += cut);
    }
    Ok(all)
}

fn read(text: &str) -> Read {
    read_with(text.as_bytes(), &SourceOptions::default(), &Target::new(&schema(), Vec::new())).unwrap()
}

fn chunked(chunk_bytes: usize) -> SourceOptions {
    let limits = Limits { chunk_bytes, ..Limits::default() };
    SourceOptions { csv: Arc::new(Options { limits, ..Options::default() }), ..SourceOptions::default() }
}

/// The only error of a file of one line.
fn error(line: &str) -> RecordError {
    let read = read(line);
    assert_eq!((read.block.records_read, read.block.rejected), (1, 1), "{line}");
    assert_eq!(read.block.errors.len(), 1, "{line}: {:?}", read.block.errors);
    read.block.errors[0].clone()
}

#[test]
fn objects_become_rows_and_missing_keys_null() {
    let read = read(concat!(
        "\u{FEFF}{\"ID\":\"a\",\"L\":12.0,\"F\":9.9,\"D\":1e3,\"B\":true,\"I\":-7}\r\n",
        "\n   \n",
        "{\"B\":false, \"X\":{\"deep\":[1,{}]}, \"ID\":\"\\u00e9\\n\", \"L\":null}"
    ));
    let null = Value::Null;
    assert_eq!(
        read.rows,
        [
            record! { "ID" => "a", "L" => 12, "F" => 9.9, "D" => 1000.0, "B" => true, "I" => -7 },
            record! { "ID" => "é\n", "L" => null.clone(), "F" => null.clone(), "D" => null.clone(), "B" => false, "I" => null },
        ]
    );
    assert_eq!((read.block.records_read, read.block.rejected), (2, 0));
    assert_eq!(read.unknown, ["X"]);
}

#[test]
fn s12_each_value_that_does_not_fit_is_located() {
    let read = read("{\"ID\":\"a\"}\n{\"ID\":\"b\",\"L\":1.5,\"B\":\"yes\"}\n\n{\"ID\":\"c\"}\n{\"L\":1}\n");
    assert_eq!(read.rows.len(), 2);
    assert_eq!((read.block.records_read, read.block.rejected, read.block.error_count), (4, 2, 3));
    let places: Vec<_> =
        read.block.errors.iter().map(|e| (e.line, e.column.as_deref(), e.byte, e.value.as_str())).collect();
    assert_eq!(
        places,
        [(2, Some("L"), Some(25), "1.5"), (2, Some("B"), Some(33), "yes"), (5, Some("ID"), Some(52), "")]
    );
    assert_eq!(
        read.block.errors[0].to_string(),
        "f.jsonl:2: column L (byte 25): '1.5' has a fraction; expected long or null"
    );
}

#[test]
fn s12_lines_that_are_no_object_are_errors_with_the_byte() {
    let cases = [
        ("{\"ID\":\"a\"", "ends before its object does"),
        ("{", "an object must stand on one line"),
        ("7", "expected a JSON object"),
        ("{\"ID\":\"a\"} x", "trailing characters"),
        ("{\"ID\":\"a\",}", "trailing comma"),
        ("{\"ID\":\"\\ud800\"}", "hex escape"),
        ("{\"ID\":\"a\",\"D\":1e999}", "out of range"),
        ("{\"ID\":\"a\",\"D\":NaN}", "is not valid here"),
        ("{\"ID\":\"a\",\"L\":01}", "is not valid here"),
    ];
    for (line, why) in cases {
        let error = error(line);
        assert!(error.reason.contains(why), "{line}: {}", error.reason);
        assert!(error.byte.unwrap() <= line.len() as u64);
    }
    assert_eq!(error("{\"ID\":\"a\",\"D\":1e999}").byte, Some(14));
    let target = Target::new(&schema(), Vec::new());
    let latin =
        read_with(b"{\"ID\":\"a\"}\n{\"ID\":\"\xe9\"}\n", &SourceOptions::default(), &target).unwrap();
    assert_eq!(latin.rows.len(), 1);
    assert_eq!((latin.block.errors[0].line, latin.block.errors[0].byte), (2, Some(11 + 7)));
    assert_eq!(latin.block.errors[0].expected, "UTF-8");
}

#[test]
fn numbers_are_exact_or_refused() {
    let accepted = |line: &str| read(line).block.rejected == 0;
    assert!(accepted(r#"{"ID":"a","L":9223372036854775807,"I":-2147483648}"#));
    assert!(accepted(r#"{"ID":"a","L":-9223372036854775808,"I":2.0}"#));
    assert!(error(r#"{"ID":"a","L":9223372036854775808}"#).reason.contains("out of range"));
    assert!(error(r#"{"ID":"a","L":123456789012345678901234567890}"#).reason.contains("out of range"));
    assert!(error(r#"{"ID":"a","L":9.007199254740993e15}"#).reason.contains("write all its digits"));
    assert!(error(r#"{"ID":"a","L":1.00000000000000000000001}"#).reason.contains("has a fraction"));
    let exact = read(r#"{"ID":"a","L":9007199254740993.0,"I":1e3}"#);
    assert_eq!(exact.rows[0].get("L"), Some(&Value::Int(9_007_199_254_740_993)));
    assert_eq!(exact.rows[0].get("I"), Some(&Value::Int(1000)));
    assert!(error(r#"{"ID":"a","I":2147483648}"#).reason.contains("out of range"));
    assert!(error(r#"{"ID":"a","F":1e39}"#).reason.contains("out of range"));
    assert!(error(r#"{"ID":"a","F":"9.9"}"#).reason.contains("is a string"));
    assert!(error(r#"{"ID":"a","D":true}"#).reason.contains("is a boolean"));
    assert!(error(r#"{"ID":["a"]}"#).reason.contains("is an array or object"));
    assert!(error(r#"{"ID":5}"#).reason.contains("is a number"));
    assert!(error(r#"{"ID":null}"#).reason.contains("is null or missing"));
}

#[test]
fn floats_are_rounded_once_from_their_text() {
    // Halfway between two floats but for a digit that a double cannot hold: rounding twice would go down.
    let text = "1.00000005960464477540";
    let read = read(&format!("{{\"ID\":\"a\",\"F\":{text},\"D\":{text}}}\n"));
    let float = read.block.batches[0].column(2).as_primitive::<Float32Type>().value(0);
    assert_eq!(float, text.parse::<f32>().unwrap());
    assert_ne!(float, text.parse::<f64>().unwrap() as f32);
}

#[test]
fn a_column_given_twice_is_an_error() {
    let error = error(r#"{"ID":"a","L":1,"L":2}"#);
    assert_eq!((error.column.as_deref(), error.reason.as_str()), (Some("L"), "is given twice in one object"));
    assert_eq!(read(r#"{"ID":"a","X":1,"X":2}"#).rows.len(), 1, "of ignored keys it does not matter");
}

#[test]
fn deep_nesting_neither_overflows_nor_hides_the_line() {
    let deep =
        format!("{{\"ID\":\"a\",\"X\":{}{}}}\n{{\"ID\":\"b\"}}\n", "[".repeat(200_000), "]".repeat(200_000));
    let read = read(&deep);
    assert_eq!(read.rows.last().unwrap().get("ID"), Some(&Value::from("b")));
    assert_eq!(read.block.records_read, 2);
}

#[test]
fn unknown_keys_can_be_refused_with_near_names() {
    let options = SourceOptions { unknown_keys: UnknownKeys::Refuse, ..SourceOptions::default() };
    let target = Target::new(&schema(), Vec::new());
    let read = read_with(b"{\"ID\":\"a\",\"Ll\":1}\n", &options, &target).unwrap();
    let error = &read.block.errors[0];
    assert_eq!((error.value.as_str(), error.column.as_deref()), ("Ll", None));
    assert_eq!(error.reason, "names no column of the dataset (did you mean L?)");
    assert!(read.unknown.is_empty());
}

#[test]
fn renames_limits_and_rejects_hold_as_for_csv() {
    let rename =
        |schema_name: &str, header: &str| Rename { schema_name: schema_name.into(), header: header.into() };
    let options = |renames| SourceOptions {
        csv: Arc::new(Options { renames, keep_rejects: true, ..Options::default() }),
        ..SourceOptions::default()
    };
    let target = Target::new(&schema(), vec![Some(TextLimit::Cut { chars: 2 })]);
    let text = "{\"id\":\"äöü\"}\n{\"id\":\"abc\",\"L\":\"x\"}\n{\"ID\":\"c\"}\n".as_bytes();
    let read = read_with(text, &options(vec![rename("ID", "id")]), &target).unwrap();
    assert_eq!(read.rows[0].get("ID"), Some(&Value::from("äö")));
    assert_eq!(read.block.cut[0], 1, "cut values of rejected rows do not count");
    let rejects: Vec<_> = read.block.rejects.iter().map(|r| (r.line, r.byte, r.raw.as_slice())).collect();
    assert_eq!(rejects, [(2, 16, &br#"{"id":"abc","L":"x"}"#[..]), (3, 37, &br#"{"ID":"c"}"#[..])]);
    assert_eq!(read.block.rejects[1].errors[0].column.as_deref(), Some("id"));
    for (renames, why) in [
        (vec![rename("NO", "x")], "the schema has no field NO"),
        (vec![rename("L", "x"), rename("L", "y")], "names the field L twice"),
        (vec![rename("L", "ID")], "from one key"),
    ] {
        let error = read_with(text, &options(renames), &target).err().unwrap().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn milliseconds_are_noted_with_their_line() {
    let schema = Schema::from_avro(
        r#"{"type": "record", "name": "Custom", "fields": [{"name": "TIMESTAMP", "type": "long"}]}"#,
    )
    .unwrap();
    let text = b"{\"TIMESTAMP\":1}\n{\"TIMESTAMP\":1700000000000}\n";
    let read = read_with(text, &SourceOptions::default(), &Target::new(&schema, Vec::new())).unwrap();
    assert_eq!(read.block.milliseconds_line, Some(2));
}

#[test]
fn other_texts_are_refused_by_name() {
    let target = Target::new(&schema(), Vec::new());
    for (text, why) in [
        (&b" [\n{\"ID\":\"a\"}]"[..], "one JSON array"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b"{\0\"\0I\0", "UTF-16"),
    ] {
        let error = read_with(text, &SourceOptions::default(), &target).err().unwrap().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn s12_a_line_over_the_record_limit_ends_the_reading() {
    let limits = Limits { chunk_bytes: 16, record_bytes: 64, ..Limits::default() };
    let options =
        SourceOptions { csv: Arc::new(Options { limits, ..Options::default() }), ..SourceOptions::default() };
    let target = Target::new(&schema(), Vec::new());
    let text = format!("{{\"ID\":\"a\"}}\n{{\"ID\":\"{}\"}}\n", "x".repeat(1000));
    let error = read_with(text.as_bytes(), &options, &target).err().unwrap();
    assert!(matches!(error, SourceError::Record { line: 2, byte: 11, .. }), "{error}");
    assert!(error.to_string().contains("record_bytes (64)"), "{error}");
}

#[test]
fn the_empty_string_is_no_record_id_in_any_batch_of_a_chunk() {
    let limits = Limits { batch_rows: 2, ..Limits::default() };
    let options =
        SourceOptions { csv: Arc::new(Options { limits, ..Options::default() }), ..SourceOptions::default() };
    let target = Target::new(&schema(), Vec::new()).with_record_id(Some("ID"));
    let text = "{\"ID\":\"a\"}\n{\"ID\":\"b\"}\n{\"ID\":\"c\"}\n{\"ID\":\"\"}\n";
    let read = read_with(text.as_bytes(), &options, &target).unwrap();
    let refused: Vec<_> =
        read.block.errors.iter().map(|error| (error.line, error.column.as_deref())).collect();
    assert_eq!((read.rows.len(), refused), (3, vec![(4, Some("ID"))]));
}

#[test]
fn batches_are_closed_by_rows_and_bytes() {
    let text: String = (0..1000).map(|n| format!("{{\"ID\":\"{n:0>100}\"}}\n")).collect();
    let target = Target::new(&schema(), Vec::new());
    let count = |batch_rows, batch_bytes| {
        let limits = Limits { batch_rows, batch_bytes, ..Limits::default() };
        let options = SourceOptions {
            csv: Arc::new(Options { limits, ..Options::default() }),
            ..SourceOptions::default()
        };
        let read = read_with(text.as_bytes(), &options, &target).unwrap();
        assert_eq!(read.rows.len(), 1000);
        read.block.batches.len()
    };
    assert_eq!(count(300, 1 << 20), 4);
    assert_eq!(count(1 << 16, 1 << 14), 8);
}

proptest! {
    #[test]
    fn s11_chunk_size_does_not_change_rows_or_errors(
        lines in prop::collection::vec(prop::sample::select(vec![
            r#"{"ID":"a","L":1}"#, r#"{"ID":"é\n"}"#, r#"{"L":1}"#, "", "{", r#"{"ID":"b","F":0.1,"Z":[]}"#, " \r", "null",
        ]), 0..30),
        chunk_bytes in 1usize..60,
    ) {
        let text = lines.join("\n");
        let target = Target::new(&schema(), Vec::new());
        let whole = read_with(text.as_bytes(), &SourceOptions::default(), &target).unwrap();
        let cut = read_with(text.as_bytes(), &chunked(chunk_bytes), &target).unwrap();
        prop_assert_eq!(whole.rows, cut.rows);
        prop_assert_eq!(whole.block.errors, cut.block.errors);
        prop_assert_eq!(whole.block.records_read, cut.block.records_read);
        prop_assert_eq!(cut.block.bytes, text.len() as u64);
    }

    #[test]
    fn any_bytes_are_rows_or_errors_but_never_a_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let target = Target::new(&schema(), Vec::new());
        if let Ok(read) = read_with(&text, &chunked(7), &target) {
            prop_assert_eq!(read.block.records_read, read.block.rejected + read.rows.len() as u64);
        }
    }
}
