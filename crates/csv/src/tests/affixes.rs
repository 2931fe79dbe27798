//! Strings that come as numbers are the strings that come without.

use arrow::datatypes::DataType;
use proptest::prelude::*;
use restock_schema::TextLimit;

use super::*;
use crate::{Header, Limits};

fn ids(nullable: bool) -> Schema {
    let id = Field { nullable, ..Field::new("ID", ValueType::String) };
    Schema::new("Test", vec![id, Field::new("N", ValueType::Long)]).unwrap()
}

fn read(text: &str, schema: &Schema, limit: Option<TextLimit>, options: &Options, affixes: bool) -> Outcome {
    let target = Target::new(schema, vec![limit]);
    let target = Arc::new(if affixes { target.with_affixes() } else { target });
    run_target(text.as_bytes(), target, options, 2, Tuning::default())
}

fn options(batch_rows: usize, chunk_bytes: usize) -> Options {
    Options {
        header: Header::Names(vec!["ID".to_owned(), "N".to_owned()]),
        keep_rejects: true,
        limits: Limits { batch_rows, chunk_bytes, ..Limits::default() },
        ..Options::default()
    }
}

fn types(outcome: &Outcome) -> Vec<DataType> {
    outcome.batches.iter().map(|batch| batch.column(0).data_type().clone()).collect()
}

#[test]
fn usual_ids_come_as_numbers() {
    for (make, stored) in [
        ((|row| format!("user_{row:07}")) as fn(u64) -> String, DataType::UInt32),
        (|row| row.to_string(), DataType::UInt32),
        (|row| format!("{:010}", row * 2_654_435_761 % 10_000_000_000), DataType::UInt64),
        (|row| format!("\"i{row}\""), DataType::Utf8),
        (|row| format!("i{row}\u{e9}"), DataType::Utf8),
        (|row| format!("a-long-prefix-{row:03}"), DataType::UInt32),
    ] {
        let text: String = (0..500).map(|row| format!("{},{row}\n", make(row))).collect();
        let outcome = read(&text, &ids(false), None, &options(200, 1 << 20), true);
        assert_eq!(types(&outcome), [stored.clone(), stored.clone(), stored], "{}", make(7));
        let strings: Vec<String> = outcome.rows.iter().map(|row| row[0].clone().unwrap()).collect();
        assert_eq!(strings, (0..500).map(|row| make(row).trim_matches('"').to_owned()).collect::<Vec<_>>());
    }
}

#[test]
fn each_batch_decides_for_itself() {
    let odd = |row| if row == 250 { "guest".to_owned() } else { format!("u{row:04}") };
    let text: String = (0..600).map(|row| format!("{},{row}\n", odd(row))).collect();
    let outcome = read(&text, &ids(false), None, &options(200, 1 << 20), true);
    assert_eq!(types(&outcome), [DataType::UInt32, DataType::Utf8, DataType::UInt32]);
    let without = read(&text, &ids(false), None, &options(200, 1 << 20), false);
    assert_eq!(outcome.rows, without.rows);
}

#[test]
fn one_number_is_never_two_strings() {
    let schema = ids(false);
    for ids in [["u1", "u01111"], ["u01111", "u1"], ["u01", "u001"], ["u0", "u01"], ["u00", "u0"]] {
        let text: String = ids.iter().cycle().take(90).map(|id| format!("{id},1\n")).collect();
        let outcome = read(&text, &schema, None, &options(50, 1 << 20), true);
        let strings: Vec<&str> = outcome.rows.iter().filter_map(|row| row[0].as_deref()).collect();
        assert_eq!(strings, ids.iter().cycle().take(90).copied().collect::<Vec<_>>());
        assert_eq!(types(&outcome), [DataType::Utf8, DataType::Utf8]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn rows_errors_and_cuts_are_those_of_strings(
        prefix in prop_oneof!["[a-z_]{0,10}", Just("\u{e9}".to_owned()), "[a-z]{30,35}"],
        width in 0..21usize,
        most in prop_oneof![Just(20_u64), Just(100_000), Just(u64::from(u32::MAX) + 5), Just(u64::MAX)],
        rows in proptest::collection::vec((any::<u64>(), 0..100u8), 1..80),
        limit in prop_oneof![
            3 => Just(None),
            1 => (1..20usize).prop_map(|chars| Some(TextLimit::Cut { chars })),
            1 => (1..20usize).prop_map(|chars| Some(TextLimit::Refuse { chars })),
        ],
        nullable in any::<bool>(),
        crlf in any::<bool>(),
        batch_rows in 1..60usize,
        chunk_bytes in 1..200usize,
    ) {
        let id = |number: u64, kind: u8| match kind {
            0..=3 => String::new(),
            4..=6 => format!("\"{prefix}{number:0width$}\"", number = number % most),
            7 => "\"\"".to_owned(),
            8 => "guest".to_owned(),
            9 => prefix.clone(),
            10 => format!("{prefix}{number}0"),
            11 => format!("{prefix}{}", number % most % 100),
            _ => format!("{prefix}{:0width$}", number % most),
        };
        let end = if crlf { "\r\n" } else { "\n" };
        let line = |(number, kind): &(u64, u8)| {
            format!("{},{}{end}", id(*number, *kind), if kind % 17 == 16 { "x" } else { "7" })
        };
        let text: String = rows.iter().map(line).collect();
        let (schema, options) = (ids(nullable), options(batch_rows, chunk_bytes));
        let (with, without) = (
            read(&text, &schema, limit, &options, true),
            read(&text, &schema, limit, &options, false),
        );
        prop_assert_eq!(with.rows, without.rows);
        prop_assert_eq!(with.errors, without.errors);
        prop_assert_eq!(with.rejects, without.rejects);
        prop_assert_eq!(with.cut, without.cut);
        prop_assert!(with.fatal.is_none() && without.fatal.is_none());
        let batches: usize = with.batches.iter().map(|batch| batch.num_rows()).sum();
        prop_assert_eq!(batches as u64 + with.rejected, with.records_read);
    }
}
