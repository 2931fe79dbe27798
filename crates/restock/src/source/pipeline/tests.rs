use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::arrow::array::RecordBatch;
use proptest::prelude::*;
use restock_csv::{Block, Limits, Options, RecordError};
use restock_schema::{Schema, TextLimit};
use tempfile::TempDir;

use super::{Source, SourceSummary, run};
use crate::record;
use crate::record::{Record, Value, to_batch};
use crate::sink::tests::written;
use crate::source::{Format, Input, SourceError, SourceOptions, Target, Watch, resolve};

fn schema() -> Schema {
    Schema::from_avro(
        r#"{"type": "record", "name": "Custom", "fields": [
            {"name": "ID", "type": "string"},
            {"name": "KIND", "type": ["null", "string"], "categorical": true},
            {"name": "I", "type": ["null", "int"]},
            {"name": "TIMESTAMP", "type": ["null", "long"]},
            {"name": "F", "type": ["null", "float"]},
            {"name": "D", "type": ["null", "double"]},
            {"name": "B", "type": ["null", "boolean"]}]}"#,
    )
    .unwrap()
}

#[derive(Debug, PartialEq)]
struct Read {
    rows: Vec<Record>,
    /// The sizes of the batches.
    sizes: Vec<usize>,
    errors: Vec<RecordError>,
    summary: SourceSummary,
}

fn read(sources: Vec<Source>, options: &SourceOptions, threads: usize) -> Result<Read, SourceError> {
    let target = Target::new(&schema(), vec![None, Some(TextLimit::Cut { chars: 50 })]);
    let (mut rows, mut sizes, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let consume = |block: Block<RecordBatch>| {
        for batch in block.batches {
            sizes.push(batch.num_rows());
            rows.extend((0..batch.num_rows()).map(|row| Record::from_row(&batch, row).unwrap()));
        }
        errors.extend(block.errors);
        Ok::<(), SourceError>(())
    };
    let summary = run(sources, &target, options, threads, &Watch::default(), |batch| batch, consume)?;
    Ok(Read { rows, sizes, errors, summary })
}

fn files(paths: &[&Path]) -> Vec<Source> {
    resolve(paths).unwrap().into_iter().map(Source::from).collect()
}

fn with_limits(limits: Limits) -> SourceOptions {
    SourceOptions { csv: Arc::new(Options { limits, ..Options::default() }), ..SourceOptions::default() }
}

/// One folder with files of every format.
fn mixed() -> (TempDir, usize) {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = 0;
    for file in 0..40 {
        let records: Vec<Record> = (0..file * 3)
            .map(|n| record! { "ID" => format!("{file}-{n}"), "KIND" => format!("k{}", n % 3), "I" => n, "D" => 0.5 })
            .collect();
        rows += records.len();
        let format = Format::ALL[file as usize % 4];
        let batch = to_batch(&records, &schema(), &[]).unwrap();
        let bytes = written(format, &schema().to_arrow(), &[batch]).unwrap();
        let (name, bytes) = match (format, file % 8) {
            (Format::Csv, 0) => ("csv.zst", zstd::encode_all(&bytes[..], 1).unwrap()),
            (format, _) => (format.name(), bytes),
        };
        fs::write(dir.path().join(format!("{file:03}.{name}")), bytes).unwrap();
    }
    (dir, rows)
}

#[test]
fn s11_files_of_all_formats_give_the_same_rows_errors_and_batches_with_any_threads() {
    let (dir, count) = mixed();
    fs::write(
        dir.path().join("017a.csv"),
        "extra,B,D,F,TIMESTAMP,I,KIND,ID\n1,yes,,,,,,bad\n1,1,,,,,x,good\n",
    )
    .unwrap();
    fs::write(dir.path().join("017b.jsonl"), "{\"ID\":\"j\",\"more\":1,\"extra\":2}\n{\"ID\":7}\n").unwrap();
    let options = with_limits(Limits { chunk_bytes: 200, batch_rows: 20, ..Limits::default() });
    let serial = read(files(&[dir.path()]), &options, 1).unwrap();
    assert_eq!(serial.rows.len(), count + 2);
    assert_eq!(serial.summary.records_read, count as u64 + 4);
    assert_eq!((serial.summary.files, serial.summary.rejected, serial.summary.error_count), (42, 2, 2));
    assert_eq!(serial.summary.ignored_columns, ["extra", "more"]);
    assert_eq!(
        serial.summary.formats.iter().collect::<Vec<_>>(),
        [(&"arrow", &10), (&"csv", &11), (&"jsonl", &11), (&"parquet", &10)]
    );
    let places: Vec<_> = serial.errors.iter().map(|e| (e.file.rsplit('/').next().unwrap(), e.line)).collect();
    assert_eq!(places, [("017a.csv", 2), ("017b.jsonl", 2)]);
    for threads in [2, 8] {
        assert_eq!(read(files(&[dir.path()]), &options, threads).unwrap(), serial, "{threads} threads");
    }
}

#[test]
fn errors_are_kept_up_to_the_limit_over_all_files_and_all_counted() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.jsonl", "b.jsonl"] {
        fs::write(dir.path().join(name), "{}\n".repeat(8)).unwrap();
    }
    fs::write(dir.path().join("c.csv"), "ID,KIND,I,TIMESTAMP,F,D,B\n,,,,,,\n").unwrap();
    let read =
        read(files(&[dir.path()]), &with_limits(Limits { errors_kept: 10, ..Limits::default() }), 2).unwrap();
    assert_eq!((read.errors.len(), read.summary.error_count, read.summary.rejected), (10, 17, 17));
}

