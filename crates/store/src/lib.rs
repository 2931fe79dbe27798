//! Restock's store crate.

mod storage;

pub use storage::{FsStorage, Lock, LockGuard, MemoryStorage, Storage, WriteFile};
