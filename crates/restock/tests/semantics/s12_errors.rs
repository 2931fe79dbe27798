//! S12: nothing is guessed silently: what does not fit is an error that says where it is.

use std::fs::{self, File};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use restock::arrow::array::{ArrayRef, Float64Array, StringArray};
use restock::arrow::ipc::writer::FileWriter;
use restock::arrow::record_batch::RecordBatch;
use restock::{Error, Import, ImportFailure, ImportMode, OnError, View};

use crate::catalog::{Catalog, csv, full, import, rows};

fn failure(import: Import) -> Box<ImportFailure> {
    match import.run() {
        Err(Error::Import(failure)) => failure,
        other => panic!("an import that fails with its report was expected: {other:?}"),
    }
}

/// File, line, column, byte and value of an error.
type Place = (String, u64, Option<String>, Option<u64>, String);

fn places(failure: &ImportFailure) -> Vec<Place> {
    let errors = failure.report.errors.iter();
    errors.map(|e| (e.file.clone(), e.line, e.column.clone(), e.byte, e.value.clone())).collect()
}

#[test]
fn a_csv_error_names_file_line_column_byte_and_value() {
    let shop = Catalog::in_memory();
    let text = csv(&shop.items, &["i1,\"two\nlines\",1", "i2,Drama,cheap", ",Drama,3", "i4,Drama"]);
    let path = shop.file("items.csv", &text);
    let failure = failure(shop.items.import(&path));
    let file = path.display().to_string();
    let at = |what: &str| Some(text.find(what).unwrap() as u64);
    let expected = [
        (file.clone(), 4, Some("PRICE".to_owned()), at("cheap"), "cheap".to_owned()),
        (file.clone(), 5, Some("ITEM_ID".to_owned()), at(",Drama,3"), String::new()),
        (file.clone(), 6, None, at("i4,Drama"), "i4,Drama".to_owned()),
    ];
    assert_eq!(places(&failure), expected);
    assert_eq!((failure.report.rows_read, failure.report.rejected, failure.report.error_count), (4, 3, 3));
    assert!(failure.report.errors[0].expected.contains("double ("), "{:?}", failure.report.errors[0]);
    assert!(failure.message.contains("3 of 4 rows") && failure.message.contains(&file), "{failure}");
}

#[test]
fn a_json_lines_error_names_the_same() {
    let shop = Catalog::in_memory();
    let text = "{\"ITEM_ID\":\"i1\",\"PRICE\":1}\n\n{\"PRICE\":\"cheap\",\"ITEM_ID\":\"i2\"}\n";
    let path = shop.file("items.jsonl", text);
    let failure = failure(shop.items.import(&path));
    let [(file, line, column, byte, value)] = &places(&failure)[..] else { panic!("one error: {failure}") };
    assert_eq!((file, *line), (&path.display().to_string(), 3));
    assert_eq!((column.as_deref(), *byte), (Some("PRICE"), Some(text.find("\"cheap").unwrap() as u64)));
    assert!(value.contains("cheap"), "{value}");
}

/// Interactions of which the third has a time that is not whole.
fn times() -> RecordBatch {
    let ids = |prefix: &str| Arc::new(StringArray::from_iter_values((0..4).map(|n| format!("{prefix}{n}"))));
    let times = Arc::new(Float64Array::from(vec![100.0, 200.0, 300.5, 400.0]));
    let columns: [(&str, ArrayRef); 3] = [("USER_ID", ids("u")), ("ITEM_ID", ids("i")), ("TIMESTAMP", times)];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn row_is_named(shop: &Catalog, path: &Path) {
    let failure = failure(shop.interactions.import(path));
    let [(file, row, column, byte, value)] = &places(&failure)[..] else { panic!("one error: {failure}") };
    assert_eq!((file, *row, column.as_deref()), (&path.display().to_string(), 3, Some("TIMESTAMP")));
    assert_eq!((*byte, value.as_str()), (None, "300.5"));
}

#[test]
fn a_parquet_error_names_the_row() {
    let shop = Catalog::in_memory();
    let path = shop.path("times.parquet");
    let batch = times();
    let file = File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    row_is_named(&shop, &path);
}

#[test]
fn an_arrow_error_names_the_row() {
    let shop = Catalog::in_memory();
    let path = shop.path("times.arrow");
    let batch = times();
    let mut writer = FileWriter::try_new(File::create(&path).unwrap(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    row_is_named(&shop, &path);
}

#[test]
fn the_first_hundred_errors_are_shown_and_all_are_counted() {
    let shop = Catalog::in_memory();
    let lines: Vec<String> = (0..250).map(|row| format!("i{row},Drama,cheap")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let failure = failure(shop.items.import_reader(Cursor::new(csv(&shop.items, &lines)), "prices"));
    assert_eq!(failure.report.errors.len(), 100);
    assert_eq!((failure.report.error_count, failure.report.rejected), (250, 250));
    let lines: Vec<u64> = failure.report.errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, (2..102).collect::<Vec<u64>>());
}

#[test]
fn a_long_value_is_cut() {
    let shop = Catalog::in_memory();
    let line = format!("i1,Drama,{}", "x".repeat(10_000));
    let failure = failure(shop.items.import_reader(Cursor::new(csv(&shop.items, &[&line])), "long"));
    assert!(failure.report.errors[0].value.chars().count() < 100);
}

#[test]
fn skip_keeps_the_good_rows_and_writes_the_others_to_a_rejects_file() {
    let shop = Catalog::in_memory();
    let text = csv(&shop.items, &["i1,Drama,1", "i2,Drama,cheap", "i3,Drama,3", "i4,\"a,b\""]);
    let rejects = shop.path("rejects.jsonl");
    let import = shop.items.import_reader(Cursor::new(text), "monday").on_error(OnError::Skip);
    let report = import.rejects(&rejects).run().unwrap();
    assert_eq!((report.rows_read, report.accepted, report.rejected), (4, 2, 2));
    assert_eq!((report.error_count, report.errors.len()), (2, 2));
    assert_eq!(rows(&shop.items, View::Bulk), ["i1,Drama,1", "i3,Drama,3"]);
    let text = fs::read_to_string(&rejects).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["line"], &lines[0]["record"]), (&3.into(), &"i2,Drama,cheap".into()));
    assert_eq!(lines[0]["errors"][0]["column"], "PRICE");
    assert_eq!((&lines[1]["line"], &lines[1]["record"]), (&5.into(), &"i4,\"a,b\"".into()));
}

#[test]
fn every_line_has_its_reject_however_many_errors_there_are() {
    let shop = Catalog::in_memory();
    let doubled = |id: usize, times: usize| {
        let keys = ",\"GENRE\":\"Drama\"".repeat(times + 1);
        format!("{{\"ITEM_ID\":\"i{id}\"{keys}}}\n")
    };
    // More errors a line than the dataset has columns; and lines of more errors than are told of a line.
    let text: String = (0..4000).map(|id| doubled(id, if id % 1000 == 7 { 9000 } else { 6 })).collect();
    let text = text + &doubled(4000, 0);
    let rejects = shop.path("rejects.jsonl");
    let import =
        shop.items.import_reader(Cursor::new(text), "doubled.jsonl").format(restock::Format::JsonLines);
    let report = import.on_error(OnError::Skip).rejects(&rejects).run().unwrap();
    assert_eq!((report.rejected, report.accepted), (4000, 1));
    let text = fs::read_to_string(&rejects).unwrap();
    let lines: Vec<u64> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, (1..=4000).collect::<Vec<u64>>());
}

