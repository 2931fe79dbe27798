//! Copies: a snapshot as a store of its own.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::files::{LOG, MANIFEST, MANIFEST_NEXT, SEGMENTS};
use crate::ids::SegmentIds;
use crate::manifest;
use crate::open;
use crate::snapshot::Snapshot;
use crate::storage::Storage;
use crate::store::{Store, vacant};

impl Store {
    /// Makes a store at `path` that holds what `snapshot` (of this store) shows, with history and what is
    /// kept for undo. Immutable files are hard links where both lie on one file system.
    ///
    /// # Errors
    /// [`Error::NotEmpty`]; [`Error::Locked`]; damage in what unflushed puts touch; a full disk and other I/O
    /// errors, after which there is an empty folder at `path`, to which a copy can be made.
    pub fn copy_to(&self, snapshot: &Snapshot, path: impl AsRef<Path>) -> Result<()> {
        self.copy_into(snapshot, Arc::new(vacant(path.as_ref())?))
    }

    /// As [`copy_to`](Self::copy_to), into an empty storage.
    ///
    /// # Errors
    /// As [`copy_to`](Self::copy_to).
    pub fn copy_into(&self, snapshot: &Snapshot, target: Arc<dyn Storage>) -> Result<()> {
        let path = open::shown(&*target);
        // Nobody may make a store there, or copy another one to it, meanwhile.
        let _lock = open::lock(&*target, &path)?;
        let not_empty = |detail: &str| Error::NotEmpty { path: path.clone(), detail: detail.into() };
        if open::has_manifest(&*target)? {
            return Err(not_empty("is a Restock store already"));
        }
        open::check_vacant(&*target).map_err(|error| match error {
            Error::Damaged { .. } => not_empty("holds files of a store, or of a copy that was interrupted"),
            other => other,
        })?;
        let failed = |e| Error::io("copy the store", e);
        target.create_dir(SEGMENTS).map_err(failed)?;
        target.create_dir(LOG).map_err(failed)?;
        // The copy begins without a log: what the snapshot sees of this one's is folded into segments.
        let ids = Arc::new(SegmentIds::new(snapshot.base().next_segment));
        let mut draft = Draft::new(snapshot.base(), snapshot.version(), target.clone(), ids.clone());
        draft.base.log = None;
        for (path, bytes) in draft.base.files() {
            self.take_over(&*target, &path, &bytes).map_err(|e| Error::io(format!("copy {path}"), e))?;
            draft.created(path);
        }
        draft.fold(snapshot.tail(), snapshot.version())?;
        draft.store_vectors()?;
        draft.base.next_segment = ids.peek();
        for folder in [SEGMENTS, LOG, ""] {
            target.sync_dir(folder).map_err(failed)?;
        }
        let (base, spare) = draft.finish();
        let written = manifest::write(&*target, &base.to_manifest());
        let remove = |path: &str| {
            // What cannot be removed is swept at the next opening for writing.
            drop(target.remove(path));
        };
        if written.is_err() {
            // First what makes a store of the files.
            [MANIFEST, MANIFEST_NEXT].into_iter().for_each(remove);
            base.files().keys().for_each(|path| remove(path));
        }
        spare.iter().for_each(|path| remove(path));
        written
    }

    /// A file as a link; if the writer removed it meanwhile, from the mapping that the snapshot holds.
    fn take_over(&self, target: &dyn Storage, path: &str, bytes: &Bytes) -> io::Result<()> {
        match target.link_from(&*self.storage, path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            linked => return linked,
        }
        let mut file = target.create(path)?;
        file.write_all(bytes).and_then(|()| file.sync()).inspect_err(|_| drop(target.remove(path)))
    }
}
