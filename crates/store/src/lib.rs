//! Restock's store crate.

mod log;
mod storage;

pub use storage::{FsStorage, Lock, LockGuard, MemoryStorage, Storage, WriteFile};
