//! The rows of an items file, one by one: for what is no columnar engine, and to know the answers of a sample of them.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::random::Random;

/// One row of [`Items`](crate::Items).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the columns of the file")]
pub struct Item {
    pub item_id: String,
    pub price: f32,
    pub category_l1: String,
    pub creation_timestamp: i64,
    pub description: String,
}

impl Item {
    /// The rows of a file.
    ///
    /// # Errors
    /// A file that cannot be opened, and with each row that it cannot be read.
    pub fn read(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Item>>> {
        let rows = csv::Reader::from_reader(File::open(path)?).into_deserialize();
        Ok(rows.map(|row| row.map_err(io::Error::other)))
    }
}

/// So many items are asked for.
const SAMPLED: usize = 10_000;
const SEED: u64 = 4;

/// IDs of items that are there, in no order, and what their rows say.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The IDs to get.
    pub ids: Vec<String>,
    expected: Sums,
}

/// What is counted of rows that were got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    rows: u64,
    price_cents: i64,
    created_sum: i64,
    category_bytes: usize,
    description_bytes: usize,
}

impl Sums {
    /// Counts a row: what is needed of it is read, whatever holds it.
    pub fn add(&mut self, price: f64, category: &str, created: i64, description: &str) {
        self.rows += 1;
        self.price_cents += (price * 100.0).round() as i64;
        self.created_sum += created;
        self.category_bytes += category.len();
        self.description_bytes += description.len();
    }

    fn add_item(&mut self, item: &Item) {
        self.add(f64::from(item.price), &item.category_l1, item.creation_timestamp, &item.description);
    }

    /// As the answers of one piece of work are told.
    pub fn answers(&self) -> Value {
        json!({
            "rows": self.rows, "price_cents": self.price_cents, "created_sum": self.created_sum,
            "category_bytes": self.category_bytes, "description_bytes": self.description_bytes,
        })
    }
}

impl Extend<Item> for Sums {
    fn extend<I: IntoIterator<Item = Item>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.add_item(&item));
    }
}

impl FromIterator<Item> for Sums {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Sums {
        let mut sums = Sums::default();
        sums.extend(items);
        sums
    }
}

impl Sample {
    /// Items of the first file, spread over all of it, as the last of the files has them.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn of(files: &[PathBuf]) -> io::Result<Sample> {
        let Some((table, changes)) = files.split_first() else { return Ok(Sample::default()) };
        let every = (Item::read(table)?.count() / SAMPLED).max(1);
        let sampled = Item::read(table)?.step_by(every).take(SAMPLED);
        let mut items: Vec<Item> = sampled.collect::<io::Result<_>>()?;
        let places: HashMap<String, usize> =
            items.iter().enumerate().map(|(place, item)| (item.item_id.clone(), place)).collect();
        for file in changes {
            for item in Item::read(file)? {
                let item = item?;
                if let Some(old) = places.get(&item.item_id).and_then(|place| items.get_mut(*place)) {
                    *old = item;
                }
            }
        }
        let mut random = Random::new(SEED);
        for last in (1..items.len()).rev() {
            items.swap(last, random.below(last as u64 + 1) as usize);
        }
        let ids = items.iter().map(|item| item.item_id.clone()).collect();
        Ok(Sample { ids, expected: items.into_iter().collect() })
    }

    /// What is wrong with rows that were got for the IDs of a table that is as its file.
    ///
    /// # Errors
    /// Sums that are not the file's.
    pub fn check(&self, got: &Sums) -> Result<(), String> {
        if *got == self.expected {
            return Ok(());
        }
        Err(format!("wrong answers: {got:?}, not {:?}", self.expected))
    }
}

/// How many puts are timed, one after another.
pub const PUTS: usize = 500;

/// The item of a put: a new one each.
pub fn put_item(number: usize) -> Item {
    Item {
        item_id: format!("put-{number:09}"),
        price: 9.99,
        category_l1: "category 07".to_owned(),
        creation_timestamp: 1_700_000_000 + number as i64,
        description:
            "A description that is about as long as those of the items in the file, which say more: "
                .repeat(2),
    }
}
