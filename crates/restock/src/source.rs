//! Sources: what an import reads, from the user's words for it down to record batches.

mod error;
mod format;
mod jsonl;
mod location;
mod stream;
mod target;

pub use error::SourceError;
pub use format::Format;
