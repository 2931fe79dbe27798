//! A storage that counts, is slow, or fails at a chosen call, for tests.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;

use super::{Lock, MemoryStorage, Storage, WriteFile};

/// Memory behind a switch: every call that changes something counts down, and the one that finds zero
/// fails, once. A write that fails has written half of its bytes.
#[derive(Clone, Debug)]
pub(crate) struct FaultyStorage {
    pub(crate) memory: MemoryStorage,
    pub(crate) faults: Arc<Faults>,
}

#[derive(Debug)]
pub(crate) struct Faults {
    /// How many calls succeed before one fails.
    remaining: AtomicU64,
    failed: AtomicBool,
    kind: io::ErrorKind,
    sync_takes: Duration,
    pub(crate) syncs: AtomicU64,
    pub(crate) data_syncs: AtomicU64,
}

impl Faults {
    fn step(&self) -> io::Result<()> {
        if self.remaining.fetch_sub(1, SeqCst) == 0 {
            self.failed.store(true, SeqCst);
            return Err(io::Error::new(self.kind, "this call was to fail"));
        }
        Ok(())
    }

    fn sync(&self, count: &AtomicU64) -> io::Result<()> {
        self.step()?;
        std::thread::sleep(self.sync_takes);
        count.fetch_add(1, SeqCst);
        Ok(())
    }
}

impl FaultyStorage {
    /// Fails after `calls` calls, with an error of `kind`.
    pub(crate) fn failing_after(calls: u64, kind: io::ErrorKind) -> Self {
        Self::new(calls, kind, Duration::ZERO)
    }

    /// Never fails; a sync takes `sync_takes`.
    pub(crate) fn slow(sync_takes: Duration) -> Self {
        Self::new(u64::MAX, io::ErrorKind::Other, sync_takes)
    }

    fn new(calls: u64, kind: io::ErrorKind, sync_takes: Duration) -> Self {
        let faults = Faults {
            remaining: AtomicU64::new(calls),
            failed: AtomicBool::new(false),
            kind,
            sync_takes,
            syncs: AtomicU64::new(0),
            data_syncs: AtomicU64::new(0),
        };
        Self { memory: MemoryStorage::new(), faults: Arc::new(faults) }
    }

    /// Whether the failure has happened.
    pub(crate) fn failed(&self) -> bool {
        self.faults.failed.load(SeqCst)
    }
}

impl Storage for FaultyStorage {
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        self.faults.step()?;
        let file = self.memory.create(path)?;
        Ok(Box::new(FaultyFile { file, faults: Arc::clone(&self.faults) }))
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
        self.faults.step()?;
        self.memory.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.faults.step()?;
        self.memory.remove(path)
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.memory.list(dir)
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        self.faults.step()?;
        self.memory.create_dir(dir)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.faults.step()?;
        self.memory.sync_dir(dir)
    }

    fn lock(&self, path: &str, text: &str) -> io::Result<Lock> {
        self.faults.step()?;
        self.memory.lock(path, text)
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        self.memory.free_bytes()
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn WriteFile>,
    faults: Arc<Faults>,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.faults.step() {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl WriteFile for FaultyFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.faults.step() {
            self.file.write_at(offset, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.faults.sync(&self.faults.syncs)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.faults.sync(&self.faults.data_syncs)
    }

    fn size(&self) -> u64 {
        self.file.size()
    }
}
