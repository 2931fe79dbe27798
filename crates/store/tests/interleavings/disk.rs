//! Memory that knows what was synced, and whose syncs may fail.

use std::collections::HashMap;
use std::io::{self, Write};

use bytes::Bytes;
use restock_store::{Lock, MemoryStorage, Storage, WriteFile};
use shuttle::sync::atomic::{AtomicU64, Ordering::SeqCst};
use shuttle::sync::{Arc, Mutex};

/// Clones are the same disk.
#[derive(Clone, Debug)]
pub struct Disk {
    memory: MemoryStorage,
    synced: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    /// Syncs of the log that succeed before all fail.
    syncs_left: Arc<AtomicU64>,
}

impl Disk {
    pub fn new() -> Disk {
        Disk {
            memory: MemoryStorage::new(),
            synced: Arc::default(),
            syncs_left: Arc::new(AtomicU64::new(u64::MAX)),
        }
    }

    /// After so many syncs of the log, all fail.
    pub fn fail_after(&self, syncs: u64) {
        self.syncs_left.store(syncs, SeqCst);
    }

    /// Whether these bytes are in a file as it was last synced.
    pub fn has_synced(&self, bytes: &[u8]) -> bool {
        let synced = self.synced.lock().unwrap();
        synced.values().any(|content| content.windows(bytes.len()).any(|window| window == bytes))
    }
}

impl Storage for Disk {
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let file = self.memory.create(path)?;
        Ok(Box::new(DiskFile { file, path: path.to_owned(), disk: self.clone() }))
    }

    fn read_at(&self, path: &str, offset: u64) -> io::Result<Vec<u8>> {
        self.memory.read_at(path, offset)
    }

    fn map(&self, path: &str) -> io::Result<Bytes> {
        self.memory.map(path)
    }

    fn len(&self, path: &str) -> io::Result<u64> {
        self.memory.len(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.memory.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.memory.remove(path)
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.memory.list(dir)
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        self.memory.create_dir(dir)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.memory.sync_dir(dir)
    }

    fn lock(&self, path: &str, text: &str) -> io::Result<Lock> {
        self.memory.lock(path, text)
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }
}

#[derive(Debug)]
struct DiskFile {
    file: Box<dyn WriteFile>,
    path: String,
    disk: Disk,
}

impl Write for DiskFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl WriteFile for DiskFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        let log = self.path.starts_with("log/");
        if log && self.disk.syncs_left.fetch_sub(1, SeqCst) == 0 {
            self.disk.syncs_left.store(0, SeqCst);
            return Err(io::Error::other("this sync was to fail"));
        }
        // What is there when the call begins is what it covers.
        let content = self.disk.memory.read(&self.path).unwrap_or_default();
        self.file.sync()?;
        self.disk.synced.lock().unwrap().insert(self.path.clone(), content);
        Ok(())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.sync()
    }

    fn size(&self) -> u64 {
        self.file.size()
    }
}