#[test]
fn what_loses_the_boundary_of_records_fails_the_job_even_under_skip() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i0,Drama,0"]);
    let skipped = |name: &str, content: &[u8]| {
        let import = shop.items.import(shop.file(name, content)).on_error(OnError::Skip);
        let failure = failure(import.mode(ImportMode::Incremental));
        assert!(failure.message.contains(name), "{failure}");
        assert_eq!(rows(&shop.items, View::Merged), ["i0,Drama,0"], "{failure}");
        failure
    };
    let open = skipped("open.csv", csv(&shop.items, &["i1,Drama,1", "i2,\"Drama,2"]).as_bytes());
    assert_eq!((open.report.errors[0].line, open.report.error_count), (3, 1));
    let after = skipped("after.csv", csv(&shop.items, &["i1,Drama,1", "i2,\"Drama\"x,2"]).as_bytes());
    assert_eq!((after.report.errors[0].line, after.report.error_count), (3, 1));

    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let lines: Vec<String> = (0..5000).map(|row| format!("i{row},Drama,{row}")).collect();
    let text = csv(&shop.items, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    std::io::Write::write_all(&mut zipped, text.as_bytes()).unwrap();
    let zipped = zipped.finish().unwrap();
    skipped("cut.csv.gz", &zipped[..zipped.len() / 2]);
    let packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    skipped("cut.csv.zst", &packed[..packed.len() / 2]);
}

#[test]
fn a_full_that_would_accept_none_of_its_rows_fails_even_under_skip() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i0,Drama,0"]);
    let text = csv(&shop.items, &["i1,Drama,cheap", "i2,Drama,dear"]);
    let all = || shop.items.import_reader(Cursor::new(text.clone()), "prices").on_error(OnError::Skip);
    let failure = failure(all().allow_empty(true));
    assert!(failure.message.contains("none of 2 rows"), "{failure}");
    assert_eq!(rows(&shop.items, View::Bulk), ["i0,Drama,0"]);
    let report = all().mode(ImportMode::Incremental).run().unwrap();
    assert_eq!((report.accepted, report.rejected), (0, 2));
}

#[test]
fn a_time_in_milliseconds_is_accepted_and_noted() {
    let shop = Catalog::in_memory();
    let report = import(&shop.interactions, ImportMode::Full, &["u1,i1,1700000000000"]).unwrap();
    assert!(report.notes[0].contains("milliseconds"), "{:?}", report.notes);
}

#[test]
fn a_report_as_json_has_stable_names() {
    let shop = Catalog::in_memory();
    let report = serde_json::to_value(full(&shop.items, &["i1,Drama,1"])).unwrap();
    let names: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    for name in [
        "mode",
        "version",
        "rows_read",
        "accepted",
        "rejected",
        "superseded",
        "replaced",
        "appended",
        "removed",
        "bytes",
        "files",
        "ignored_columns",
        "notes",
        "seconds",
        "phases",
        "work",
        "dry_run",
    ] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    assert_eq!(report["mode"], "FULL");
    let failure =
        failure(shop.items.import_reader(Cursor::new(csv(&shop.items, &["i1,Drama,cheap"])), "csv"));
    let report = serde_json::to_value(&failure.report).unwrap();
    assert_eq!(report["error_count"], 1);
    let error = report["errors"][0].as_object().unwrap();
    let names: Vec<&str> = error.keys().map(String::as_str).collect();
    assert_eq!(names, ["file", "line", "column", "byte", "value", "expected", "reason"]);
}
