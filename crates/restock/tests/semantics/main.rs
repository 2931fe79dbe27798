//! The rules S1 to S12 at the face of the library: a model test of all of them at once, and a module for each rule
//! that shows it on a few rows. `docs/semantics.md` says the rules in words.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod catalog;
mod crash;
mod differential;
mod export;
mod model;
mod s01_full;
mod s02_incremental;
mod s03_full_first;
mod s04_views;
mod s05_duplicates;
mod s06_all_or_nothing;
mod s07_put;
mod s08_delete;
mod s09_snapshots;
mod s10_undo;
mod s11_order;
mod s12_errors;
mod shelf;
mod threads;
