//! A disk that writes down what is done to it, and fails where a test says.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use restock::{MemoryStorage, Storage, WriteFile};
use restock_store::Lock;

/// The number of a file's content, whatever its names.
pub type Inode = u64;

/// What was done to a disk.
#[derive(Clone, Debug)]
pub enum Event {
    Create {
        path: String,
        inode: Inode,
    },
    Write {
        inode: Inode,
        offset: u64,
        bytes: Arc<[u8]>,
    },
    Sync {
        inode: Inode,
    },
    /// What was written since the last sync may be lost also if a later sync succeeds.
    SyncFailed {
        inode: Inode,
    },
    Rename {
        from: String,
        to: String,
        inode: Inode,
    },
    Remove {
        path: String,
    },
    CreateDir {
        dir: String,
    },
    SyncDir {
        dir: String,
    },
    SyncDirFailed {
        dir: String,
    },
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is done. A sync that fails so leaves in doubt what it was to cover.
    Refused,
    /// A write has written half of its bytes; a sync, a rename and a removal are done all the same.
    Done,
}

/// A disk in memory; clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    live: MemoryStorage,
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    events: Vec<Event>,
    names: HashMap<String, Inode>,
    inodes: Inode,
    /// Calls that succeed before one fails.
    countdown: Option<(u64, Failure)>,
    /// Bytes that may still be written.
    room: Option<u64>,
    failed: Option<String>,
}

impl Disk {
    /// A disk that holds what an image does, all of it durable.
    pub fn of(image: &MemoryStorage) -> Disk {
        let disk = Disk { live: image.clone(), ..Disk::default() };
        let mut record = disk.record.lock().unwrap();
        for path in files(image) {
            let inode = record.next_inode();
            record.names.insert(path, inode);
        }
        drop(record);
        disk
    }

    /// The files as a process sees them now.
    pub fn live(&self) -> &MemoryStorage {
        &self.live
    }

    /// The inodes of the files, as [`Disk::of`] numbers them.
    pub fn names(&self) -> HashMap<String, Inode> {
        self.hold().names.clone()
    }

    /// How many events there were.
    pub fn length(&self) -> usize {
        self.hold().events.len()
    }

    /// The events so far.
    pub fn events(&self) -> Vec<Event> {
        self.hold().events.clone()
    }

    /// From now on, `calls` calls succeed, and then one fails.
    pub fn fail_after(&self, calls: u64, failure: Failure) {
        let mut record = self.hold();
        (record.countdown, record.failed) = (Some((calls, failure)), None);
    }

    /// From now on there is room for so many bytes.
    pub fn leave_room(&self, bytes: u64) {
        let mut record = self.hold();
        (record.room, record.failed) = (Some(bytes), None);
    }

    /// Nothing fails any more; the call that did.
    pub fn heal(&self) -> Option<String> {
        let mut record = self.hold();
        (record.countdown, record.room) = (None, None);
        record.failed.take()
    }

    fn hold(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap()
    }

    /// A call that changes nothing, unless it is to fail.
    fn look<T>(&self, call: &str, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let failure = self.hold().failure(call);
        if failure.is_some() { Err(broken(call)) } else { act() }
    }
}

impl Record {
    fn next_inode(&mut self) -> Inode {
        self.inodes += 1;
        self.inodes
    }

    /// How this call fails, if it does.
    fn failure(&mut self, call: &str) -> Option<Failure> {
        let (left, failure) = self.countdown.as_mut()?;
        if *left > 0 {
            *left -= 1;
            return None;
        }
        let failure = *failure;
        self.countdown = None;
        self.failed = Some(call.to_owned());
        Some(failure)
    }

    /// Does something, unless it is to fail.
    fn change(
        &mut self,
        call: &str,
        act: impl FnOnce(&mut Record) -> io::Result<Option<Event>>,
    ) -> io::Result<()> {
        let failure = self.failure(call);
        if failure == Some(Failure::Refused) {
            return Err(broken(call));
        }
        let event = act(self)?;
        self.events.extend(event);
        if failure.is_some() { Err(broken(call)) } else { Ok(()) }
    }
}

fn broken(call: &str) -> io::Error {
    io::Error::other(format!("{call} was to fail"))
}

/// The paths of a store's files.
pub fn files(image: &MemoryStorage) -> Vec<String> {
    let folder = |dir: &str| -> Vec<String> {
        let names = image.list(dir).unwrap_or_default().into_iter();
        names.map(|name| if dir.is_empty() { name } else { format!("{dir}/{name}") }).collect()
    };
    ["", "segments", "log"].into_iter().flat_map(folder).collect()
}

