//! Interactions as an event log holds them.

use std::io::{self, Read};

/// The schema of [`Interactions`].
pub const INTERACTIONS: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "EVENT_TYPE", "type": "string"},
    {"name": "EVENT_VALUE", "type": ["null", "float"]},
    {"name": "TIMESTAMP", "type": "long"}]}"#;

const EVENTS: [&str; 8] = ["view", "click", "purchase", "cart", "share", "like", "rate", "skip"];

/// A CSV file of interactions that is made as it is read: 500,000 users, a million items of which few are popular,
/// eight event types, a value in two rows of three. About 39 bytes a row; equal for equal seeds.
#[derive(Clone, Debug)]
pub struct Interactions {
    left: u64,
    state: u64,
    text: Vec<u8>,
    read: usize,
}

impl Interactions {
    /// A file of so many rows.
    pub fn new(rows: u64, seed: u64) -> Interactions {
        let header = b"USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP\n".to_vec();
        Interactions { left: rows, state: seed ^ 0x9e37_79b9_7f4a_7c15, text: header, read: 0 }
    }

    /// The next number of a SplitMix64 sequence.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn row(&mut self) -> io::Result<()> {
        use io::Write;
        let user = self.below(500_000);
        // The least of three is small more often than not: few items are popular.
        let item = (0..3).map(|_| self.below(1_000_000)).min().unwrap_or(0);
        let event = EVENTS.get(self.below(8) as usize).copied().unwrap_or_default();
        let time = 1_600_000_000 + self.below(100_000_000);
        let (whole, cents, valued) = (self.below(100), self.below(100), self.below(3) > 0);
        write!(self.text, "u{user:07},i{item:06},{event},")?;
        if valued {
            write!(self.text, "{whole}.{cents:02}")?;
        }
        writeln!(self.text, ",{time}")
    }
}

impl Read for Interactions {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.text.len() - self.read < into.len() && self.left > 0 {
            self.left -= 1;
            self.row()?;
        }
        let rest = self.text.get(self.read..).unwrap_or_default();
        let length = rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(rest) {
            *to = *from;
        }
        self.read += length;
        if self.read == self.text.len() {
            self.text.clear();
            self.read = 0;
        }
        Ok(length)
    }
}
