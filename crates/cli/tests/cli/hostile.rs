//! Hostile input: bounded memory, a clear error, the store unchanged.
//!
//! Each case runs the binary and watches it, and prints what it took. The inputs are as large as a quick test can be;
//! with `RESTOCK_HOSTILE=full` (`cargo xtask trust hostile`) as large as docs/limits.md speaks of.

mod bombs;
mod changes;
mod devices;
mod errors;
mod json;
mod limits;
mod lists;
mod names;
mod records;
mod schemas;
mod sources;
mod stores;
mod typed;
mod watched;

/// The size of an input: as quick tests have it, or in full.
fn size(quick: u64, full: u64) -> u64 {
    if std::env::var("RESTOCK_HOSTILE").is_ok_and(|value| value == "full") { full } else { quick }
}
