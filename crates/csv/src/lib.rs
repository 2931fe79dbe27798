//! CSV bytes to Arrow record batches: in the order and the types of a schema, in parallel, and exactly as a serial
//! reader would.
//!
//! [`read`] does a whole file. It is made of parts that a pipeline can arrange otherwise:
//!
//! - [`ChunkReader`] reads the header and cuts the rest into [`Chunk`]s where, by the parity of quotes, a record most
//!   likely ends;
//! - [`Plan::parse`] turns a chunk into batches and errors, on any thread;
//! - [`Sequence`] takes the parsed chunks in order and checks that each began at the very byte where the one before
//!   ended a record; where not, it parses that chunk again. So a wrong guess costs time, never rows;
//! - [`ordered`] runs such a pipeline on threads.
//!
//! What a file may look like and which texts are values is written down in `docs/csv.md`; [`values`] has the rules for
//! other textual formats. A record that breaks a rule becomes a [`RecordError`] with its place; what loses the record
//! boundary ends the reading with a [`CsvError`].

mod batch;
mod chunk;
mod columns;
mod encoding;
mod error;
mod fault;
mod header;
mod options;
mod ordered;
mod pages;
mod parse;
mod plan;
mod read;
mod record_checks;
mod recycler;
mod scan;
mod sequence;
mod space;
mod strings;
mod target;
pub mod values;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(any(test, feature = "fuzzing"))]
#[expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]
mod reference;
#[cfg(test)]
mod tests;

pub use chunk::{Chunk, ChunkReader};
pub use error::{CsvError, CsvErrorKind, RecordError};
pub use header::rename_option;
pub use options::{Escape, Header, Limits, Options, Rename};
pub use ordered::ordered;
pub use parse::{Parsed, Reject};
pub use plan::Plan;
pub use read::read;
pub use sequence::{Block, Sequence, Summary};
pub use target::Target;
