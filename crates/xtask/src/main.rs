//! Restock xtask.
fn main() {}
