//! What the store has to hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use restock::{Store, View};

use super::titles;
use crate::shop::Shop;

pub const IMPORTED_ROWS: u64 = 20_000;
/// Puts go round so many record IDs, so that later ones replace earlier ones.
const PUT_IDS: u64 = 500;

#[derive(Default)]
pub struct Books {
    /// Imports tried, committed or not.
    generation: u64,
    /// The imported rows: the generation that each ID has.
    bulk: BTreeMap<u64, u64>,
    /// Puts that are there: the first so many of all.
    puts: u64,
}

impl Books {
    /// The lines of the puts that come next, without end. One in forty is long: the log is flushed every few hundred.
    pub fn lines(&self) -> impl Iterator<Item = String> + Send + use<> {
        let first = self.puts;
        (first..).map(|put| {
            let title = title(put);
            format!("{{\"ITEM_ID\": \"p{}\", \"TITLE\": \"{title}\"}}\n", put % PUT_IDS)
        })
    }

    /// The file that comes next: a FULL of all IDs, or an INCREMENTAL of every second and of as many new ones.
    pub fn file(&self, full: bool) -> String {
        let mut text = "ITEM_ID,TITLE,PRICE,GENRE\n".to_owned();
        for id in ids(full) {
            writeln!(text, "b{id},g{},1.5,Drama", self.generation).unwrap();
        }
        text
    }

    /// Imports once, and says how long that takes.
    pub fn time_an_import(&mut self, shop: &Shop) -> Duration {
        shop.write("next.csv", self.file(true));
        let began = Instant::now();
        shop.run(["import", "s", "items", "next.csv"]).ok();
        let took = began.elapsed();
        assert!(self.check_import(shop, true));
        took
    }

    /// After puts: of the lines that came next the first so many are there, the acknowledged ones at least.
    pub fn check_puts(&mut self, shop: &Shop, acknowledged: u64) {
        let store = Store::open_read_only(shop.path("s")).unwrap();
        let last = titles(&store, View::Individual).iter().map(|(_, title)| number_in(title)).max();
        let there = last.map_or(0, |last| last + 1);
        assert!(
            there >= self.puts + acknowledged,
            "{acknowledged} puts were acknowledged after {}, {there} are there",
            self.puts
        );
        self.puts = there;
        self.check(shop);
    }

    /// After an import: whether it is there, whole.
    pub fn check_import(&mut self, shop: &Shop, full: bool) -> bool {
        let store = Store::open_read_only(shop.path("s")).unwrap();
        let generation = format!("g{}", self.generation);
        let whole = titles(&store, View::Bulk).iter().any(|(_, title)| *title == generation);
        if whole {
            if full {
                self.bulk.clear();
            }
            self.bulk.extend(ids(full).map(|id| (id, self.generation)));
        }
        self.generation += 1;
        self.check(shop);
        whole
    }

    /// The store holds what the books say: for a reader, for the next writer, and for `verify`.
    pub fn check(&self, shop: &Shop) {
        let mut bulk: Vec<_> =
            self.bulk.iter().map(|(id, by)| (format!("b{id}"), format!("g{by}"))).collect();
        bulk.sort_unstable();
        let mut individual: Vec<_> = (self.puts.saturating_sub(PUT_IDS)..self.puts)
            .map(|put| (format!("p{}", put % PUT_IDS), title(put)))
            .collect();
        individual.sort_unstable();
        let reader = Store::open_read_only(shop.path("s")).unwrap();
        // The killed process's lock is free, and its leftovers are removed.
        let writer = Store::open_existing(shop.path("s")).unwrap();
        for store in [reader, writer.clone()] {
            assert!(titles(&store, View::Bulk) == bulk, "the imported rows are neither old nor new");
            assert!(
                titles(&store, View::Individual) == individual,
                "the puts are not a prefix of what was put"
            );
        }
        drop(writer);
        let report = Store::verify_path(shop.path("s")).unwrap();
        assert!(report.is_ok() && report.leftover.is_empty(), "{report:?}");
    }
}

fn ids(full: bool) -> impl Iterator<Item = u64> {
    let step = if full { 1 } else { 2 };
    (0..IMPORTED_ROWS).map(move |row| row * step)
}

/// The title of a put: its number, and for one in forty many bytes.
fn title(put: u64) -> String {
    let bytes = if put % 40 == 7 { 60_000 } else { put as usize % 50 };
    format!("{put} {}", "x".repeat(bytes))
}

fn number_in(title: &str) -> u64 {
    title.split(' ').next().unwrap().parse().unwrap()
}
