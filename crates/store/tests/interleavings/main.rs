//! Interleavings of threads inside the process, tried by a scheduler: the log's group commit, the swap of versions, and
//! deletes and puts that race the commit of an import.
//!
//! Built with the feature `shuttle`, under which every lock and counter of the store is a place where another thread may
//! go on. `RESTOCK_INTERLEAVINGS=20000` asks for so many of each test; a failure prints the schedule that led to it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod disk;
mod group_commit;
mod history;
mod races;
mod rows;

/// Interleavings of a test unless `RESTOCK_INTERLEAVINGS` says otherwise.
const TRIED: usize = 300;

/// Tries a scenario under random schedules, and under such that hold threads back for long.
fn interleave(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    let tried = std::env::var("RESTOCK_INTERLEAVINGS").map_or(TRIED, |text| text.parse().unwrap());
    shuttle::check_random(scenario.clone(), tried / 2);
    shuttle::check_pct(scenario, tried / 2, 3);
    println!("interleavings: {tried}");
}
