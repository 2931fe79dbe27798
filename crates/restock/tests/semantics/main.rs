//! The rules S1 to S12 at the face of the library: a model test of all of them at once, and a module for each rule
//! that shows it on a few rows. `docs/semantics.md` says the rules in words.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod model;
mod shelf;
