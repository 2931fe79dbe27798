//! Whole imports against a naive loader: the `csv` crate and a map (S1, S2, S5, S11).

use std::collections::HashMap;
use std::io::Cursor;

use restock::{Format, ImportMode, Store, View};

use crate::export;
use crate::model::Dice;
use crate::shelf::Shelf;

/// Imports that follow the FULL.
const INCREMENTALS: u64 = 5;

/// A catalog in the form that an export has: quotes only where needed, null empty, the empty string in quotes.
fn catalog(dice: &mut Dice, rows: usize, ids: usize) -> String {
    let mut text = "ITEM_ID,CATEGORY,PRICE,TITLE\n".to_owned();
    for _ in 0..rows {
        let category = *dice.of(&["", "\"\"", "Drama", "Drama|Comedy", "\"A,B\"", "\"say \"\"hi\"\"\""]);
        let price = *dice.of(&["", "0.1", "9.99", "-4", "1e300", "17"]);
        let title = match dice.below(4) {
            0 => "\"two\nlines\"".to_owned(),
            1 => String::new(),
            _ => format!("title {}", dice.below(1_000_000)),
        };
        text += &format!("item-{},{category},{price},{title}\n", dice.below(ids));
    }
    text
}

/// Bulk rows as a naive loader keeps them: each record's own text, by ID, in order.
#[derive(Default)]
struct Naive {
    rows: Vec<Option<String>>,
    places: HashMap<String, usize>,
}

impl Naive {
    fn load(&mut self, text: &str) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut record = csv::ByteRecord::new();
        let mut ends = Vec::new();
        let mut ids = Vec::new();
        reader.headers().unwrap();
        let mut start = reader.position().byte() as usize;
        while reader.read_byte_record(&mut record).unwrap() {
            let end = reader.position().byte() as usize;
            ids.push(String::from_utf8(record[0].to_vec()).unwrap());
            ends.push(text[start..end].trim_end_matches('\n').to_owned());
            start = end;
        }
        for (id, row) in ids.into_iter().zip(ends) {
            if let Some(old) = self.places.insert(id, self.rows.len()) {
                self.rows[old] = None;
            }
            self.rows.push(Some(row));
        }
    }

    fn export(&self) -> String {
        let rows: Vec<&str> = self.rows.iter().flatten().map(|row| row.trim_start_matches('\n')).collect();
        format!("ITEM_ID,CATEGORY,PRICE,TITLE\n{}\n", rows.join("\n"))
    }
}

fn agree(seed: u64) {
    let mut dice = Dice::new(seed);
    let items = Shelf::of("items").create(&Store::in_memory().unwrap()).unwrap();
    let ids = 50 + dice.below(5_000);
    for _ in 0..2 {
        let mut naive = Naive::default();
        for number in 0..=INCREMENTALS {
            let rows = if number == 0 { 4_000 } else { dice.below(1_500) };
            let text = catalog(&mut dice, rows, ids);
            naive.load(&text);
            let mode = if number == 0 { ImportMode::Full } else { ImportMode::Incremental };
            let threads = *dice.of(&[1, 2, 8]);
            let import = items.import_reader(Cursor::new(text), "catalog").mode(mode).threads(threads);
            let report = import.run().unwrap();
            assert_eq!(report.bulk_rows as usize, naive.places.len(), "seed {seed}");
            let found = export::bytes(&items.snapshot().unwrap(), Format::Csv, View::Bulk).unwrap();
            let (found, expected) = (String::from_utf8(found).unwrap(), naive.export());
            let at = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
            let at = at.map(|at| (at, found.lines().nth(at), expected.lines().nth(at)));
            assert!(found == expected, "seed {seed}, after import {number}: they differ at line {at:?}");
        }
    }
}

#[test]
fn a_full_and_five_incrementals_leave_what_a_naive_loader_has() {
    for seed in 1..=8 {
        agree(seed);
    }
}
