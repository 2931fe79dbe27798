//! One file a command: its arguments, what it does, what it prints.

pub(crate) mod alter;
pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod copy;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod delete_users;
pub(crate) mod demo;
pub(crate) mod draft_schema;
pub(crate) mod drop;
pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod load;
pub(crate) mod put;
pub(crate) mod scan;
pub(crate) mod schema;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod undo;
pub(crate) mod vacuum;
pub(crate) mod verify;

mod choice;
mod conditions;
mod ids;
mod schema_file;
#[cfg(feature = "serve")]
mod server;
mod target;
