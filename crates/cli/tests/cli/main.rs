//! The `restock` binary over real files: one module a behaviour.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bench;
mod beside_writer;
mod demo;
mod exit_status;
mod exports;
mod help;
mod hostile;
mod imports;
mod interrupt;
mod json_names;
#[cfg(unix)]
mod kills;
mod messages;
mod pipes;
mod portable;
mod put_stream;
mod scans;
#[cfg(all(unix, feature = "serve"))]
mod serve;
mod shop;
mod streams;
