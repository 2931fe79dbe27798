//! Data for benchmarks: generated, seeded, in the shapes of real recommender data, with the answers that every engine
//! must give of it.

pub mod answers;

mod anonymous;
mod digits;
mod gets;
mod interactions;
mod item;
mod items;
mod random;
mod rows;
mod top;
mod turns;
mod users;
mod words;

pub use anonymous::AnonymousPeak;
pub use gets::gets;
pub use interactions::{INTERACTIONS, Interactions, InteractionsTruth};
pub use item::{Item, PUTS, Sample, Sums, put_item};
pub use items::{ITEMS, Items};
pub use rows::{Csv, Rows};
pub use turns::{TURNS, median, timed};
pub use users::{USERS, Users};

#[cfg(test)]
mod tests;
