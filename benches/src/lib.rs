//! Data for benchmarks: generated, seeded, in the shapes of real recommender data.

mod interactions;

pub use interactions::{INTERACTIONS, Interactions};
