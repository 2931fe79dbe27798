//! The dialect's rules, one by one (design section 5), and S12's errors.

use super::*;
use crate::{CsvErrorKind, Escape, Header, Limits};

fn rows_of(input: &str) -> Vec<Row> {
    let outcome = run(input.as_bytes(), &strings(&["A", "B"]), &Options::default());
    assert!(outcome.fatal.is_none() && outcome.errors.is_empty(), "{outcome:?}");
    outcome.rows
}

#[test]
fn line_ends_are_lf_or_crlf_and_the_last_may_be_missing() {
    let wanted = vec![texts(&["1", "2"]), texts(&["3", "4"])];
    for input in [
        "A,B\n1,2\n3,4\n",
        "A,B\r\n1,2\r\n3,4\r\n",
        "A,B\n1,2\r\n3,4",
        "\u{feff}A,B\r\n\r\n1,2\n\n\n3,4\r\n\r\n",
    ] {
        assert_eq!(rows_of(input), wanted, "{input:?}");
    }
}

#[test]
fn quoted_bytes_are_kept_as_they_are() {
    assert_eq!(rows_of("A,B\n\"a,b\",\"c\r\nd\re\nf\"\r\n"), [texts(&["a,b", "c\r\nd\re\nf"])]);
    assert_eq!(rows_of("A,B\n\"say \"\"hi\"\"\",\"\"\"\"\n"), [texts(&["say \"hi\"", "\""])]);
    assert_eq!(rows_of("A,B\n\" a \", b \n"), [texts(&[" a ", " b "])]);
    assert_eq!(rows_of("A,B\na\0b,\u{e9}\n"), [texts(&["a\0b", "\u{e9}"])]);
}

#[test]
fn a_quote_inside_an_unquoted_field_is_data() {
    assert_eq!(
        rows_of("A,B\n6\" pipe,a\"b\"c\nx, \"y\"\n"),
        [texts(&["6\" pipe", "a\"b\"c"]), texts(&["x", " \"y\""])]
    );
}

#[test]
fn null_is_an_empty_unquoted_field() {
    assert_eq!(rows_of("A,B\n,\"\"\nNA,null\n"), [vec![None, Some(String::new())], texts(&["NA", "null"])]);
}

#[test]
fn backslashes_are_data_unless_they_are_asked_for() {
    assert_eq!(rows_of("A,B\n\"a\\\\b\",\\n\n"), [texts(&["a\\\\b", "\\n"])]);
    let options = Options { escape: Escape::Backslash, ..Options::default() };
    let input = "A,B\n\"say \\\"hi\\\"\",\"a\\\\\"\n\"both \"\"\\\"\",\"\\n\"\n\\\"x,\\\\\n";
    let outcome = run(input.as_bytes(), &strings(&["A", "B"]), &options);
    assert!(outcome.errors.is_empty() && outcome.fatal.is_none(), "{outcome:?}");
    let wanted = [texts(&["say \"hi\"", "a\\"]), texts(&["both \"\"", "\\n"]), texts(&["\\\"x", "\\\\"])];
    assert_eq!(outcome.rows, wanted);
}

#[test]
fn any_ascii_delimiter_but_the_structural_ones_is_taken() {
    let options = Options { delimiter: b'\t', ..Options::default() };
    let outcome = run(b"A\tB\n1,5\t2\n", &strings(&["A", "B"]), &options);
    assert_eq!(outcome.rows, [texts(&["1,5", "2"])]);
    for delimiter in [b'"', b'\n', b'\r', 0, 0x80] {
        let options = Options { delimiter, ..Options::default() };
        let error = run(b"A\n", &strings(&["A"]), &options).fatal.unwrap();
        assert_eq!(error.kind(), CsvErrorKind::Options, "{error}");
    }
}

#[test]
fn s12_rows_of_another_length_are_errors_of_their_record() {
    let outcome = run(b"A,B\n1,2\n1\n1,2,3\n3,4\n", &strings(&["A", "B"]), &Options::default());
    assert_eq!(outcome.rows, [texts(&["1", "2"]), texts(&["3", "4"])]);
    assert_eq!(outcome.places(), [(3, None, 8), (4, None, 10)]);
    assert_eq!(outcome.errors[0].value, "1");
    assert_eq!(outcome.errors[0].expected, "2 fields");
    assert_eq!(outcome.errors[1].reason, "the record has 3 fields, but there are 2 columns");
    assert_eq!((outcome.records_read, outcome.rejected, outcome.error_count), (4, 2, 2));
}

#[test]
fn s12_a_lone_cr_outside_quotes_is_an_error_of_its_record() {
    let outcome = run(b"A,B\n1,a\rb\n3,4\n5,6\r", &strings(&["A", "B"]), &Options::default());
    assert_eq!(outcome.rows, [texts(&["3", "4"])]);
    assert_eq!(outcome.places(), [(2, Some("B"), 7), (4, Some("B"), 17)]);
    assert!(outcome.errors[0].reason.contains("CR"));
}

