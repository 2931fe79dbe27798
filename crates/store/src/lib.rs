//! The store under Restock: durable columnar segments, key indexes, deletion vectors, a record log, and a
//! manifest whose replacement is the commit.
//!
//! Data flows one way: batches of an [`Import`] become a segment, the segment is named by a commit, a
//! [`Snapshot`] shows what was committed, a [`Scan`] reads it. Rows put one by one go through the record log
//! and are folded into segments of their own. This crate knows Arrow batches and schemas; files of CSV and
//! the like are read by the crates above.
//!
//! `docs/format.md` describes every file to the byte, `docs/durability.md` the order of writes.

mod batch;
mod behind;
mod compact;
mod copy;
mod datasets;
mod delete_users;
mod draft;
mod error;
mod files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
#[expect(clippy::panic, reason = "a fuzz target fails by panicking")]
pub mod fuzzing;
mod hex;
mod holder;
mod ids;
mod import;
mod keys;
mod log;
mod manifest;
mod open;
mod owner;
mod pending;
mod prefetch;
mod put;
mod row;
mod segment;
mod snapshot;
mod state;
mod storage;
mod store;
mod sync;
mod tail;
mod threads;
mod turn;
mod undo;
mod vectors;
mod verify;
mod writer;

pub use batch::Change;
pub use compact::CleanReport;
pub use datasets::NewDataset;
pub use delete_users::DeleteUsersReport;
pub use error::{Error, Result};
pub use import::{BatchEncoder, Encoded, Import, ImportOutcome, ImportRequest};
pub use manifest::{Commit, CommitKind, ImportMode, LastImport, RowCounts};
pub use put::{DeleteReport, Durability, PendingPut, PutReport};
pub use row::Cell;
pub use snapshot::{
    Batches, DatasetInfo, DatasetSnapshot, FilterValue, FoundRecord, MaskedBatch, MaskedBatches, Scan,
    Snapshot, StoreInfo, View,
};
pub use storage::{FsStorage, Lock, LockGuard, MemoryStorage, Storage, WriteFile};
pub use store::Store;
pub use turn::Cancel;
pub use undo::UndoReport;
pub use verify::VerifyReport;
