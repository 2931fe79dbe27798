//! Records: rows by column name, for what is put by hand and what is read one by one.

mod cells;
mod column;
mod convert;
mod dictionary;
mod value;

pub(crate) use cells::Cells;
pub(crate) use column::{Column, EMPTY_ID, Mismatch, Scalar, expected, limited};
pub use convert::InvalidRecord;
pub(crate) use convert::{batch_of, to_batch, typed_batch};
pub(crate) use dictionary::dictionary;
pub(crate) use restock_store::Cell;
pub use value::{Record, Value};

#[cfg(test)]
mod tests;
