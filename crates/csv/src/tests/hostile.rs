//! Files that are made to cost memory: limits hold at the same place whatever the chunks, stripes and threads.

use super::*;
use crate::{CsvErrorKind, Limits};

fn limited(limits: Limits) -> Options {
    Options { limits, ..Options::default() }
}

#[test]
fn too_many_columns_are_counted_before_they_are_named() {
    let told = |columns: usize, record_fields: usize| {
        let options = limited(Limits { columns: 4, record_fields, ..Limits::default() });
        let fatal = run(",x".repeat(columns - 1).as_bytes(), &strings(&["A"]), &options).fatal.unwrap();
        assert_eq!(fatal.kind(), CsvErrorKind::Limit);
        fatal.message().to_owned()
    };
    assert_eq!(told(5, 100), "5 columns, over the limit columns (4)");
    assert_eq!(told(9, 8), "more than 8 columns, over the limit columns (4)");
}

#[test]
fn a_record_of_too_many_fields_ends_the_reading_where_it_begins() {
    let fields = |count: usize| "x,".repeat(count - 1) + "x\n";
    let quoted = format!("\"{}\",2\n", ",".repeat(500));
    for stripe in [16, 64 << 10] {
        for chunk_bytes in [32, 100, 4 << 20] {
            let options = limited(Limits { record_fields: 64, chunk_bytes, ..Limits::default() });
            let tuning = Tuning { stripe, ..Tuning::default() };
            let good = format!("A,B\n1,2\n{quoted}{}", fields(64));
            let outcome = run_tuned(good.as_bytes(), &strings(&["A", "B"]), &options, 2, tuning);
            assert!(outcome.fatal.is_none(), "{:?}", outcome.fatal);
            assert_eq!(
                (outcome.rows.len(), outcome.error_count),
                (2, 1),
                "64 fields are an error of the record"
            );
            for end in ["", "1,2\n", "\"open"] {
                let bad = format!("A,B\n1,2\n{quoted}{}{end}", fields(65));
                let outcome = run_tuned(bad.as_bytes(), &strings(&["A", "B"]), &options, 2, tuning);
                let fatal = outcome.fatal.unwrap();
                let place = bad.find("x,").unwrap() as u64;
                assert_eq!(
                    (fatal.kind(), fatal.line(), fatal.byte()),
                    (CsvErrorKind::Limit, Some(4), Some(place))
                );
                assert!(fatal.message().contains("record_fields (64)"), "{fatal}");
                assert_eq!(outcome.rows.len(), 2);
            }
        }
    }
}

#[test]
fn rejects_too_many_to_be_held_are_the_same_in_pieces() {
    let input =
        format!("A,B\n1,2\n{}\"two\nlines\",3,4\n{}5,6", "x\n".repeat(20_000), "y\r\n\n".repeat(9_000));
    let rejects = |chunk_bytes| {
        let limits = Limits { chunk_bytes, ..Limits::default() };
        let options = Options { keep_rejects: true, ..limited(limits) };
        let outcome = run(input.as_bytes(), &strings(&["A", "B"]), &options);
        assert_eq!((outcome.rows.len(), outcome.rejected), (2, 29_001));
        outcome.rejects
    };
    let whole = rejects(4 << 20);
    assert_eq!(whole.len(), 29_001);
    assert_eq!((whole[20_000].line, whole[20_000].raw.as_slice()), (20_003, &b"\"two\nlines\",3,4"[..]));
    assert_eq!(whole, rejects(8 << 10));
}

#[test]
fn a_record_over_many_chunks_is_the_same_as_in_one() {
    let long = "z".repeat(5_000);
    let input = format!("A,B\n{long},\"{long}\n{long}\"\n1,2\n{long},{long}");
    for chunk_bytes in [64, 1_000, 4 << 20] {
        let options = limited(Limits { chunk_bytes, ..Limits::default() });
        let outcome = run(input.as_bytes(), &strings(&["A", "B"]), &options);
        assert!(outcome.fatal.is_none());
        assert_eq!(outcome.rows[0], texts(&[&long, &format!("{long}\n{long}")]));
        assert_eq!(outcome.rows[1..], [texts(&["1", "2"]), texts(&[&long, &long])]);
    }
}
