//! Restock's schema crate.