impl Storage for Disk {
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let mut record = self.hold();
        let call = format!("create {path}");
        if record.failure(&call).is_some() {
            return Err(broken(&call));
        }
        let file = self.live.create(path)?;
        let inode = record.next_inode();
        record.names.insert(path.to_owned(), inode);
        record.events.push(Event::Create { path: path.to_owned(), inode });
        Ok(Box::new(DiskFile { file, inode, end: 0, path: path.to_owned(), disk: self.clone() }))
    }

    fn read_at(&self, path: &str, offset: u64) -> io::Result<Vec<u8>> {
        self.look(&format!("read {path}"), || self.live.read_at(path, offset))
    }

    fn map(&self, path: &str) -> io::Result<Bytes> {
        self.look(&format!("map {path}"), || self.live.map(path))
    }

    fn len(&self, path: &str) -> io::Result<u64> {
        self.look(&format!("look for {path}"), || self.live.len(path))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.hold().change(&format!("rename {from} to {to}"), |record| {
            self.live.rename(from, to)?;
            let inode = record.names.remove(from).expect("the file was there");
            record.names.insert(to.to_owned(), inode);
            Ok(Some(Event::Rename { from: from.to_owned(), to: to.to_owned(), inode }))
        })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        // What is not there is no change, and none that could fail.
        self.live.len(path)?;
        self.hold().change(&format!("remove {path}"), |record| {
            self.live.remove(path)?;
            record.names.remove(path);
            Ok(Some(Event::Remove { path: path.to_owned() }))
        })
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.look(&format!("list the folder {dir:?}"), || self.live.list(dir))
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        self.hold().change(&format!("create the folder {dir}"), |_| {
            let there = self.live.list(dir).is_ok();
            self.live.create_dir(dir)?;
            Ok((!there).then(|| Event::CreateDir { dir: dir.to_owned() }))
        })
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.live.sync_dir(dir)?;
        let mut record = self.hold();
        let call = format!("sync the folder {dir:?}");
        let synced = record.change(&call, |_| Ok(Some(Event::SyncDir { dir: dir.to_owned() })));
        if synced.is_err() {
            record.events.push(Event::SyncDirFailed { dir: dir.to_owned() });
        }
        synced
    }

    fn lock(&self, path: &str, text: &str) -> io::Result<Lock> {
        self.look(&format!("lock {path}"), || self.live.lock(path, text))
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        // Told, it would keep a FULL from being tried.
        self.look("ask for free space", || Ok(None))
    }
}

#[derive(Debug)]
struct DiskFile {
    file: Box<dyn WriteFile>,
    inode: Inode,
    /// Where `Write` goes on.
    end: u64,
    path: String,
    disk: Disk,
}

impl DiskFile {
    fn covered(&self, kind: &str) -> io::Result<()> {
        let mut record = self.disk.hold();
        let inode = self.inode;
        let synced = record.change(&format!("{kind} {}", self.path), |_| Ok(Some(Event::Sync { inode })));
        if synced.is_err() {
            record.events.push(Event::SyncFailed { inode });
        }
        synced
    }
}

impl Write for DiskFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at(self.end, bytes)?;
        self.end += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteFile for DiskFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut record = self.disk.hold();
        let call = format!("write {} bytes at {offset} of {}", bytes.len(), self.path);
        let mut written = bytes.len();
        let mut outcome = Ok(());
        match record.failure(&call) {
            Some(Failure::Refused) => return Err(broken(&call)),
            Some(Failure::Done) => (written, outcome) = (bytes.len() / 2, Err(broken(&call))),
            None => {}
        }
        if let Some(room) = &mut record.room {
            if *room < written as u64 {
                written = *room as usize;
                outcome =
                    Err(io::Error::new(io::ErrorKind::StorageFull, format!("{call}: the disk is full")));
            }
            *room -= written as u64;
            if outcome.is_err() {
                record.failed = Some(call);
            }
        }
        let bytes: Arc<[u8]> = bytes[..written].into();
        self.file.write_at(offset, &bytes)?;
        record.events.push(Event::Write { inode: self.inode, offset, bytes });
        outcome
    }

    fn sync(&mut self) -> io::Result<()> {
        self.covered("sync")
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.covered("sync the data of")
    }

    fn size(&self) -> u64 {
        self.file.size()
    }
}
