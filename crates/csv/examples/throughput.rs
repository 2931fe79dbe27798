//! How fast CSV becomes Arrow in memory: generated interactions, one and two threads.
//!
//! `cargo run --release -p restock-csv --example throughput [MILLION_ROWS]`

use std::io::{Error, Write};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float32Type, Int64Type};
use restock_csv::{CsvError, Options, Target, read};
use restock_schema::Schema;

const SCHEMA: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "EVENT_TYPE", "type": "string"}, {"name": "EVENT_VALUE", "type": ["null", "float"]},
    {"name": "TIMESTAMP", "type": "long"}]}"#;

const EVENTS: [&str; 8] =
    ["view", "click", "purchase", "add_to_cart", "wishlist", "share", "review", "return"];

/// What every reading must find.
#[derive(Debug, Default, PartialEq)]
struct Truth {
    rows: usize,
    times: i64,
    cents: i64,
    text: usize,
}

fn generate(rows: usize) -> Result<(Vec<u8>, Truth), Error> {
    let mut state = 1u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut file = Vec::with_capacity(rows * 48);
    let mut truth = Truth { rows, ..Truth::default() };
    writeln!(file, "USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP")?;
    for _ in 0..rows {
        let (user, item) = (random(500_000), random(100_000));
        let event = EVENTS.get(random(8) as usize).copied().unwrap_or_default();
        let time = 1_600_000_000 + random(100_000_000) as i64;
        let start = file.len();
        write!(file, "user_{user:07},item_{item:06},")?;
        truth.text += file.len() - start - 2;
        if random(3) == 0 {
            writeln!(file, "{event},,{time}")?;
        } else {
            let cents = random(10_000) as i64;
            writeln!(file, "{event},{}.{:02},{time}", cents / 100, cents % 100)?;
            truth.cents += cents;
        }
        truth.times += time;
    }
    Ok((file, truth))
}

/// The `csv` crate, which reads the records and converts nothing: what the machine gives at this moment.
fn yardstick(file: &[u8], gigabytes: f64) -> Result<(), csv::Error> {
    let mut reader = csv::Reader::from_reader(file);
    let mut record = csv::ByteRecord::new();
    let start = Instant::now();
    let mut fields = 0;
    while reader.read_byte_record(&mut record)? {
        fields += record.len();
    }
    let rate = gigabytes / start.elapsed().as_secs_f64();
    println!("csv crate, records alone: {rate:.2} GB/s ({fields} fields)");
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let millions = std::env::args().nth(1).map_or(Ok(10), |text| text.parse::<usize>())?;
    let (file, truth) = generate(millions * 1_000_000)?;
    let gigabytes = file.len() as f64 / 1e9;
    println!("{} rows, {gigabytes:.3} GB", truth.rows);
    yardstick(&file, gigabytes)?;
    let target = Arc::new(Target::new(&Schema::from_avro(SCHEMA)?, Vec::new()));
    let options = Arc::new(Options::default());
    for threads in [1, 2] {
        let mut times = Vec::new();
        for run in 0..5 {
            let mut found = Truth::default();
            let start = Instant::now();
            read(
                file.as_slice(),
                "interactions.csv",
                Arc::clone(&target),
                Arc::clone(&options),
                threads,
                |block| {
                    for batch in &block.batches {
                        found.rows += batch.num_rows();
                        if run > 0 {
                            continue; // checked once, timed bare
                        }
                        let [users, items] = [0, 1].map(|column| batch.column(column).as_string::<i32>());
                        found.text += users.values().len() + items.values().len();
                        let values = batch.column(3).as_primitive::<Float32Type>();
                        found.cents +=
                            values.iter().flatten().map(|value| (value * 100.0).round() as i64).sum::<i64>();
                        found.times +=
                            batch.column(4).as_primitive::<Int64Type>().values().iter().sum::<i64>();
                        assert_eq!(batch.column(2).null_count(), 0);
                    }
                    Ok::<(), CsvError>(())
                },
            )?;
            let seconds = start.elapsed().as_secs_f64();
            if run == 0 {
                assert_eq!(found, truth);
            } else {
                times.push(seconds);
            }
        }
        times.sort_by(f64::total_cmp);
        let [best, .., worst] = times.as_slice() else { return Err("no runs".into()) };
        println!(
            "{threads} threads: {:.2} GB/s ({:.2} to {:.2})",
            gigabytes / best,
            gigabytes / worst,
            gigabytes / best
        );
    }
    Ok(())
}
