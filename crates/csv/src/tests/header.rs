//! Which column is which field.

use super::*;
use crate::{CsvErrorKind, Header, Rename};

fn open(input: &str, schema: &Schema, options: Options) -> Result<Arc<crate::Plan>, CsvError> {
    let target = Arc::new(Target::new(schema, Vec::new()));
    ChunkReader::open(input.as_bytes(), "f.csv", target, Arc::new(options)).map(|(plan, _)| plan)
}

fn rename(schema_name: &str, header: &str) -> Rename {
    Rename { schema_name: schema_name.to_owned(), header: header.to_owned() }
}

#[test]
fn columns_come_in_any_order_and_extra_ones_are_named() {
    let schema = strings(&["A", "B"]);
    let plan = open("x,B,,\"A\",y\n", &schema, Options::default()).unwrap();
    assert_eq!(plan.header(), ["x", "B", "", "A", "y"]);
    assert_eq!(plan.header_record(), b"x,B,,\"A\",y");
    assert_eq!(plan.ignored_columns(), ["x", "", "y"]);
    let outcome = run(b"x,B,,A,y\n1,2,3,4,5\r\n", &schema, &Options::default());
    assert_eq!(outcome.rows, [texts(&["4", "2"])]);
}

#[test]
fn all_missing_columns_are_listed_with_the_rename_that_would_help() {
    let schema = strings(&["USER_ID", "ITEM_ID", "PRICE", "SIZE"]);
    let error = open("User Id,itemId,item_id,PRICE\n", &schema, Options::default()).unwrap_err();
    assert_eq!(error.kind(), CsvErrorKind::Header);
    let wanted = "missing columns USER_ID (try --rename USER_ID='User Id'), ITEM_ID, SIZE; \
                  the header has User Id,itemId,item_id,PRICE";
    assert_eq!(error.message(), wanted);
}

#[test]
fn a_doubled_header_matters_only_if_the_schema_names_it() {
    assert!(open("A,x,x,,\n", &strings(&["A"]), Options::default()).is_ok());
    let error = open("A,x,A\n", &strings(&["A"]), Options::default()).unwrap_err();
    assert!(error.message().contains("columns 1 and 3 are both named A"), "{error}");
}

#[test]
fn renames_are_used_and_wrong_ones_refused() {
    let schema = strings(&["A", "B"]);
    let options = |renames| Options { renames, ..Options::default() };
    let plan = open("alpha,B\n", &schema, options(vec![rename("A", "alpha")])).unwrap();
    assert_eq!(plan.renames(), [rename("A", "alpha")]);
    let error = open("A,B\n", &schema, options(vec![rename("A", "alpha")])).unwrap_err();
    assert!(error.message().starts_with("missing column alpha;"), "{error}");
    for renames in [vec![rename("C", "x")], vec![rename("A", "x"), rename("A", "y")]] {
        let error = open("A,B\n", &schema, options(renames)).unwrap_err();
        assert_eq!(error.kind(), CsvErrorKind::Options, "{error}");
    }
    let outcome = run(b"alpha,B\n1,2\n", &schema, &options(vec![rename("A", "alpha")]));
    assert_eq!(outcome.rows, [texts(&["1", "2"])]);
}

#[test]
fn a_file_without_header_has_the_names_it_is_given() {
    let options = Options { header: Header::Names(vec!["B".into(), "A".into()]), ..Options::default() };
    let outcome = run(b"\xEF\xBB\xBF1,2\n3\n", &strings(&["A", "B"]), &options);
    assert_eq!(outcome.rows, [texts(&["2", "1"])]);
    assert_eq!(outcome.places(), [(2, None, 7)], "the byte order mark counts");
}

#[test]
fn a_header_may_span_lines_and_follow_empty_ones() {
    let outcome = run(b"\r\n\n\"A\",\"two\nlines\"\n1,2\n3\n", &strings(&["A"]), &Options::default());
    assert_eq!(outcome.rows, [texts(&["1"])]);
    assert_eq!(outcome.places(), [(6, None, 23)]);
}

#[test]
fn headers_that_cannot_be_read_are_refused_with_a_place() {
    let cases: [(&[u8], &str, u64); 6] = [
        (b"", "empty", 0),
        (b"\xEF\xBB\xBF\r\n\n", "empty", 6),
        (b"\"A,B\n1,2\n", "quote", 0),
        (b"\"A\"B\n1,2\n", "quote", 3),
        (b"A\rB\r1", "old Mac", 1),
        (b"A,caf\xE9\n", "UTF-8", 5),
    ];
    for (input, message, byte) in cases {
        let error = run(input, &strings(&["A"]), &Options::default()).fatal.unwrap();
        assert_eq!((error.kind(), error.byte()), (CsvErrorKind::Header, Some(byte)), "{error}");
        assert!(error.message().contains(message), "{error}");
    }
}

#[test]
fn a_header_alone_is_a_file_of_no_records() {
    for input in ["A,B", "A,B\n", "A,B\r\n\r\n"] {
        let outcome = run(input.as_bytes(), &strings(&["A", "B"]), &Options::default());
        assert!(outcome.fatal.is_none() && outcome.batches.is_empty());
        assert_eq!(outcome.records_read, 0);
    }
}

#[test]
fn a_header_for_another_delimiter_is_told() {
    let schema = Schema::from_avro(
        r#"{"type":"record","name":"T","fields":[{"name":"USER_ID","type":"string"},{"name":"AGE","type":"int"}]}"#,
    )
    .unwrap();
    for (text, typed) in [("USER_ID;AGE\nu;1\n", "';'"), ("USER_ID\tAGE\nu\t1\n", "tab")] {
        let target = Arc::new(Target::new(&schema, Vec::new()));
        let refused = ChunkReader::open(text.as_bytes(), "f", target, Arc::new(Options::default()));
        let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.ends_with(&format!("try --delimiter {typed}")), "{message}");
    }
}
