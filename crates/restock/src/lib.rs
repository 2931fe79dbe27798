//! Restock's restock crate.

mod near;
mod record;
mod sink;
mod source;

pub use record::{InvalidRecord, Record, Value};
pub use source::{Format, SourceError};
