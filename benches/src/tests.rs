//! The data is what it says, and the same each time.

use std::collections::HashSet;
use std::io::Read;

use super::*;

fn text<R: Rows>(csv: &mut Csv<R>) -> String {
    let mut text = String::new();
    csv.read_to_string(&mut text).unwrap();
    text
}

fn records(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect()
}

#[test]
fn equal_seeds_make_equal_files_whatever_is_read_at_once() {
    let whole = text(&mut Csv::new(Interactions::new(20_000, 3)));
    let mut parts = Csv::new(Interactions::new(20_000, 3));
    let mut read = Vec::new();
    let mut part = [0; 777];
    loop {
        match parts.read(&mut part).unwrap() {
            0 => break,
            length => read.extend_from_slice(&part[..length]),
        }
    }
    assert_eq!(whole.as_bytes(), read);
    assert_ne!(whole, text(&mut Csv::new(Interactions::new(20_000, 4))));
}

#[test]
fn interactions_have_the_answers_they_tell() {
    let mut csv = Csv::new(Interactions::new(5_000, 1));
    let records = records(&text(&mut csv));
    let answers = csv.rows().truth().answers();
    assert_eq!(answers["rows"], records.len());
    let times: Vec<u64> = records.iter().map(|record| record[4].parse().unwrap()).collect();
    assert_eq!(answers["timestamp_sum"], times.iter().sum::<u64>());
    assert_eq!(answers["timestamp_max"], *times.iter().max().unwrap());
    for (event, count) in answers["events"].as_object().unwrap() {
        assert_eq!(*count, records.iter().filter(|record| record[2] == **event).count());
    }
    let top = &answers["top_items"][0];
    assert_eq!(top[1], records.iter().filter(|record| record[1] == *top[0].as_str().unwrap()).count());
}

#[test]
fn items_have_the_answers_they_tell_and_a_delta_replaces_what_is_there() {
    let mut table = Csv::new(Items::new(1_000, 1));
    let mut delta = Csv::new(Items::delta(1_000, 300, 150, 2));
    let (old, new) = (text(&mut table), text(&mut delta));
    assert!(old.contains("\"\"") && records(&old).iter().any(|record| record[4].contains('\n')));
    let (old, new) = (records(&old), records(&new));
    let ids = |records: &[csv::StringRecord]| {
        records.iter().map(|record| record[0].to_owned()).collect::<HashSet<_>>()
    };
    assert_eq!((ids(&old).len(), ids(&new).len()), (1_000, 300));
    assert_eq!(ids(&old).intersection(&ids(&new)).count(), 150);
    assert_eq!(old[7][0], *Items::id(7));

    let mut merged: std::collections::HashMap<&str, &csv::StringRecord> = Default::default();
    merged.extend(old.iter().chain(&new).map(|record| (&record[0], record)));
    let answers = table.rows().answers(&[delta.rows()]);
    assert_eq!(answers["rows"], merged.len());
    let cents = |record: &csv::StringRecord| record[1].replace('.', "").parse::<u64>().unwrap();
    assert_eq!(answers["price_cents"], merged.values().map(|record| cents(record)).sum::<u64>());
    let created = |record: &csv::StringRecord| record[3].parse::<u64>().unwrap();
    assert_eq!(answers["created_sum"], merged.values().map(|record| created(record)).sum::<u64>());
    assert_eq!(answers["description_bytes"], merged.values().map(|record| record[4].len()).sum::<usize>());
}

#[test]
fn users_are_each_there_once() {
    let mut csv = Csv::new(Users::new(10_000, 1));
    let records = records(&text(&mut csv));
    assert_eq!(records.iter().map(|record| &record[0]).collect::<HashSet<_>>().len(), 10_000);
    let ages = records.iter().filter_map(|record| record[1].parse::<u64>().ok()).sum::<u64>();
    assert_eq!(csv.rows().answers()["age_sum"], ages);
}
