//! The one way to the bytes of a store: everything it reads and writes goes through [`Storage`].
//!
//! The trait says what a disk promises and no more, so that memory ([`MemoryStorage`]), a file system
//! ([`FsStorage`]) and a simulated disk that loses power are interchangeable:
//!
//! * a written byte is durable after `sync` of its file **and** `sync_dir` of the folder that names it;
//! * a file is written once, through the handle that created it, and is never truncated; so a mapping
//!   stays valid for as long as somebody holds it, even after the file was removed;
//! * a rename replaces its target as a whole and is durable after `sync_dir`.

mod fs;
mod map;
mod memory;
mod paths;

#[cfg(test)]
pub(crate) mod faulty;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use bytes::Bytes;

pub use fs::FsStorage;
pub use memory::MemoryStorage;

/// Access to the files of one store.
///
/// Paths are relative to the store and separated by `/`: `MANIFEST`, `segments/12.arrow`; a folder is
/// named the same way, the store's root by the empty string. A path that could leave the store is refused
/// with [`io::ErrorKind::InvalidInput`]. Every error names the file and keeps the kind of its cause, so
/// that [`io::ErrorKind::StorageFull`] and [`io::ErrorKind::NotFound`] stay recognisable.
pub trait Storage: Send + Sync + fmt::Debug {
    /// Makes a new, empty file and opens it for writing.
    ///
    /// # Errors
    /// `AlreadyExists` if there is one of that name, `NotFound` if its folder is missing.
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>>;

    /// Reads the file as it is now, whole.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.read_at(path, 0)
    }

    /// Reads from byte `offset` to the end of the file as it is now; nothing if it is not that long.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn read_at(&self, path: &str, offset: u64) -> io::Result<Vec<u8>>;

    /// At most `bytes` bytes from `offset` on, fewer where the file ends.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn read_range(&self, path: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let mut read = self.read_at(path, offset)?;
        read.truncate(bytes);
        Ok(read)
    }

    /// The content of a finished file without a copy: mapped, or shared in memory, aligned to 64 bytes.
    /// It stays valid after the file was removed.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn map(&self, path: &str) -> io::Result<Bytes>;

    /// The length of a file in bytes.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn len(&self, path: &str) -> io::Result<u64>;

    /// Gives `from` the name `to`, replacing the file of that name in one step.
    ///
    /// # Errors
    /// `NotFound` if there is no `from`, or what the system reports.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Who holds its mapping keeps its bytes.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// The names of the files (not the folders) in a folder, sorted.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;

    /// Makes a folder; one that exists is fine.
    ///
    /// # Errors
    /// `NotFound` if the folder above it is missing, or what the system reports.
    fn create_dir(&self, dir: &str) -> io::Result<()>;

    /// Makes durable which files the folder holds and under which names.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;

    /// Takes the lock that `path` stands for if it is free, and writes `text` to the file for others to
    /// read. The file is made if it is missing and never removed: that it exists means nothing.
    ///
    /// # Errors
    /// What the system reports; that somebody holds the lock is the answer [`Lock::Busy`].
    fn lock(&self, path: &str, text: &str) -> io::Result<Lock>;

    /// How many bytes may still be written, where that is known.
    ///
    /// # Errors
    /// What the system reports.
    fn free_bytes(&self) -> io::Result<Option<u64>>;

    /// Takes over a finished file of another store under the same path: as a second name of the same
    /// bytes where both lie on one file system, else as a copy. The bytes are durable on return if they
    /// were so in `source`; the name is so after [`sync_dir`](Self::sync_dir).
    ///
    /// # Errors
    /// `AlreadyExists`, `NotFound`, or what the system reports; then there is no file of that name.
    fn link_from(&self, source: &dyn Storage, path: &str) -> io::Result<()> {
        copy_file(source, self, path)
    }

    /// The folder of a store that lies in a file system.
    fn root(&self) -> Option<&Path> {
        None
    }
}

/// A new file that is being written.
///
/// [`Write`] appends behind what `Write` wrote before; [`write_at`](Self::write_at) does not move that end.
pub trait WriteFile: Write + Send + fmt::Debug {
    /// Writes all of `bytes` at `offset`. A gap before it reads as zeros.
    ///
    /// # Errors
    /// What the system reports; then any part of the bytes may have been written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes content and metadata durable.
    ///
    /// # Errors
    /// What the system reports; then nothing may be assumed of what was written since the last sync.
    fn sync(&mut self) -> io::Result<()>;

    /// Makes the content durable, and of the metadata what is needed to read it.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    fn sync_data(&mut self) -> io::Result<()>;

    /// A hint: start to write out what `Write` appended so far, without waiting for it, so that a later
    /// sync has less to do.
    fn start_writeback(&mut self) {}

    /// The end of the furthest byte written through this handle.
    fn size(&self) -> u64;
}

/// The answer to [`Storage::lock`].
#[derive(Debug)]
pub enum Lock {
    /// The lock is ours until the guard is dropped or the process ends.
    Held(Box<dyn LockGuard>),
    /// Another handle, in this process or another, holds it.
    Busy {
        /// What the holder wrote; empty if it has not come to that yet.
        text: String,
    },
}

/// A lock that is held; dropping it frees the lock.
pub trait LockGuard: Send + Sync + fmt::Debug {
    /// Replaces the text that others read from the lock's file.
    ///
    /// # Errors
    /// What the system reports; the lock is held all the same.
    fn set_text(&self, text: &str) -> io::Result<()>;
}

/// Makes a file whose name is the next commit's, so that nothing can name one that is there: left by an attempt
/// that failed and could not clean up, it gives way.
pub(crate) fn create_anew<T>(
    storage: &dyn Storage,
    path: &str,
    create: impl Fn() -> io::Result<T>,
) -> io::Result<T> {
    match create() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            storage.remove(path)?;
            create()
        }
        created => created,
    }
}

/// Copies a file to the same path of another store, durably but for its name.
fn copy_file<S: Storage + ?Sized>(source: &dyn Storage, target: &S, path: &str) -> io::Result<()> {
    let bytes = source.map(path)?;
    let mut file = target.create(path)?;
    let copied = file.write_all(&bytes).and_then(|()| file.sync());
    if copied.is_err() {
        // The caller must see why the copy failed, not why the clean-up did.
        let _ = target.remove(path);
    }
    copied
}
