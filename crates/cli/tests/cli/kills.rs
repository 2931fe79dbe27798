//! Processes that are killed at random moments: every acknowledged put is there, every import whole or absent, and
//! the next process opens the store at once.
//!
//! `RESTOCK_KILLS` says how many processes are killed, `RESTOCK_BIN` which binary is (`cargo xtask trust kills`: the
//! release build), `RESTOCK_KILLS_SEED` which moments are tried first.

mod books;
mod victim;

use std::time::Duration;

use restock::{Store, View};

use crate::shop::Shop;
use books::{Books, IMPORTED_ROWS};
use victim::{Ended, Victim};

/// Numbers that look random and are the same for a seed.
pub struct Random(u64);

impl Random {
    /// One of `0..below`.
    pub fn below(&mut self, below: u64) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

#[derive(Default)]
struct Tally {
    puts: u64,
    imports: u64,
    cleanings: u64,
    acknowledged: u64,
    whole: u64,
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let wanted = number("RESTOCK_KILLS", 25);
    let seed = number("RESTOCK_KILLS_SEED", 1);
    let (shop, mut random, mut tally) = (Shop::new(), Random(seed), Tally::default());
    let mut books = Books::default();
    // Each takes about as long as it takes here; a moment behind its end kills nothing and is tried again.
    let import_time = books.time_an_import(&shop);
    while tally.puts + tally.imports + tally.cleanings < wanted {
        match random.below(5) {
            0 | 1 => {
                let life = Duration::from_micros(5000 + random.below(150_000));
                let (ended, acknowledged) = Victim::put(&shop, &books).live(life);
                books.check_puts(&shop, acknowledged);
                tally.puts += ended.killed();
                tally.acknowledged += acknowledged;
            }
            2 | 3 => {
                let full = random.below(2) == 0;
                let life = Duration::from_micros(random.below(import_time.as_micros() as u64 * 5 / 4));
                let (ended, _) = Victim::import(&shop, &books, full).live(life);
                let whole = books.check_import(&shop, full);
                assert!(whole || ended == Ended::Killed, "an import that succeeded is not there");
                tally.imports += ended.killed();
                tally.whole += u64::from(whole && ended == Ended::Killed);
            }
            _ => {
                let command = if random.below(2) == 0 { "compact" } else { "vacuum" };
                let life = Duration::from_micros(random.below(20_000));
                let (ended, _) = Victim::new(&shop, &[command, "s"]).live(life);
                books.check(&shop);
                tally.cleanings += ended.killed();
            }
        }
    }
    let Tally { puts, imports, cleanings, acknowledged, whole } = tally;
    assert!(acknowledged > 0 && imports > 0);
    println!(
        "kills: {} processes ({puts} that put, {acknowledged} acknowledged puts, all there; {imports} that imported, \
         {whole} of them after their commit; {cleanings} that compacted or vacuumed)",
        puts + imports + cleanings
    );
}

/// The IDs and titles in a view, sorted by ID.
fn titles(store: &Store, view: View) -> Vec<(String, String)> {
    let snapshot = store.snapshot();
    let scan = snapshot.dataset("items").unwrap().scan().columns(["ITEM_ID", "TITLE"]).view(view);
    let mut rows = Vec::new();
    for batch in scan.batches().unwrap() {
        for record in restock::records(&batch.unwrap()).unwrap() {
            let text =
                |name| record.get(name).and_then(restock::Value::as_str).unwrap_or_default().to_owned();
            rows.push((text("ITEM_ID"), text("TITLE")));
        }
    }
    rows.sort_unstable();
    assert!(rows.len() <= IMPORTED_ROWS as usize * 2);
    rows
}
