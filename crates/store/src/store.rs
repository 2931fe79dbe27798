//! The handle of a store.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::error::{Error, Result};
use crate::files::{LOCK, LOG, MANIFEST, MANIFEST_NEXT, SEGMENTS};
use crate::manifest::Commit;
use crate::open;
use crate::snapshot::{Snapshot, StoreInfo};
use crate::storage::{FsStorage, MemoryStorage, Storage};
use crate::writer::{Shared, Writer, current};

/// An open store: one directory, or memory. One process writes, any number read.
///
/// Cheap to clone; clones share one store. The writer's lock is free when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) shared: Shared,
    writer: Option<Arc<Writer>>,
}

impl Store {
    pub(crate) fn from_parts(storage: Arc<dyn Storage>, shared: Shared, writer: Option<Writer>) -> Store {
        Store { storage, shared, writer: writer.map(Arc::new) }
    }

    /// Opens the store in a folder for writing; makes one if the folder is missing or empty.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NotEmpty`], [`Error::Damaged`], [`Error::NewerFormat`], [`Error::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Store> {
        let path = path.as_ref();
        if path.join(MANIFEST).exists() { Store::open_existing(path) } else { Store::create(path) }
    }

    /// Makes a store in a folder that is missing or empty, and opens it for writing.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], [`Error::Locked`], [`Error::Io`].
    pub fn create(path: impl AsRef<Path>) -> Result<Store> {
        let path = path.as_ref();
        open::writable(Arc::new(vacant(path)?), true)
    }

    /// Opens a store that exists for writing.
    ///
    /// # Errors
    /// [`Error::NotAStore`], [`Error::Locked`], [`Error::Damaged`], [`Error::NewerFormat`], [`Error::Io`].
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Store> {
        open::writable(existing(path.as_ref())?, false)
    }

    /// Opens a store for reading: no lock, works beside a writer in this or another process, and sees the
    /// version of that moment until [`refresh`](Self::refresh).
    ///
    /// # Errors
    /// [`Error::NotAStore`], [`Error::Damaged`], [`Error::NewerFormat`], [`Error::Io`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Store> {
        open::readable(existing(path.as_ref())?)
    }

    /// A store in memory, gone with its last handle.
    ///
    /// # Errors
    /// None in practice.
    pub fn in_memory() -> Result<Store> {
        Store::open_storage(Arc::new(MemoryStorage::new()))
    }

    /// Opens for writing, or makes, a store on any storage.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_storage(storage: Arc<dyn Storage>) -> Result<Store> {
        open::writable(storage, true)
    }

    /// Opens a store on any storage for reading.
    ///
    /// # Errors
    /// As [`open_read_only`](Self::open_read_only).
    pub fn open_storage_read_only(storage: Arc<dyn Storage>) -> Result<Store> {
        open::readable(storage)
    }

    /// The writer, before any of its locks is asked for: in a fork one may be held for ever.
    pub(crate) fn writer(&self, action: &'static str) -> Result<&Writer> {
        let writer = self.writer.as_deref().ok_or(Error::ReadOnly { action })?;
        writer.owner.check()?;
        Ok(writer)
    }

    /// Tells others at which URL this process answers for the store: the error of whoever wants to write names it.
    ///
    /// # Errors
    /// A read-only store; `LOCK` cannot be written.
    pub fn announce(&self, url: &str) -> Result<()> {
        self.writer("announce")?.announce(url)
    }

    /// Whether this process writes through the handle. A fork of the writer does not.
    pub(crate) fn writes(&self) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer.owner.is_here())
    }

    /// Whether the handle only reads. A writer's does in a fork of its process.
    pub fn is_read_only(&self) -> bool {
        !self.writes()
    }

    /// The folder, if the store lies in one.
    pub fn path(&self) -> Option<&Path> {
        self.storage.root()
    }

    /// An immutable view of all datasets as they are now (S9).
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(current(&self.shared))
    }

    /// Brings a read-only handle to the newest version, the log's tail included, and never back behind one
    /// that it has shown. A writer is always there.
    ///
    /// # Errors
    /// As opening.
    pub fn refresh(&self) -> Result<()> {
        if self.writes() {
            return Ok(());
        }
        let before = current(&self.shared);
        let (newer, _) = open::read(&*self.storage, Some(&before))?;
        let mut present = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have brought it further meanwhile.
        if newer.visible.load(Ordering::Acquire) >= present.visible.load(Ordering::Acquire) {
            *present = Arc::new(newer);
        }
        Ok(())
    }

    /// The commits since the beginning, or the last thousand, oldest first; flushes, compactions and hidden
    /// datasets left out.
    pub fn history(&self) -> Vec<Commit> {
        let visible = |commit: &&Commit| commit.dataset.as_ref().is_none_or(|name| !name.is_hidden());
        current(&self.shared).base.history.iter().filter(visible).cloned().collect()
    }

    /// What the store holds, told without reading its data.
    ///
    /// # Errors
    /// Damage in what unflushed puts touch.
    pub fn info(&self) -> Result<StoreInfo> {
        self.snapshot().info()
    }
}

/// The folder of a store to be: made, or found empty.
pub(crate) fn vacant(path: &Path) -> Result<FsStorage> {
    let not_empty =
        |detail: &str| Error::NotEmpty { path: path.display().to_string(), detail: detail.into() };
    let failed = |e| Error::io(format!("make {}", path.display()), e);
    if path.join(MANIFEST).exists() {
        return Err(not_empty("is a Restock store already"));
    }
    if path.is_file() {
        return Err(not_empty("is a file"));
    }
    let storage = FsStorage::create(path).map_err(failed)?;
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        // A process that died while it made a store leaves these.
        if ![LOCK, SEGMENTS, LOG, MANIFEST_NEXT].iter().any(|ours| name == **ours) {
            return Err(not_empty("is not empty"));
        }
    }
    Ok(storage)
}

/// The folder of a store that is to be there.
pub(crate) fn existing(path: &Path) -> Result<Arc<dyn Storage>> {
    if !path.is_dir() {
        let path = path.display().to_string();
        let detail = match std::fs::metadata(&path) {
            Ok(_) => "it is a file".to_owned(),
            Err(_) => format!("there is no such folder; `restock init {path}` makes a store there"),
        };
        return Err(Error::NotAStore { path, detail });
    }
    let opened = FsStorage::open(path).map_err(|e| Error::io(format!("open {}", path.display()), e))?;
    Ok(Arc::new(opened))
}
