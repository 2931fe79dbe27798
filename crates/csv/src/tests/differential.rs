//! Against the reference reader on anything, and against the `csv` crate on well-formed files.

use proptest::prelude::*;

use super::*;
use crate::reference::compare;
use crate::scan::Scanner;
use crate::{Escape, Header, Limits};

/// Bytes of which every one matters.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just("a"), 3 => Just(","), 4 => Just("\""), 3 => Just("\n"), 1 => Just("\r"), 2 => Just("\r\n"),
        1 => Just("\\"), 2 => Just("1"), 1 => Just("01"), 1 => Just("\u{e9}"), 1 => Just("\0"), 2 => Just("\"a\""), 1 => Just(",\""), 1 => Just("\",")
    ];
    let invalid = prop_oneof![20 => Just(false), 1 => Just(true)];
    (proptest::collection::vec(piece, 0..60), invalid, any::<prop::sample::Index>()).prop_map(
        |(pieces, invalid, at)| {
            let mut bytes = pieces.concat().into_bytes();
            if invalid && !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = 0xE9;
            }
            bytes
        },
    )
}

fn soup_schema(columns: usize) -> (Schema, Vec<String>) {
    let names: Vec<String> = ["A", "B", "C"].iter().take(columns).map(|name| (*name).to_owned()).collect();
    // Not in the order of the file, and one column is ignored.
    let fields = match columns {
        1 => vec![field("A", ValueType::String, true)],
        2 => vec![field("B", ValueType::String, false), field("A", ValueType::Long, true)],
        _ => vec![
            field("C", ValueType::String, true),
            Field { categorical: true, ..field("A", ValueType::String, true) },
        ],
    };
    (Schema::new("Test", fields).unwrap(), names)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4000, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn any_bytes_read_as_the_reference_reads_them(
        input in soup(),
        columns in 1..4usize,
        chunk_bytes in 1..70usize,
        stripe in prop_oneof![Just(1usize), Just(5), Just(64), Just(1 << 16)],
        backslash in any::<bool>(),
        record_bytes in prop_oneof![3 => Just(1usize << 20), 1 => 1..30usize],
        field_bytes in prop_oneof![3 => Just(1usize << 20), 1 => 1..10usize],
        batch_rows in 1..6usize,
        threads in 1..4usize,
        affixes in any::<bool>(),
    ) {
        let (schema, names) = soup_schema(columns);
        let options = Options {
            escape: if backslash { Escape::Backslash } else { Escape::None },
            header: Header::Names(names.clone()),
            keep_rejects: true,
            limits: Limits { chunk_bytes, record_bytes, field_bytes, batch_rows, batch_bytes: 50, ..Limits::default() },
            ..Options::default()
        };
        let target = Target::new(&schema, Vec::new());
        let target = Arc::new(if affixes { target.with_affixes() } else { target });
        for scanner in Scanner::all() {
            compare(&input, &target, &names, &options, threads, Tuning { scanner, stripe });
        }
    }

    #[test]
    fn well_formed_files_read_as_the_csv_crate_reads_them(
        records in proptest::collection::vec(proptest::collection::vec("[a-c,\"\n\r \u{e9}\\\\0-9]{0,12}", 3), 1..30),
        crlf in any::<bool>(),
        delimiter in prop_oneof![Just(b','), Just(b'\t'), Just(b';'), Just(b'|')],
        chunk_bytes in 1..200usize,
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
        writer.write_record(["A", "B", "C"]).unwrap();
        records.iter().for_each(|record| writer.write_record(record).unwrap());
        let file = writer.into_inner().unwrap();

        let limits = Limits { chunk_bytes, ..Limits::default() };
        let options = Options { delimiter, limits, ..Options::default() };
        let outcome = run(&file, &strings(&["A", "B", "C"]), &options);
        prop_assert!(outcome.fatal.is_none() && outcome.errors.is_empty(), "{:?}", outcome);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(file.as_slice());
        let theirs: Vec<Vec<String>> = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        let ours: Vec<Vec<String>> =
            outcome.rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect();
        prop_assert_eq!(ours, theirs);
    }
}

#[test]
fn every_split_of_a_difficult_file_reads_the_same() {
    let input = "a,\"x\ny\"\n\"\"\"q\"\"\",b\r\n6\" pipe,\"\"\n\n\"multi\r\nline, \"\"6\"\"\",\u{e9}\u{e9}\na\rb,c\nx\nlast,\"open\nend\""
        .as_bytes();
    let names = ["A".to_owned(), "B".to_owned()];
    let target = Arc::new(Target::new(&strings(&["A", "B"]), Vec::new()));
    for chunk_bytes in 1..=input.len() + 1 {
        for threads in [1, 2, 8] {
            for stripe in [1, 7, 64] {
                let options = Options {
                    header: Header::Names(names.to_vec()),
                    keep_rejects: true,
                    limits: Limits { chunk_bytes, ..Limits::default() },
                    ..Options::default()
                };
                let tuning = Tuning { stripe, ..Tuning::default() };
                compare(input, &target, &names, &options, threads, tuning);
            }
        }
    }
}

/// What a CR at the end of a chunk is, a line end or a fault, does not depend on where the chunk ends.
#[test]
fn a_record_at_the_limit_before_a_cr_reads_the_same_in_every_split() {
    let names = ["A".to_owned()];
    let target = Arc::new(Target::new(&strings(&["A"]), Vec::new()));
    for input in ["\"\na\\\"\r", "\"\na\\\"\rb", "\"\na\\\"\r\n", "abcde\r", "abcde\rf", "abcde\r\nf"] {
        for (chunk_bytes, record_bytes) in
            (1..=8).flat_map(|chunk| (4..=7).map(move |record| (chunk, record)))
        {
            let options = Options {
                header: Header::Names(names.to_vec()),
                keep_rejects: true,
                limits: Limits { chunk_bytes, record_bytes, ..Limits::default() },
                ..Options::default()
            };
            compare(input.as_bytes(), &target, &names, &options, 1, Tuning::default());
        }
    }
}
