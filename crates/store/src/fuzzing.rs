//! What the fuzz targets of `crates/fuzz` need of the inside: one function a target. Each takes any bytes and
//! panics where a reader breaks a promise; that it panics, hangs or takes much memory is a finding, too.
//!
//! A checksum would end nearly every input at the door. So the targets write the sums that the bytes ask for,
//! as a forger would, and what stands behind the sums is reached (docs/durability.md: a forged file must not
//! crash a reader).

mod input;
mod store;

pub use crate::keys::fuzzing::keys;
pub use crate::log::fuzzing::log;
pub use crate::manifest::fuzzing::manifest;
pub use crate::segment::fuzzing::segment;
pub use crate::vectors::fuzzing::vectors;
pub use store::store;

pub(crate) use input::Input;

use std::io::Write;

use crate::storage::{MemoryStorage, Storage};

/// A store's folders with one file in them.
pub(crate) fn storage_with(path: &str, bytes: &[u8]) -> MemoryStorage {
    let storage = MemoryStorage::new();
    for folder in [crate::files::SEGMENTS, crate::files::LOG] {
        assert!(storage.create_dir(folder).is_ok());
    }
    add(&storage, path, bytes);
    storage
}

/// Adds a file, unless there is one of that name.
pub(crate) fn add(storage: &MemoryStorage, path: &str, bytes: &[u8]) {
    if let Ok(mut file) = storage.create(path) {
        assert!(file.write_all(bytes).is_ok());
    }
}
