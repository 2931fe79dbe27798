//! Restock's restock crate.
