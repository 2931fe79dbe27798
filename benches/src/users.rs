//! Users with what is known of them.

use serde_json::{Value, json};

use crate::digits::push_digits;
use crate::random::Random;
use crate::rows::Rows;

/// The schema of [`Users`].
pub const USERS: &str = r#"{"type": "record", "name": "Users", "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "AGE", "type": ["null", "int"]},
    {"name": "GENDER", "type": "string", "categorical": true},
    {"name": "MEMBERSHIP", "type": "string", "categorical": true}]}"#;

const GENDERS: [&str; 3] = ["f", "m", "x"];
const MEMBERSHIPS: [&str; 4] = ["basic", "none", "plus", "gold"];

/// Users in no order, each once; one in five has no age. About 20 bytes a row.
#[derive(Clone, Debug)]
pub struct Users {
    rows: u64,
    /// Where the numbers of new users begin, if every other row is one, and the others are of the first in a table.
    new_from: Option<u64>,
    made: u64,
    random: Random,
    age_sum: u64,
}

impl Users {
    /// So many users.
    pub fn new(rows: u64, seed: u64) -> Users {
        Users { rows, new_from: None, made: 0, random: Random::new(seed), age_sum: 0 }
    }

    /// So many rows for any table of at least ten times as many users, and of fewer than `new_from`: every other row is
    /// a new user.
    pub fn delta(rows: u64, new_from: u64, seed: u64) -> Users {
        Users { new_from: Some(new_from), ..Users::new(rows, seed) }
    }

    fn number(&self) -> u64 {
        match self.new_from {
            Some(new_from) if self.made % 2 == 1 => new_from + self.made,
            Some(_) => self.made * 7,
            None => self.made,
        }
    }

    /// The answers that every engine must give.
    pub fn answers(&self) -> Value {
        json!({"rows": self.made, "age_sum": self.age_sum})
    }
}

impl Rows for Users {
    fn header(&self) -> &'static str {
        "USER_ID,AGE,GENDER,MEMBERSHIP\n"
    }

    fn append(&mut self, text: &mut Vec<u8>) -> bool {
        if self.made == self.rows {
            return false;
        }
        // Neither even nor a multiple of 5, so that no two numbers below a hundred million meet.
        let user = self.number() * 7_368_787 % 100_000_000;
        self.made += 1;
        text.push(b'u');
        push_digits::<8>(text, user);
        text.push(b',');
        if self.random.below(5) > 0 {
            let age = 16 + self.random.below(80);
            self.age_sum += age;
            push_digits::<2>(text, age);
        }
        for words in [&GENDERS[..], &MEMBERSHIPS] {
            text.push(b',');
            let word = words.get(self.random.below(words.len() as u64) as usize).copied();
            text.extend_from_slice(word.unwrap_or_default().as_bytes());
        }
        text.push(b'\n');
        true
    }
}