#[test]
fn s12_bytes_that_are_not_utf8_are_errors_of_their_record() {
    let outcome = run(b"A,B\nx,caf\xE9\n3,4\n", &strings(&["A", "B"]), &Options::default());
    assert_eq!(outcome.rows, [texts(&["3", "4"])]);
    assert_eq!(outcome.places(), [(2, Some("B"), 9)]);
    assert_eq!(outcome.errors[0].value, "\\xE9");
    assert_eq!(outcome.errors[0].expected, "UTF-8");
}

#[test]
fn s12_every_error_of_a_record_is_reported_and_its_good_neighbours_kept() {
    let fields = vec![
        field("A", ValueType::Long, false),
        field("B", ValueType::Double, true),
        field("C", ValueType::Boolean, false),
    ];
    let schema = Schema::new("Test", fields).unwrap();
    let input = b"A,B,C\n1,2.5,true\nx,y,\n\"multi\nline\",1,0\n4,,1\n";
    let outcome = run(input, &schema, &Options { keep_rejects: true, ..Options::default() });
    assert_eq!(
        outcome.rows,
        [texts(&["1", "2.5", "true"]), vec![Some("4".into()), None, Some("true".into())]]
    );
    assert_eq!(
        outcome.places(),
        [(3, Some("A"), 17), (3, Some("B"), 19), (3, Some("C"), 21), (4, Some("A"), 22)]
    );
    assert_eq!((outcome.rejected, outcome.error_count), (2, 4));
    let rejects: Vec<_> =
        outcome.rejects.iter().map(|reject| (reject.line, reject.byte, reject.errors.len())).collect();
    assert_eq!(rejects, [(3, 17, 3), (4, 22, 1)]);
    assert_eq!(outcome.rejects[1].raw, b"\"multi\nline\",1,0");
    let shown = outcome.errors[0].to_string();
    assert_eq!(
        shown,
        "test.csv:3: column A (byte 17): 'x' is not of this type; expected long (whole number, -9223372036854775808 to 9223372036854775807)"
    );
}

#[test]
fn s12_the_first_errors_of_a_file_are_kept_and_all_are_counted() {
    let schema = Schema::new("Test", vec![field("A", ValueType::Long, false)]).unwrap();
    let input = format!("A\n{}", "bad\n1\n".repeat(500));
    for chunk_bytes in [16, 1 << 20] {
        let limits = Limits { errors_kept: 7, chunk_bytes, ..Limits::default() };
        let outcome = run(input.as_bytes(), &schema, &Options { limits, ..Options::default() });
        assert_eq!((outcome.rows.len(), outcome.rejected, outcome.error_count), (500, 500, 500));
        let lines: Vec<u64> = outcome.errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [2, 4, 6, 8, 10, 12, 14]);
    }
}

#[test]
fn s12_what_loses_the_record_boundary_ends_the_reading_at_a_place() {
    let cases: [(&[u8], u64, u64, &str); 4] = [
        (b"A,B\n1,2\n3,\"open\nmore", 3, 10, "still open"),
        (b"A,B\n1,2\n\"a\nb\"x,4\n", 3, 13, "text after the closing quote"),
        (b"A,B\n\"1\"\r\"2\"\r", 2, 7, "carriage return"),
        (b"A,B\n\"say \\\"hi\\\"\",2\n", 2, 11, "--escape backslash"),
    ];
    for (input, line, byte, message) in cases {
        let error = run(input, &strings(&["A", "B"]), &Options::default()).fatal.unwrap();
        assert_eq!(
            (error.kind(), error.line(), error.byte()),
            (CsvErrorKind::Syntax, Some(line), Some(byte)),
            "{error}"
        );
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(error.to_record_error().byte, Some(byte));
    }
}

#[test]
fn limits_are_refused_by_name() {
    let limits = Limits { field_bytes: 4, record_bytes: 12, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let outcome = run(b"A,B\n1234,12345\n1,2\n", &strings(&["A", "B"]), &options);
    assert_eq!(outcome.rows, [texts(&["1", "2"])]);
    assert_eq!(outcome.places(), [(2, Some("B"), 9)]);
    assert!(outcome.errors[0].reason.contains("field_bytes (4)"), "{}", outcome.errors[0]);

    let error = run(b"A,B\n1,2\n12,\"3456789012\n", &strings(&["A", "B"]), &options).fatal.unwrap();
    assert_eq!((error.kind(), error.line(), error.byte()), (CsvErrorKind::Limit, Some(3), Some(8)));
    assert!(error.message().contains("record_bytes (12)"), "{error}");

    let names: Vec<String> = (0..5000).map(|number| number.to_string()).collect();
    let options = Options { header: Header::Names(names), ..Options::default() };
    let error = run(b"", &strings(&["A"]), &options).fatal.unwrap();
    assert_eq!(error.kind(), CsvErrorKind::Limit);
    assert!(error.message().contains("columns (4096)"), "{error}");
}

#[test]
fn other_encodings_are_refused_by_name() {
    let utf16: Vec<u8> = "A,B\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = run(&utf16, &strings(&["A", "B"]), &Options::default()).fatal.unwrap();
    assert_eq!((error.kind(), error.line()), (CsvErrorKind::Encoding, Some(1)));
    assert!(error.message().contains("UTF-16LE"), "{error}");
}
