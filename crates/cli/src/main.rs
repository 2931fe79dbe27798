//! Restock cli.
fn main() {}
