//! Copies: a snapshot as a store of its own.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::files::{LOG, MANIFEST, SEGMENTS};
use crate::manifest;
use crate::snapshot::Snapshot;
use crate::storage::{FsStorage, Storage};
use crate::store::Store;

impl Store {
    /// Makes a store at `path` that holds what `snapshot` (of this store) shows, with history and what is
    /// kept for undo. Immutable files are hard links where both lie on one file system.
    ///
    /// # Errors
    /// [`Error::NotEmpty`]; a snapshot whose files a later commit already removed; I/O errors.
    pub fn copy_to(&self, snapshot: &Snapshot, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let not_empty =
            |detail: &str| Error::NotEmpty { path: path.display().to_string(), detail: detail.into() };
        let failed = |e| Error::io(format!("make {}", path.display()), e);
        if path.is_file() {
            return Err(not_empty("is a file"));
        }
        std::fs::create_dir_all(path).map_err(failed)?;
        if std::fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(not_empty("is not empty"));
        }
        self.copy_into(snapshot, Arc::new(FsStorage::open(path).map_err(failed)?))
    }

    /// As [`copy_to`](Self::copy_to), into an empty storage.
    ///
    /// # Errors
    /// As [`copy_to`](Self::copy_to).
    pub fn copy_into(&self, snapshot: &Snapshot, target: Arc<dyn Storage>) -> Result<()> {
        let failed = |e| Error::io("copy the store", e);
        target.create_dir(SEGMENTS).map_err(failed)?;
        target.create_dir(LOG).map_err(failed)?;
        // The writer goes on meanwhile and removes what its own manifest no longer names: what is missing
        // is taken from a newer snapshot.
        let base = snapshot.base();
        for path in base.files().into_keys() {
            let linked = if path.starts_with(LOG) {
                self.copy_log(snapshot, &*target, &path)
            } else {
                target.link_from(&*self.storage, &path)
            };
            linked.map_err(|e| match e.kind() {
                std::io::ErrorKind::NotFound => Error::Refused(format!(
                    "{path} was replaced while the store was copied; copy a newer snapshot"
                )),
                _ => Error::io(format!("copy {path}"), e),
            })?;
        }
        target.sync_dir(SEGMENTS).and_then(|()| target.sync_dir(LOG)).map_err(failed)?;
        manifest::write(&*target, &base.to_manifest()).map_err(|e| Error::Refused(format!("{MANIFEST}: {e}")))
    }

    /// The log up to the snapshot's version: frames behind it are left out.
    fn copy_log(&self, snapshot: &Snapshot, target: &dyn Storage, path: &str) -> std::io::Result<()> {
        let bytes = self.storage.read(path)?;
        let first_version = snapshot.base().log.map_or(0, |log| log.first_version);
        let replayed = crate::log::replay(&bytes.clone().into(), first_version, 0);
        let end = match replayed {
            Ok(replayed) => {
                let behind = replayed.frames.iter().find(|frame| frame.version > snapshot.version());
                behind.map_or(replayed.end, |frame| frame.offset)
            }
            Err(error) => {
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, error.to_string()));
            }
        };
        let mut file = target.create(path)?;
        file.write_at(0, bytes.get(..end as usize).unwrap_or_default())?;
        // Zeros say that the log ends here, and not in the middle of a frame.
        file.write_at(end, &[0; 64])?;
        file.sync()
    }
}
