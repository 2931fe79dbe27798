//! Restock's csv crate.
