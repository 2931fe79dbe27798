//! Sources: what an import reads, from the user's words for it down to record batches.

mod clock;
mod error;
mod format;
mod glob;
mod jsonl;
mod location;
mod original;
mod pipeline;
mod stream;
mod target;
mod typed;
mod waiting;

pub use error::SourceError;
pub(crate) use error::display;
pub use format::Format;
pub(crate) use jsonl::{BYTE_ORDER_MARK, JsonLines};
pub(crate) use location::{Input, resolve};
pub(crate) use pipeline::{Source, SourceSummary, run};
pub(crate) use stream::{ByteStream, Watch, extension};
pub(crate) use target::{SourceOptions, Target, UnknownKeys};
pub use typed::panic_is_caught;
