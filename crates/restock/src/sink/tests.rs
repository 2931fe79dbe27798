use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use restock_schema::Schema;

use super::{CsvSink, Sink, open};
use crate::record;
use crate::record::{Record, Value, to_batch};
use crate::source::Format;

/// A writer whose bytes can be had back.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The file of these batches.
pub(crate) fn written(format: Format, schema: &SchemaRef, batches: &[RecordBatch]) -> io::Result<Vec<u8>> {
    let out = Shared::default();
    let mut sink = open(format, schema, Box::new(out.clone()))?;
    for batch in batches {
        sink.write(batch)?;
    }
    sink.finish()?;
    Ok(out.bytes())
}

fn schema(fields: &str) -> Schema {
    Schema::from_avro(&format!(r#"{{"type": "record", "name": "Custom", "fields": [{fields}]}}"#)).unwrap()
}

fn all_types() -> Schema {
    schema(
        r#"{"name": "ID", "type": "string"},
           {"name": "KIND", "type": ["null", "string"], "categorical": true},
           {"name": "L", "type": ["null", "long"]},
           {"name": "F", "type": ["null", "float"]},
           {"name": "D", "type": ["null", "double"]},
           {"name": "B", "type": ["null", "boolean"]}"#,
    )
}

fn rows() -> Vec<Record> {
    let null = Value::Null;
    vec![
        record! { "ID" => "a", "KIND" => "x,y", "L" => i64::MIN, "F" => 9.9, "D" => 1e300, "B" => true },
        record! { "ID" => "", "KIND" => "", "L" => 0, "F" => 12.0, "D" => -0.0, "B" => false },
        record! { "ID" => " q\"uo\r\nte ", "KIND" => null.clone(), "L" => null.clone(), "D" => null },
        record! { "ID" => "é\u{FEFF}", "F" => 1e-7, "D" => 0.1 },
    ]
}

fn text(format: Format, schema: &Schema, rows: &[Record]) -> String {
    let batch = to_batch(rows, schema, &[]).unwrap();
    String::from_utf8(written(format, &schema.to_arrow(), &[batch]).unwrap()).unwrap()
}

#[test]
fn csv_quotes_only_where_needed_and_tells_null_from_the_empty_string() {
    assert_eq!(
        text(Format::Csv, &all_types(), &rows()),
        "ID,KIND,L,F,D,B\n\
         a,\"x,y\",-9223372036854775808,9.9,1e300,true\n\
         \"\",\"\",0,12,-0,false\n\
         \" q\"\"uo\r\nte \",,,,,\n\
         é\u{FEFF},,,1e-7,0.1,\n"
    );
}

#[test]
fn csv_writes_nothing_that_an_import_would_skip() {
    let numbers = schema(r#"{"name": "L", "type": ["null", "long"]}"#);
    assert_eq!(text(Format::Csv, &numbers, &[record! {}, record! { "L" => 1 }]), "L\n\"\"\n1\n");

    let strings = schema(r#"{"name": "S", "type": ["null", "string"]}"#);
    assert_eq!(text(Format::Csv, &strings, &[record! { "S" => "" }]), "S\n\"\"\n");
    let batch = to_batch(&[record! {}], &strings, &[]).unwrap();
    let refused = written(Format::Csv, &strings.to_arrow(), std::slice::from_ref(&batch)).unwrap_err();
    assert!(refused.to_string().contains("Export as jsonl"), "{refused}");

    let out = Shared::default();
    let mut sink = Box::new(CsvSink::new(&strings.to_arrow(), out.clone()).unwrap().for_people());
    sink.write(&batch).unwrap();
    sink.finish().unwrap();
    assert_eq!(out.bytes(), b"S\n\n");
}

#[test]
fn json_lines_have_every_column_in_schema_order() {
    assert_eq!(
        text(Format::JsonLines, &all_types(), &rows()),
        concat!(
            r#"{"ID":"a","KIND":"x,y","L":-9223372036854775808,"F":9.9,"D":1e+300,"B":true}"#,
            "\n",
            r#"{"ID":"","KIND":"","L":0,"F":12.0,"D":-0.0,"B":false}"#,
            "\n",
            r#"{"ID":" q\"uo\r\nte ","KIND":null,"L":null,"F":null,"D":null,"B":null}"#,
            "\n",
            "{\"ID\":\"é\u{FEFF}\",\"KIND\":null,\"L\":null,\"F\":1e-7,\"D\":0.1,\"B\":null}\n",
        )
    );
}

#[test]
fn s11_the_bytes_do_not_depend_on_how_rows_come_in_batches() {
    let schema = all_types();
    let many: Vec<Record> = (0..70_000)
        .map(|n| record! { "ID" => format!("i{n}"), "KIND" => format!("k{}", n % 7), "L" => n, "D" => f64::from(n) / 8.0 })
        .collect();
    let batch = to_batch(&many, &schema, &[]).unwrap();
    let parts: Vec<RecordBatch> = (0..)
        .step_by(9_999)
        .take_while(|&at| at < 70_000)
        .map(|at| batch.slice(at, 9_999.min(70_000 - at)))
        .collect();
    for format in Format::ALL {
        let whole = written(format, &schema.to_arrow(), std::slice::from_ref(&batch)).unwrap();
        let cut = written(format, &schema.to_arrow(), &parts).unwrap();
        assert!(whole == cut, "{format} differs");
    }
}

#[test]
fn a_full_disk_stays_recognisable() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let schema = all_types();
    let batch = to_batch(&rows(), &schema, &[]).unwrap();
    for format in Format::ALL {
        let result = open(format, &schema.to_arrow(), Box::new(Full)).and_then(|mut sink| {
            sink.write(&batch)?;
            sink.finish()
        });
        let error = result.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{format} {error:?}");
    }
}
