//! Larger files: the same result whatever the threads, the chunks and the stripes (S5, S11).

use std::io::Read;

use super::*;
use crate::Limits;
use crate::scan::Scanner;

fn schema() -> Schema {
    let fields = vec![
        field("ID", ValueType::String, false),
        Field { categorical: true, ..field("KIND", ValueType::String, true) },
        field("PRICE", ValueType::Double, true),
        field("TEXT", ValueType::String, true),
        field("TIMESTAMP", ValueType::Long, false),
    ];
    Schema::new("Test", fields).unwrap()
}

/// Records of every kind: quoted line ends, doubled quotes, stray quotes, nulls, errors; seeded.
fn file(records: u64) -> Vec<u8> {
    let mut state = 42u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut out = String::from("ID,KIND,PRICE,TEXT,TIMESTAMP\r\n");
    for record in 0..records {
        let text = match random(8) {
            0 => "\"line one\nline \"\"two\"\"\r\nline, three\"".to_owned(),
            1 => "6\" pipe".to_owned(),
            2 => String::new(),
            3 => "\"\"".to_owned(),
            4 => format!("\"{}\"", "long text, quoted \u{e9} ".repeat(random(20) as usize)),
            _ => format!("text {}", random(1_000_000)),
        };
        let price =
            if random(50) == 0 { "free".to_owned() } else { format!("{}.{}", random(1000), random(100)) };
        let end = if random(2) == 0 { "\r\n" } else { "\n" };
        out += &format!("i{record},kind {},{price},{text},{}{end}", random(9), 1_600_000_000 + random(1000));
        if random(100) == 0 {
            out += "short,record\n\n";
        }
    }
    out.into_bytes()
}

#[test]
fn s11_batches_are_the_same_for_any_number_of_threads() {
    let input = file(3000);
    let limits = Limits { chunk_bytes: 8 << 10, batch_rows: 100, batch_bytes: 4 << 10, ..Limits::default() };
    let options = Options { limits, keep_rejects: true, ..Options::default() };
    let one = run_tuned(&input, &schema(), &options, 1, Tuning::default());
    assert!(one.fatal.is_none() && one.rows.len() > 2500 && one.error_count > 50);
    for threads in [2, 8] {
        let many = run_tuned(&input, &schema(), &options, threads, Tuning::default());
        assert_eq!(many.batches, one.batches);
        assert_eq!(many.errors, one.errors);
        assert_eq!(many.rejects, one.rejects);
    }
}

#[test]
fn rows_and_errors_do_not_depend_on_chunks_stripes_or_kernels() {
    let input = file(2000);
    let whole = run(&input, &schema(), &Options::default());
    for chunk_bytes in [1 << 8, 1000, 4099, 1 << 16] {
        for scanner in Scanner::all() {
            for stripe in [64, 1000, 1 << 16] {
                let limits = Limits { chunk_bytes, ..Limits::default() };
                let options = Options { limits, ..Options::default() };
                let outcome = run_tuned(&input, &schema(), &options, 2, Tuning { scanner, stripe });
                assert_eq!(outcome.rows, whole.rows);
                assert_eq!(outcome.errors, whole.errors);
                assert_eq!(outcome.error_count, whole.error_count);
            }
        }
    }
}

/// Gives a few bytes at a time, and is interrupted.
struct Drip<'a> {
    rest: &'a [u8],
    turn: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(5) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let len = (self.turn * 7 % 31 + 1).min(out.len());
        self.rest.read(&mut out[..len])
    }
}

fn batches(input: impl Read + Send, options: &Options) -> Result<Vec<RecordBatch>, CsvError> {
    let mut batches = Vec::new();
    let target = Arc::new(Target::new(&schema(), Vec::new()));
    crate::read(input, "drip.csv", target, Arc::new(options.clone()), 2, |block| {
        batches.extend(block.batches);
        Ok::<(), CsvError>(())
    })?;
    Ok(batches)
}

#[test]
fn batches_do_not_depend_on_how_the_input_arrives() {
    let input = file(500);
    let options = Options { limits: Limits { chunk_bytes: 3000, ..Limits::default() }, ..Options::default() };
    let drip = Drip { rest: &input, turn: 0 };
    assert_eq!(batches(drip, &options).unwrap(), batches(input.as_slice(), &options).unwrap());
}

#[test]
fn an_input_that_fails_is_an_error_of_the_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let input = file(500);
    let options = Options { limits: Limits { chunk_bytes: 3000, ..Limits::default() }, ..Options::default() };
    let error = batches(input.as_slice().chain(Broken), &options).unwrap_err();
    assert_eq!(error.kind(), crate::CsvErrorKind::Io);
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}

#[test]
fn a_batch_ends_at_its_row_and_byte_limits() {
    let input = format!("ID,KIND,PRICE,TEXT,TIMESTAMP\n{}", "i,k,1,t,1\n".repeat(1000));
    let limits = Limits { batch_rows: 300, ..Limits::default() };
    let outcome = run(input.as_bytes(), &schema(), &Options { limits, ..Options::default() });
    let sizes: Vec<_> = outcome.batches.iter().map(RecordBatch::num_rows).collect();
    assert_eq!(sizes, [300, 300, 300, 100]);
    let limits = Limits { batch_bytes: 2000, ..Limits::default() };
    let tuning = Tuning { stripe: 500, ..Tuning::default() };
    let outcome =
        run_tuned(input.as_bytes(), &schema(), &Options { limits, ..Options::default() }, 2, tuning);
    assert!(outcome.batches.iter().all(|batch| batch.num_rows() <= 200), "2000 bytes are 200 records");
}

#[test]
fn what_map_makes_of_a_batch_is_made_again_where_a_chunk_is_parsed_again() {
    // The stray quote turns every guess about what is quoted.
    let input = format!("A,B\n6\" pipe,x\n{}", "\"two\nlines\",y\n".repeat(200));
    let limits = Limits { chunk_bytes: 50, ..Limits::default() };
    let options = Arc::new(Options { limits, ..Options::default() });
    let target = Arc::new(Target::new(&strings(&["A", "B"]), Vec::new()));
    let (plan, reader) = ChunkReader::open(input.as_bytes(), "f", target, options).unwrap();
    let map = |batch: RecordBatch| batch.num_rows();
    let mut sequence = crate::Sequence::new(Arc::clone(&plan));
    let mut rows = 0;
    for chunk in reader {
        let block = sequence.accept(plan.parse(chunk.unwrap(), map), map).unwrap();
        rows += block.batches.iter().sum::<usize>();
    }
    let (last, summary) = sequence.finish(map).unwrap();
    rows += last.map_or(0, |block| block.batches.iter().sum());
    assert_eq!((rows, summary.records_read, summary.rejected), (201, 201, 0));
}
