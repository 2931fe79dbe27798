//! Restock's store crate.