#[test]
fn the_first_failing_source_in_order_ends_the_import() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("1.csv"), "ID,KIND,I,TIMESTAMP,F,D,B\na,,,,,,\n").unwrap();
    fs::write(at("2.csv"), "ID,KIND,I,TIMESTAMP,F,D,B\n\"open,,,,,,\n").unwrap();
    fs::write(at("3.csv"), "ID\n").unwrap();
    for threads in [1, 4] {
        let error = read(files(&[dir.path()]), &SourceOptions::default(), threads).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, SourceError::Csv(_)) && text.contains("2.csv"), "{text}");
    }
    let error = read(files(&[&at("3.csv")]), &SourceOptions::default(), 2).unwrap_err();
    assert!(error.to_string().contains("missing columns"), "{error}");
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    gzip.extend([0xff; 20]);
    fs::write(at("4.csv.gz"), gzip).unwrap();
    let error = read(files(&[&at("4.csv.gz")]), &SourceOptions::default(), 2).unwrap_err();
    assert!(matches!(error, SourceError::Compression { codec: "gzip", .. }), "{error}");
}

#[test]
fn consume_can_end_the_import_and_so_can_the_user() {
    let text = format!("ID,KIND,I,TIMESTAMP,F,D,B\n{}", "a,,,,,,\n".repeat(10_000));
    let source = || vec![Source::Reader { name: "r".into(), reader: Box::new(Cursor::new(text.clone())) }];
    let target = Target::new(&schema(), Vec::new());
    let options = with_limits(Limits { chunk_bytes: 100, ..Limits::default() });
    let mut blocks = 0;
    let stopped = run(
        source(),
        &target,
        &options,
        2,
        &Watch::default(),
        |batch| batch,
        |_| {
            blocks += 1;
            if blocks == 3 { Err(SourceError::NotFound("enough".into())) } else { Ok(()) }
        },
    );
    assert_eq!((stopped.unwrap_err().to_string().as_str(), blocks), ("enough", 3));

    let cancelled = Arc::new(AtomicBool::new(false));
    let watch = Watch::new(Arc::clone(&cancelled));
    let stopped = run(
        source(),
        &target,
        &options,
        2,
        &watch,
        |batch| batch,
        |_| {
            cancelled.store(true, Ordering::Relaxed);
            Ok::<(), SourceError>(())
        },
    );
    assert!(matches!(stopped, Err(SourceError::Cancelled)), "{stopped:?}");
}

#[test]
fn notes_tell_of_milliseconds_and_cut_texts() {
    let long = "x".repeat(51);
    let text = format!("ID,KIND,I,TIMESTAMP,F,D,B\na,{long},,1,,,\nb,,,1700000000000,,,\n");
    let source = vec![Source::Reader { name: "r".into(), reader: Box::new(Cursor::new(text)) }];
    let read = read(source, &SourceOptions::default(), 2).unwrap();
    assert_eq!(
        read.summary.notes,
        [
            "TIMESTAMP looks like milliseconds, from r:3 on: the unit is seconds",
            "1 value of KIND cut to 50 characters"
        ]
    );
}

#[test]
fn batches_from_memory_are_a_source_like_any_other() {
    let records = [record! { "ID" => "a", "B" => true }, record! { "ID" => "b", "F" => 0.1 }];
    let batch = to_batch(&records, &schema(), &[]).unwrap();
    let source = Source::Batches {
        name: "memory".into(),
        schema: batch.schema(),
        batches: Box::new([Ok(batch.clone()), Ok(batch)].into_iter()),
    };
    let read = read(vec![source], &SourceOptions::default(), 2).unwrap();
    assert_eq!((read.rows.len(), read.sizes), (4, vec![2, 2]));
    assert_eq!(read.rows[3].get("F"), Some(&Value::Float(0.1)));
    assert!(read.summary.formats.is_empty() && read.summary.files == 1);
    assert_eq!(Input::Stdin.len(), None);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(
            prop::sample::select(vec![
                "a", ",", "\"", "\n", "\r", "\r\n", " ", "é", "\\", "\u{FEFF}", "\0", "1"
            ]),
            0..6
        )
        .prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

fn record_strategy() -> impl Strategy<Value = Record> {
    let float = any::<f32>().prop_filter("finite", |value| value.is_finite());
    let double = any::<f64>().prop_filter("finite", |value| value.is_finite());
    let option = prop::option::of::<BoxedStrategy<String>>;
    (
        text(),
        option(text().prop_map(|text| text.chars().take(50).collect()).boxed()),
        prop::option::of(any::<i32>()),
        prop::option::of(any::<i64>()),
        prop::option::of(float),
        prop::option::of(double),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(id, kind, int, long, float, double, bool)| {
            record! { "ID" => id, "KIND" => kind, "I" => int, "TIMESTAMP" => long, "F" => float, "D" => double, "B" => bool }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn s11_what_an_export_writes_an_import_reads_back_equal(
        records in prop::collection::vec(record_strategy(), 0..20),
        chunk_bytes in 1usize..200,
    ) {
        let batch = to_batch(&records, &schema(), &[]).unwrap();
        let rows: Vec<Record> = (0..batch.num_rows()).map(|row| Record::from_row(&batch, row).unwrap()).collect();
        let options = with_limits(Limits { chunk_bytes, ..Limits::default() });
        for format in Format::ALL {
            let bytes = written(format, &schema().to_arrow(), std::slice::from_ref(&batch)).unwrap();
            let source = Source::Reader { name: format.to_string(), reader: Box::new(Cursor::new(bytes)) };
            let options = SourceOptions { format: Some(format), ..options.clone() };
            let back = read(vec![source], &options, 2).unwrap();
            prop_assert_eq!(&back.errors, &[], "{}", format);
            prop_assert_eq!(format!("{:?}", back.rows), format!("{:?}", rows), "{}", format);
        }
    }
}
