//! Interactions as an event log holds them.

use serde_json::{Value, json};

use crate::digits::{push_cents, push_digits};
use crate::random::Random;
use crate::rows::Rows;

/// The schema of [`Interactions`].
pub const INTERACTIONS: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "EVENT_TYPE", "type": "string"},
    {"name": "EVENT_VALUE", "type": ["null", "float"]},
    {"name": "TIMESTAMP", "type": "long"}]}"#;

const EVENTS: [&str; 8] = ["view", "click", "purchase", "cart", "share", "like", "rate", "skip"];
const USERS: u64 = 500_000;
const ITEMS: u64 = 1_000_000;
/// Popular items are not neighbours: multiplication by a number without a common factor mixes the ranks.
const MIX: u64 = 382_909;

/// 500,000 users, a million items of which few are popular (Zipf), eight event types, a value in two rows of three.
/// About 39 bytes a row; equal for equal seeds.
#[derive(Clone, Debug)]
pub struct Interactions {
    left: u64,
    random: Random,
    truth: InteractionsTruth,
}

impl Interactions {
    /// So many rows.
    pub fn new(rows: u64, seed: u64) -> Interactions {
        Interactions { left: rows, random: Random::new(seed), truth: InteractionsTruth::default() }
    }

    /// What the rows made so far hold.
    pub fn truth(&self) -> &InteractionsTruth {
        &self.truth
    }
}

impl Rows for Interactions {
    fn header(&self) -> &'static str {
        "USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP\n"
    }

    fn append(&mut self, text: &mut Vec<u8>) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let random = &mut self.random;
        let user = random.below(USERS);
        let item = random.zipf(ITEMS) * MIX % ITEMS;
        let event = random.below(EVENTS.len() as u64) as usize;
        let time = 1_600_000_000 + random.below(100_000_000);
        let cents = random.below(10_000);
        let valued = random.below(3) > 0;
        text.push(b'u');
        push_digits::<7>(text, user);
        text.extend_from_slice(b",i");
        push_digits::<6>(text, item);
        text.push(b',');
        text.extend_from_slice(EVENTS.get(event).copied().unwrap_or_default().as_bytes());
        text.push(b',');
        if valued {
            push_cents(text, cents);
        }
        text.push(b',');
        push_digits::<10>(text, time);
        text.push(b'\n');
        self.truth.count(item, event, time);
        true
    }
}

/// What some interactions hold, counted as they were made and by no engine.
#[derive(Clone, Debug)]
pub struct InteractionsTruth {
    rows: u64,
    time_sum: u64,
    time_max: u64,
    events: [u64; EVENTS.len()],
    items: Vec<u64>,
}

impl Default for InteractionsTruth {
    fn default() -> InteractionsTruth {
        let items = vec![0; ITEMS as usize];
        InteractionsTruth { rows: 0, time_sum: 0, time_max: 0, events: [0; EVENTS.len()], items }
    }
}

impl InteractionsTruth {
    fn count(&mut self, item: u64, event: usize, time: u64) {
        self.rows += 1;
        self.time_sum += time;
        self.time_max = self.time_max.max(time);
        if let Some(count) = self.events.get_mut(event) {
            *count += 1;
        }
        if let Some(count) = self.items.get_mut(item as usize) {
            *count += 1;
        }
    }

    /// Of both.
    pub fn plus(mut self, other: &InteractionsTruth) -> InteractionsTruth {
        self.rows += other.rows;
        self.time_sum += other.time_sum;
        self.time_max = self.time_max.max(other.time_max);
        self.events.iter_mut().zip(&other.events).for_each(|(count, more)| *count += more);
        self.items.iter_mut().zip(&other.items).for_each(|(count, more)| *count += more);
        self
    }

    /// The answers that every engine must give; of items with equal counts the one with the smaller ID comes first.
    pub fn answers(&self) -> Value {
        let events: serde_json::Map<String, Value> = EVENTS
            .iter()
            .zip(&self.events)
            .map(|(event, count)| ((*event).to_owned(), (*count).into()))
            .collect();
        let mut items: Vec<(u64, usize)> =
            self.items.iter().enumerate().map(|(item, count)| (*count, item)).collect();
        items.sort_unstable_by_key(|(count, item)| (std::cmp::Reverse(*count), *item));
        let top: Vec<Value> =
            items.iter().take(100).map(|(count, item)| json!([format!("i{item:06}"), count])).collect();
        json!({
            "rows": self.rows, "timestamp_sum": self.time_sum, "timestamp_max": self.time_max,
            "events": events, "top_items": top,
        })
    }
}
