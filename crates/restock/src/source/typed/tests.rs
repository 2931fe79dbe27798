use std::io::Write;
use std::sync::Arc;

use ::arrow::array::*;
use ::arrow::datatypes::{Int8Type, Int32Type};
use ::arrow::ipc::CompressionType;
use ::arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use restock_csv::{Limits, Options, Rename};
use restock_schema::{Schema, TextLimit};

use super::{Block, SourceOptions, Target, TypedReader};
use crate::record;
use crate::record::{Record, Value};
use crate::sink::tests::written;
use crate::source::location::Input;
use crate::source::{Format, SourceError, Watch};

fn schema(data_type: &str) -> Schema {
    let attributes = if data_type.contains("string") { r#", "categorical": true"# } else { "" };
    Schema::from_avro(&format!(
        r#"{{"type": "record", "name": "Custom", "fields": [{{"name": "A", "type": {data_type}{attributes}}}]}}"#
    ))
    .unwrap()
}

fn batch(arrays: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(arrays.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

struct Read {
    rows: Vec<Record>,
    blocks: Vec<Block<RecordBatch>>,
}

impl Read {
    fn values(&self) -> Vec<Value> {
        self.rows.iter().map(|row| row.get("A").unwrap().clone()).collect()
    }

    fn errors(&self) -> Vec<String> {
        self.blocks.iter().flat_map(|block| block.errors.iter().map(ToString::to_string)).collect()
    }
}

fn read_with(
    batches: Vec<RecordBatch>,
    target: &Target,
    options: &SourceOptions,
) -> Result<Read, SourceError> {
    let schema = batches[0].schema();
    let batches = Box::new(batches.into_iter().map(Ok));
    let opened = TypedReader::of_batches("t", &schema, batches, target, options, &Watch::default())?;
    let mut read = Read { rows: Vec::new(), blocks: Vec::new() };
    for chunk in opened.1 {
        let block = opened.0.parse(&chunk?, |batch| batch)?;
        for batch in &block.batches {
            read.rows.extend((0..batch.num_rows()).map(|row| Record::from_row(batch, row).unwrap()));
        }
        read.blocks.push(block);
    }
    Ok(read)
}

/// A column of one array, read as `data_type`.
fn read(array: impl Array + 'static, data_type: &str) -> Read {
    let target = Target::new(&schema(data_type), Vec::new());
    read_with(vec![batch(vec![("A", Arc::new(array))])], &target, &SourceOptions::default()).unwrap()
}

const STRING: &str = r#"["null", "string"]"#;
const INT: &str = r#"["null", "int"]"#;
const LONG: &str = r#"["null", "long"]"#;
const FLOAT: &str = r#"["null", "float"]"#;
const DOUBLE: &str = r#"["null", "double"]"#;

fn texts(values: &[Option<&str>]) -> Vec<Value> {
    values.iter().map(|value| Value::from(*value)).collect()
}

#[test]
fn every_layout_of_strings_is_a_string() {
    let values = [Some("b"), None, Some(""), Some("b")];
    let plain = StringArray::from(values.to_vec());
    let coded: DictionaryArray<Int8Type> = values.into_iter().collect();
    let runs: RunArray<Int32Type> = values.into_iter().collect();
    let coded_view = DictionaryArray::<Int32Type>::new(
        Int32Array::from(vec![Some(0), None, Some(1), Some(0)]),
        Arc::new(StringViewArray::from(vec!["b", ""])),
    );
    for array in [
        Arc::new(plain) as ArrayRef,
        Arc::new(LargeStringArray::from(values.to_vec())),
        Arc::new(StringViewArray::from(values.to_vec())),
        Arc::new(coded),
        Arc::new(coded_view),
        Arc::new(runs),
    ] {
        let data_type = array.data_type().clone();
        let read = read_with(
            vec![batch(vec![("A", array)])],
            &Target::new(&schema(STRING), Vec::new()),
            &SourceOptions::default(),
        )
        .unwrap();
        assert_eq!(read.values(), texts(&values), "{data_type}");
        let stored = read.blocks[0].batches[0].column(0).as_dictionary::<Int32Type>();
        assert_eq!(stored.keys().values()[0], 0, "codes in order of first appearance");
        assert_eq!(stored.values().len(), 2);
    }
}

#[test]
fn lists_of_strings_are_joined_unless_that_would_hide_something() {
    let mut builder = ListBuilder::new(StringBuilder::new());
    builder.append_value([Some("a"), Some("b")]);
    builder.append_null();
    builder.append_value([None::<&str>; 0]);
    builder.append_value([Some("a|b")]);
    builder.append_value([Some("a"), None]);
    let read = read(builder.finish(), STRING);
    assert_eq!(read.values(), texts(&[Some("a|b"), None, Some("")]));
    let errors = read.errors();
    assert!(
        errors[0].starts_with("t:4: column A: ") && errors[0].contains("in row 4 holds a text with `|`"),
        "{errors:?}"
    );
    assert!(errors[1].contains("in row 5 holds a null"), "{errors:?}");
}

#[test]
fn integers_of_any_width_fit_where_nothing_is_lost() {
    assert_eq!(read(Int8Array::from(vec![Some(-128), None]), INT).values(), [Value::Int(-128), Value::Null]);
    assert_eq!(
        read(UInt64Array::from(vec![1, u64::MAX, 1 << 62]), LONG).values(),
        [1, 1 << 62].map(Value::Int)
    );
    let read_ints = read(Int64Array::from(vec![i64::from(i32::MAX) + 1, 5]), INT);
    assert_eq!(read_ints.values(), [Value::Int(5)]);
    assert_eq!(
        read_ints.errors(),
        ["t:1: column A: '2147483648' in row 1 is out of range; expected int or null"]
    );
    let big = (1i64 << 53) + 1;
    assert_eq!(read(Int64Array::from(vec![big, big - 1, i64::MAX]), DOUBLE).rows.len(), 1);
    assert_eq!(
        read(Int64Array::from(vec![16_777_217, 16_777_216]), FLOAT).values(),
        [Value::Float(16_777_216.0)]
    );
}

#[test]
fn floats_are_finite_whole_where_asked_and_rounded_to_float_as_csv_does() {
    let doubles =
        Float64Array::from(vec![Some(12.0), Some(0.5), Some(f64::NAN), None, Some(9.3e18), Some(-0.0)]);
    let whole = read(doubles, LONG);
    assert_eq!(whole.values(), [Value::Int(12), Value::Null, Value::Int(0)]);
    let errors = whole.errors();
    assert!(
        errors[0].contains("has a fraction")
            && errors[1].contains("not finite")
            && errors[2].contains("range")
    );
    assert_eq!(
        read(Float64Array::from(vec![9.9, 1e300, f64::INFINITY]), FLOAT).values(),
        [Value::Float(9.9)]
    );
    assert_eq!(read(Float32Array::from(vec![0.5, f32::NAN]), DOUBLE).values(), [Value::Float(0.5)]);
    assert_eq!(read(Float32Array::from(vec![f32::MIN_POSITIVE]), FLOAT).rows.len(), 1);
}

#[test]
fn decimals_are_read_as_their_text() {
    let decimals =
        || Decimal128Array::from(vec![Some(990), None, Some(1200)]).with_precision_and_scale(10, 2).unwrap();
    assert_eq!(read(decimals(), DOUBLE).values(), [Value::Float(9.9), Value::Null, Value::Float(12.0)]);
    assert_eq!(read(decimals(), FLOAT).values(), [Value::Float(9.9), Value::Null, Value::Float(12.0)]);
    let whole = read(decimals(), INT);
    assert_eq!(whole.values(), [Value::Null, Value::Int(12)]);
    assert!(whole.errors()[0].contains("'9.90' in row 1 has a fraction"), "{:?}", whole.errors());
}

#[test]
fn times_are_epoch_seconds_and_a_fraction_says_to_floor() {
    let millis =
        TimestampMillisecondArray::from(vec![Some(1_700_000_000_000), None, Some(-1_000), Some(1_500)]);
    let times = read(millis.with_timezone("+02:00"), LONG);
    assert_eq!(times.values(), [Value::Int(1_700_000_000), Value::Null, Value::Int(-1)]);
    assert!(times.errors()[0].contains("floor it to seconds"), "{:?}", times.errors());
    assert_eq!(
        read(Date32Array::from(vec![19_675, -1]), LONG).values(),
        [1_699_920_000, -86_400].map(Value::Int)
    );
    assert_eq!(read(Date64Array::from(vec![86_400_000]), LONG).values(), [Value::Int(86_400)]);
    assert_eq!(read(TimestampSecondArray::from(vec![7]), LONG).values(), [Value::Int(7)]);
}

#[test]
fn nulls_fit_nullable_columns_only() {
    assert_eq!(read(NullArray::new(2), LONG).values(), [Value::Null, Value::Null]);
    let refused = read(Float64Array::from(vec![Some(1.5), None, Some(2.0), None]), r#""long""#);
    assert_eq!(refused.values(), [Value::Int(2)]);
    let errors = refused.errors();
    assert_eq!(errors.len(), 3);
    assert!(errors[0].contains("fraction") && errors[1].contains("'' in row 2 is null"), "{errors:?}");
    assert_eq!(read(NullArray::new(3), r#""string""#).errors().len(), 3);
}

#[test]
fn types_that_do_not_convert_are_all_named_with_both_types() {
    let target = Schema::from_avro(
        r#"{"type": "record", "name": "Custom", "fields": [
            {"name": "S", "type": "string"}, {"name": "B", "type": "boolean"}, {"name": "I", "type": "int"}]}"#,
    )
    .unwrap();
    let source = batch(vec![
        ("S", Arc::new(Int64Array::from(vec![1]))),
        ("B", Arc::new(Int64Array::from(vec![1]))),
        ("I", Arc::new(TimestampSecondArray::from(vec![1]))),
    ]);
    let error =
        read_with(vec![source], &Target::new(&target, Vec::new()), &SourceOptions::default()).err().unwrap();
    let text = error.to_string();
    for part in ["S is Int64, which does not convert to string", "B is Int64", "I is Timestamp(s)"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn columns_are_found_by_name_and_missing_ones_listed_with_renames() {
    let target = Schema::from_avro(
        r#"{"type": "record", "name": "Custom", "fields": [
            {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": ["null", "double"]}]}"#,
    )
    .unwrap();
    let source = || {
        let ids: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        batch(vec![("x", ids.clone()), ("price", Arc::new(Float64Array::from(vec![1.0]))), ("item id", ids)])
    };
    let target = Target::new(&target, Vec::new());
    let text = read_with(vec![source()], &target, &SourceOptions::default()).err().unwrap().to_string();
    assert!(
        text.contains("ITEM_ID is missing (try --rename ITEM_ID=item id), PRICE is missing (try"),
        "{text}"
    );
    let rename =
        |schema_name: &str, header: &str| Rename { schema_name: schema_name.into(), header: header.into() };
    let renames = vec![rename("PRICE", "price"), rename("ITEM_ID", "item id")];
    let options =
        SourceOptions { csv: Arc::new(Options { renames, ..Options::default() }), ..Default::default() };
    let read = read_with(vec![source()], &target, &options).unwrap();
    assert_eq!(read.rows, [record! { "ITEM_ID" => "a", "PRICE" => 1.0 }]);
}

#[test]
fn limits_milliseconds_and_rejects_hold_as_for_csv() {
    let target = Schema::from_avro(
        r#"{"type": "record", "name": "Custom", "fields": [
            {"name": "A", "type": "string"}, {"name": "TIMESTAMP", "type": "long"}]}"#,
    )
    .unwrap();
    let source = batch(vec![
        ("A", Arc::new(StringArray::from(vec!["äöü", "abc", "ab"]))),
        ("TIMESTAMP", Arc::new(Int64Array::from(vec![Some(1), None, Some(1_700_000_000_000)]))),
    ]);
    let options = SourceOptions {
        csv: Arc::new(Options { keep_rejects: true, ..Options::default() }),
        ..Default::default()
    };
    let cut = Target::new(&target, vec![Some(TextLimit::Cut { chars: 2 })]);
    let read = read_with(vec![source.clone()], &cut, &options).unwrap();
    assert_eq!(read.rows[0].get("A"), Some(&Value::from("äö")));
    let block = &read.blocks[0];
    assert_eq!((block.cut.as_slice(), block.milliseconds_line), (&[1, 0][..], Some(3)));
    assert_eq!((block.records_read, block.rejected, block.error_count), (3, 1, 1));
    assert_eq!(block.rejects[0].raw, br#"{"A":"abc","TIMESTAMP":null}"#);
    assert_eq!(block.rejects[0].line, 2);
    let refuse = Target::new(&target, vec![Some(TextLimit::Refuse { chars: 2 })]);
    let read = read_with(vec![source], &refuse, &options).unwrap();
    assert_eq!(read.blocks[0].error_count, 3, "all errors of a row are reported");
    assert!(read.errors()[0].contains("is longer than 2 characters"));
}

#[test]
fn large_batches_are_cut_and_rows_numbered_through() {
    let source =
        || batch(vec![("A", Arc::new(Int64Array::from_iter((0..1000).map(|n| (n != 777).then_some(n)))))]);
    let limits = Limits { batch_rows: 300, ..Limits::default() };
    let options =
        SourceOptions { csv: Arc::new(Options { limits, ..Options::default() }), ..Default::default() };
    let target = Target::new(&schema(r#""long""#), Vec::new());
    let read = read_with(vec![source(), source().slice(0, 0), source()], &target, &options).unwrap();
    let sizes: Vec<_> = read.blocks.iter().map(|block| block.records_read).collect();
    assert_eq!(sizes, [250; 8]);
    let lines: Vec<_> =
        read.blocks.iter().flat_map(|block| block.errors.iter().map(|error| error.line)).collect();
    assert_eq!(lines, [778, 1778]);
}

#[test]
fn batches_whose_rows_share_values_are_cut_by_what_they_unpack_to() {
    let long = "x".repeat(1 << 10);
    let rows = (0..1000).map(|row| Some(if row < 100 { long.as_str() } else { "y" }));
    let coded: DictionaryArray<Int32Type> = rows.collect();
    let limits = Limits { batch_bytes: 16 << 10, ..Limits::default() };
    let options =
        SourceOptions { csv: Arc::new(Options { limits, ..Options::default() }), ..Default::default() };
    let target = Target::new(&schema(STRING), Vec::new());
    let source = batch(vec![("A", Arc::new(coded))]);
    let read = read_with(vec![source], &target, &options).unwrap();
    assert!(read.blocks.iter().all(|block| block.bytes <= 16 << 10), "the long ones are not spread evenly");
    assert_eq!(read.rows.len(), 1000);
    assert_eq!(read.rows[99].get("A"), Some(&Value::from(long.as_str())));
    assert_eq!(read.rows[100].get("A"), Some(&Value::from("y")));
}

fn open(bytes: &[u8], name: &str) -> Result<u64, SourceError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let input = Input::File(path);
    let format = Format::of(&input, false)?;
    let target = Target::new(&schema(LONG), Vec::new());
    let (plan, reader) =
        TypedReader::open(&input, format, &target, &SourceOptions::default(), &Watch::default())?;
    let mut rows = 0;
    for chunk in reader {
        rows += plan.parse(&chunk?, |batch| batch)?.records_read;
    }
    Ok(rows)
}

fn numbers() -> RecordBatch {
    batch(vec![
        ("B", Arc::new(StringArray::from(vec!["x"; 500]))),
        ("A", Arc::new(Int64Array::from_iter_values(0..500))),
    ])
}

#[test]
fn files_are_read_in_both_arrow_formats_and_parquet_also_compressed() {
    let batch = numbers();
    let file = written(Format::Arrow, &batch.schema(), std::slice::from_ref(&batch)).unwrap();
    let parquet = written(Format::Parquet, &batch.schema(), std::slice::from_ref(&batch)).unwrap();
    let mut stream = Vec::new();
    let mut writer = StreamWriter::try_new(&mut stream, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    for (bytes, name) in [(&file, "a.arrow"), (&stream, "a.ipc"), (&parquet, "a.parquet")] {
        assert_eq!(open(bytes, name).unwrap(), 500, "{name}");
        assert_eq!(open(&gzip(bytes), &format!("{name}.gz")).unwrap(), 500, "{name}.gz");
    }
    let text = open(&parquet, "a.arrow").unwrap_err().to_string();
    assert!(text.contains("this is a Parquet file, not Arrow IPC"), "{text}");
    assert!(open(b"A\n1\n", "a.parquet").unwrap_err().to_string().contains("no Parquet file"));
}

/// An Arrow stream or file of these batches.
fn arrow(batches: &[RecordBatch], compression: Option<CompressionType>, as_file: bool) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let (mut out, schema) = (Vec::new(), batches[0].schema());
    if as_file {
        let mut writer = FileWriter::try_new_with_options(&mut out, &schema, options).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
    } else {
        let mut writer = StreamWriter::try_new_with_options(&mut out, &schema, options).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
    }
    out
}

#[test]
fn what_a_compressed_buffer_says_of_its_size_is_not_believed() {
    for codec in [CompressionType::ZSTD, CompressionType::LZ4_FRAME] {
        for (as_file, name) in [(true, "a.arrow"), (false, "a.ipc")] {
            let bytes = arrow(&[numbers()], Some(codec), as_file);
            assert_eq!(open(&bytes, name).unwrap(), 500);
            let said = 4_000_i64.to_le_bytes();
            let at = bytes.windows(8).position(|window| window == said).unwrap();
            for lie in [1_i64 << 40, i64::MAX] {
                let mut bytes = bytes.clone();
                bytes[at..at + 8].copy_from_slice(&lie.to_le_bytes());
                let text = open(&bytes, name).unwrap_err().to_string();
                assert!(text.contains("unpacked_bytes"), "{text}");
            }
        }
    }
}

#[test]
fn streams_with_empty_batches_are_read_whole_and_cut_ones_fail() {
    let empty = numbers().slice(0, 0);
    let batches = [empty.clone(), numbers(), empty.clone(), empty, numbers()];
    let bytes = arrow(&batches, None, false);
    assert_eq!(open(&bytes, "a.ipc").unwrap(), 1_000);
    let last = bytes.len() - 8;
    for cut in (1..last).step_by(last / 50) {
        assert!(open(&bytes[..cut], "a.ipc").map_or(true, |rows| rows < 1_000), "cut at {cut}");
    }
    assert!(open(&bytes[..last - 1], "a.ipc").is_err());
    for at in (0..bytes.len()).step_by(11) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        drop(open(&damaged, "a.ipc"));
    }
}

#[test]
fn a_damaged_file_is_an_error_or_rows_but_never_a_panic() {
    let batch = numbers();
    for (format, name) in [(Format::Arrow, "a.arrow"), (Format::Parquet, "a.parquet")] {
        let bytes = written(format, &batch.schema(), std::slice::from_ref(&batch)).unwrap();
        for cut in (0..bytes.len()).step_by(bytes.len() / 40) {
            assert!(open(&bytes[..cut], name).is_err(), "{name} cut at {cut}");
        }
        for at in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            if let Ok(rows) = open(&damaged, name) {
                assert!(rows <= 500 * 2, "{name} damaged at {at}");
            }
        }
    }
}

#[test]
fn a_stream_ends_with_the_error_of_its_maker() {
    let schema = numbers().schema();
    let batches =
        [Ok(numbers()), Err(::arrow::error::ArrowError::ComputeError("upstream is gone".to_owned()))];
    let target = Target::new(&self::schema(LONG), Vec::new());
    let (_, mut reader) = TypedReader::of_batches(
        "stream",
        &schema,
        Box::new(batches.into_iter()),
        &target,
        &SourceOptions::default(),
        &Watch::default(),
    )
    .unwrap();
    assert!(reader.next().unwrap().is_ok());
    assert!(reader.next().unwrap().unwrap_err().to_string().contains("upstream is gone"));
    assert!(reader.next().is_none());
}
