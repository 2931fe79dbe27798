//! A storage in memory that fails or waits where a test says.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use restock_store::{Lock, MemoryStorage, Storage, WriteFile};

/// What is done to a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Create,
    Write,
    Sync,
    Rename,
    Remove,
    SyncDir,
}

type Rule = Arc<dyn Fn(Op, &str) -> io::Result<()> + Send + Sync>;

type Reading = Arc<dyn Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync>;

/// Memory behind a rule that each change has to pass. Clones share both.
#[derive(Clone)]
pub struct Double {
    memory: MemoryStorage,
    rule: Arc<Mutex<Rule>>,
    reading: Arc<Mutex<Reading>>,
}

impl std::fmt::Debug for Double {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Double")
    }
}

impl Double {
    pub fn new() -> Double {
        Double {
            memory: MemoryStorage::new(),
            rule: Arc::new(Mutex::new(Arc::new(|_, _| Ok(())))),
            reading: Arc::new(Mutex::new(Arc::new(|_, bytes| bytes))),
        }
    }

    /// The memory without the rule: what is on the disk.
    pub fn memory(&self) -> MemoryStorage {
        self.memory.clone()
    }

    /// From now on `rule` is asked before each change.
    pub fn rule(&self, rule: impl Fn(Op, &str) -> io::Result<()> + Send + Sync + 'static) {
        *self.rule.lock().unwrap() = Arc::new(rule);
    }

    /// From now on what is read goes through `reading`, before whoever reads gets it.
    pub fn reading(&self, reading: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static) {
        *self.reading.lock().unwrap() = Arc::new(reading);
    }

    /// Lets everything pass again.
    pub fn allow_all(&self) {
        self.rule(|_, _| Ok(()));
    }

    fn read_through(&self, path: &str, bytes: Vec<u8>) -> Vec<u8> {
        // Outside the lock: it may read on its own.
        let reading = self.reading.lock().unwrap().clone();
        reading(path, bytes)
    }

    fn ask(&self, op: Op, path: &str) -> io::Result<()> {
        // Outside the lock: a rule may wait for what another thread does to the same storage.
        let rule = self.rule.lock().unwrap().clone();
        rule(op, path)
    }
}

/// The failure that rules answer with.
pub fn full() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "this call was to fail")
}

impl Storage for Double {
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        self.ask(Op::Create, path)?;
        let file = self.memory.create(path)?;
        Ok(Box::new(DoubleFile { file, path: path.to_owned(), double: self.clone() }))
    }

    fn read_at(&self, path: &str, offset: u64) -> io::Result<Vec<u8>> {
        Ok(self.read_through(path, self.memory.read_at(path, offset)?))
    }

    fn map(&self, path: &str) -> io::Result<Bytes> {
        Ok(self.read_through(path, self.memory.map(path)?.into()).into())
    }

    fn len(&self, path: &str) -> io::Result<u64> {
        self.memory.len(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.ask(Op::Rename, to)?;
        self.memory.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.ask(Op::Remove, path)?;
        self.memory.remove(path)
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.memory.list(dir)
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        self.ask(Op::Create, dir)?;
        self.memory.create_dir(dir)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.ask(Op::SyncDir, dir)?;
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
struct DoubleFile {
    file: Box<dyn WriteFile>,
    path: String,
    double: Double,
}

impl Write for DoubleFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.double.ask(Op::Write, &self.path) {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl WriteFile for DoubleFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.double.ask(Op::Write, &self.path) {
            self.file.write_at(offset, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.double.ask(Op::Sync, &self.path)?;
        self.file.sync()
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.double.ask(Op::Sync, &self.path)?;
        self.file.sync_data()
    }

    fn size(&self) -> u64 {
        self.file.size()
    }
}
