//! Imports of the real data sets beside the repository (`../shared/data`), held against Python's csv reader.
//!
//! Skipped, with a note, where the data or python3 is missing.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails is a test that fails"
)]

mod data;
mod online_retail;

use data::Set;
use restock::{DatasetType, Error, ImportReport, OnError, Schema, Store};

use DatasetType::{Interactions, Items, Users};

/// Imports the parts of a set, and compares what their exports hold.
fn round_trip(set: &Set, parts: &[(DatasetType, u64)]) {
    let store = Store::in_memory().unwrap();
    for &(kind, rows) in parts {
        let dataset = set.dataset(&store, kind);
        let report = dataset.import(set.csv(kind)).run().unwrap();
        assert_eq!((report.rows_read, report.rejected), (rows, 0), "{kind}");
        println!("{kind}: {rows} rows in {:.2} s", report.seconds);
        assert_eq!(set.compare(&dataset, &[]), report.appended);
    }
}

#[test]
fn goodbooks_exports_read_back_equal() {
    let Some(set) = Set::converted("goodbooks-10k", &[]) else { return };
    round_trip(&set, &[(Items, 10_000)]);
}

#[test]
fn nycflights_exports_read_back_equal() {
    let Some(set) = Set::converted("nycflights13", &[]) else { return };
    round_trip(&set, &[(Interactions, 334_264), (Items, 1_458), (Users, 3_322)]);
}

#[test]
fn three_million_flights_export_and_read_back_equal() {
    let Some(set) = Set::converted("flights-3m", &[]) else { return };
    round_trip(&set, &[(Interactions, 3_000_000)]);
}

#[test]
fn samples_of_the_service_export_and_read_back_equal() {
    let Some(set) = Set::converted("aws-personalize-samples", &[]) else { return };
    round_trip(&set.part("airline"), &[(Interactions, 34_853), (Users, 24_500)]);
    round_trip(&set.part("movielens-poc"), &[(Interactions, 158_371)]);
}

/// The report of an import that must fail.
fn failure(error: Error) -> ImportReport {
    match error {
        Error::Import(failure) => failure.report,
        other => panic!("{other}"),
    }
}

/// S12: each value that does not fit is reported with its place. One more year is there and no number.
#[test]
fn movielens_names_each_of_its_twelve_empty_years() {
    let Some(set) = Set::converted("aws-personalize-samples", &[]) else { return };
    let set = set.part("movielens-poc");
    let text = std::fs::read_to_string(set.csv(Items)).unwrap();
    let lines: Vec<_> = (1..).zip(text.lines()).collect();
    let empty: Vec<_> =
        lines.iter().filter(|(_, line)| line.ends_with(',')).map(|(at, _)| (*at, "")).collect();
    let span = lines.iter().find(|(_, line)| line.ends_with(",2006–2007")).map(|(at, _)| (*at, "2006–2007"));
    assert_eq!((empty.len(), span.map(|(at, _)| at)), (12, Some(9_520)));

    let store = Store::in_memory().unwrap();
    let items = set.dataset(&store, Items);
    let report = failure(items.import(set.csv(Items)).run().unwrap_err());
    assert_eq!((report.rows_read, report.rejected, report.error_count), (9_742, 13, 13));
    let mut wanted: Vec<_> = empty.into_iter().chain(span).collect();
    wanted.sort_unstable();
    assert_eq!(
        report.errors.iter().map(|error| (error.line, error.value.as_str())).collect::<Vec<_>>(),
        wanted
    );
    for error in &report.errors {
        assert_eq!(error.column.as_deref(), Some("YEAR"));
        assert!(error.file.ends_with("items.csv"));
        // The byte is where the field begins: after the line's last comma.
        let byte = error.byte.unwrap() as usize;
        assert_eq!(text.as_bytes()[byte - 1], b',');
        assert_eq!(text[..byte].matches('\n').count() as u64 + 1, error.line);
    }
    assert_eq!(items.snapshot().unwrap().counts().unwrap().bulk, 0, "S6: nothing was imported");

    let report = items.import(set.csv(Items)).on_error(OnError::Skip).run().unwrap();
    assert_eq!((report.accepted, report.rejected, report.appended), (9_729, 13, 9_729));
    assert_eq!(set.compare(&items, &["--without", "YEAR"]), 9_729);
}

/// S5: of the rows of one ID the last counts. The file has 355 rows and 352 IDs, and two rows that its own schema
/// does not allow: a `DurationDays` of `No`.
#[test]
fn airline_items_report_the_ids_that_come_again() {
    let Some(set) = Set::converted("aws-personalize-samples", &[]) else { return };
    let set = set.part("airline");
    let store = Store::in_memory().unwrap();
    let items = set.dataset(&store, Items);
    let report = failure(items.import(set.csv(Items)).run().unwrap_err());
    let places: Vec<_> =
        report.errors.iter().map(|error| (error.line, error.column.as_deref().unwrap())).collect();
    assert_eq!(places, [(353, "DurationDays"), (356, "DurationDays")]);
    let report = items.import(set.csv(Items)).on_error(OnError::Skip).run().unwrap();
    assert_eq!((report.accepted, report.rejected, report.superseded), (353, 2, 2));

    // With the schema the file should have had, all rows count: three of them come again.
    let schema = set.schema(Items).replacen(
        "\"name\": \"DurationDays\",\n      \"type\": \"int\"",
        "\"name\": \"DurationDays\",\n      \"type\": \"string\"",
        1,
    );
    let routes = store.create_dataset("routes", Items, Schema::from_avro(&schema).unwrap()).unwrap();
    let report = routes.import(set.csv(Items)).run().unwrap();
    assert_eq!((report.rows_read, report.superseded, report.appended), (355, 3, 352));
}
