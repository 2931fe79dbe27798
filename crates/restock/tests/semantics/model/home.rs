//! Where the store of a run lies.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restock::{MemoryStorage, Storage, Store};
use tempfile::TempDir;

/// A folder or memory, with room beside it.
pub struct Home {
    room: TempDir,
    memory: Option<Arc<dyn Storage>>,
    folders: usize,
    store: PathBuf,
}

impl Home {
    pub fn on_disk() -> Home {
        let room = TempDir::new().unwrap();
        let store = room.path().join("store");
        Home { room, memory: None, folders: 0, store }
    }

    pub fn in_memory() -> Home {
        Home::on(Arc::new(MemoryStorage::new()))
    }

    /// A store on a storage of the caller's.
    pub fn on(storage: Arc<dyn Storage>) -> Home {
        Home { memory: Some(storage), ..Home::on_disk() }
    }

    pub fn open(&self) -> restock::Result<Store> {
        match &self.memory {
            Some(storage) => Store::open_storage(storage.clone()),
            None => Store::open(&self.store),
        }
    }

    /// The folder of the store, if it lies in one.
    pub fn folder(&self) -> Option<&Path> {
        self.memory.is_none().then_some(&*self.store)
    }

    /// A path that nothing is at yet.
    pub fn fresh(&mut self, name: &str) -> PathBuf {
        self.folders += 1;
        self.room.path().join(format!("{name}-{}", self.folders))
    }

    /// Lives on in the store of another folder.
    pub fn move_to(&mut self, folder: PathBuf) {
        self.store = folder;
    }

    /// Every file of the store with its length, by path.
    pub fn listing(&self) -> Vec<(PathBuf, u64)> {
        self.folder().map(|folder| listing(folder).unwrap()).unwrap_or_default()
    }
}

fn listing(folder: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(listing(&entry.path())?);
        } else {
            files.push((entry.path(), entry.metadata()?.len()));
        }
    }
    files.sort();
    Ok(files)
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
