//! Data for benchmarks: generated, seeded, in the shapes of real recommender data, with the answers that every engine
//! must give of it.

mod anonymous;
mod digits;
mod interactions;
mod items;
mod random;
mod rows;
mod users;
mod words;

pub use anonymous::AnonymousPeak;
pub use interactions::{INTERACTIONS, Interactions, InteractionsTruth};
pub use items::{ITEMS, Items};
pub use rows::{Csv, Rows};
pub use users::{USERS, Users};

#[cfg(test)]
mod tests;
