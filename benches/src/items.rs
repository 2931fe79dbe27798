//! Items of a catalogue, and later files that change some of them and add others.

use serde_json::{Value, json};

use crate::digits::{push_cents, push_digits};
use crate::random::Random;
use crate::rows::Rows;
use crate::words::Words;

/// The schema of [`Items`].
pub const ITEMS: &str = r#"{"type": "record", "name": "Items", "fields": [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "PRICE", "type": "float"},
    {"name": "CATEGORY_L1", "type": "string", "categorical": true},
    {"name": "CREATION_TIMESTAMP", "type": "long"},
    {"name": "DESCRIPTION", "type": "string", "textual": true}]}"#;

const CATEGORIES: u64 = 40;
/// Neither even nor a multiple of 5: no two items of ten digits have the same ID, and neighbours are far apart.
const SCATTER: u64 = 2_654_435_761;
/// A prime: all items are met before one is met again.
const STRIDE: u64 = 382_909;

/// Items with an ID of ten digits, a price, a category, a time and a quoted description: about 220 bytes a row.
#[derive(Clone, Debug)]
pub struct Items {
    /// How many items a table has, if these are to change it.
    table: u64,
    rows: u64,
    added: u64,
    seed: u64,
    words: Words,
    made: Vec<Facts>,
}

/// What is counted of an item.
#[derive(Clone, Copy, Debug)]
struct Facts {
    number: u64,
    cents: u64,
    created: u64,
    description_bytes: u64,
}

impl Items {
    /// A table of so many items.
    pub fn new(rows: u64, seed: u64) -> Items {
        Items::delta(0, rows, rows, seed)
    }

    /// So many rows for a table of `table` items, each item once: `added` of them are new, the others are there.
    pub fn delta(table: u64, rows: u64, added: u64, seed: u64) -> Items {
        Items { table, rows, added, seed, words: Words::default(), made: Vec::new() }
    }

    /// Which item the row is: the new ones are spread evenly among the others.
    fn number(&self, row: u64) -> u64 {
        let before = row * self.added / self.rows;
        if (row + 1) * self.added / self.rows > before {
            self.table + before
        } else {
            (self.seed * 7919 + row - before) * STRIDE % self.table
        }
    }

    /// The answers that every engine must give of a table after such changes.
    pub fn answers(&self, changes: &[&Items]) -> Value {
        let all = || [self].into_iter().chain(changes.iter().copied()).flat_map(|items| &items.made);
        let numbers = all().map(|item| item.number + 1).max().unwrap_or(0);
        let mut table: Vec<Option<Facts>> = vec![None; numbers as usize];
        for item in all() {
            if let Some(slot) = table.get_mut(item.number as usize) {
                *slot = Some(*item);
            }
        }
        let live = || table.iter().flatten();
        json!({
            "rows": live().count(),
            "price_cents": live().map(|item| item.cents).sum::<u64>(),
            "created_sum": live().map(|item| item.created).sum::<u64>(),
            "description_bytes": live().map(|item| item.description_bytes).sum::<u64>(),
        })
    }

    /// The ID of an item.
    pub fn id(number: u64) -> String {
        format!("{:010}", scattered(number))
    }
}

fn scattered(number: u64) -> u64 {
    (number * SCATTER) % 10_000_000_000
}

impl Rows for Items {
    fn header(&self) -> &'static str {
        "ITEM_ID,PRICE,CATEGORY_L1,CREATION_TIMESTAMP,DESCRIPTION\n"
    }

    fn append(&mut self, text: &mut Vec<u8>) -> bool {
        let row = self.made.len() as u64;
        if row == self.rows {
            return false;
        }
        let number = self.number(row);
        let mut random = Random::of(self.seed, number);
        let cents = random.below(100_000);
        let created = 1_500_000_000 + random.below(200_000_000);
        push_digits::<10>(text, scattered(number));
        text.push(b',');
        push_cents(text, cents);
        text.extend_from_slice(b",category ");
        push_digits::<2>(text, random.below(CATEGORIES));
        text.push(b',');
        push_digits::<10>(text, created);
        text.push(b',');
        let description_bytes = self.words.append(&mut random, text);
        text.push(b'\n');
        self.made.push(Facts { number, cents, created, description_bytes });
        true
    }
}
