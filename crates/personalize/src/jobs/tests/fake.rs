//! Objects in memory, with what can go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex};

use crate::objects::{Depth, Location, Object, ObjectWriter, Objects, ObjectsError};

/// Objects by `bucket/key`.
#[derive(Clone, Default)]
pub(super) struct Fake(Arc<Inner>);

#[derive(Default)]
struct Inner {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    denied: Mutex<BTreeSet<String>>,
    /// Objects that give an error after so many bytes, instead of what follows.
    broken: Mutex<BTreeMap<String, usize>>,
    /// Objects that end after so many bytes.
    cut: Mutex<BTreeMap<String, usize>>,
    panicking: Mutex<BTreeSet<String>>,
    /// Objects whose readers wait.
    stalled: Mutex<BTreeSet<String>>,
    released: Condvar,
    /// Objects in the order in which they were opened.
    opened: Mutex<Vec<String>>,
    /// Objects being written that were not finished.
    unfinished: Mutex<usize>,
}

impl Fake {
    pub fn put(&self, key: &str, bytes: impl Into<Vec<u8>>) {
        self.0.objects.lock().unwrap().insert(key.to_owned(), bytes.into());
    }

    pub fn get(&self, key: &str) -> Option<String> {
        let objects = self.0.objects.lock().unwrap();
        objects.get(key).map(|bytes| String::from_utf8(bytes.clone()).unwrap())
    }

    pub fn keys(&self) -> Vec<String> {
        self.0.objects.lock().unwrap().keys().cloned().collect()
    }

    pub fn deny(&self, key: &str) {
        self.0.denied.lock().unwrap().insert(key.to_owned());
    }

    pub fn break_after(&self, key: &str, bytes: usize) {
        self.0.broken.lock().unwrap().insert(key.to_owned(), bytes);
    }

    pub fn cut_after(&self, key: &str, bytes: usize) {
        self.0.cut.lock().unwrap().insert(key.to_owned(), bytes);
    }

    pub fn panic_at(&self, key: &str) {
        self.0.panicking.lock().unwrap().insert(key.to_owned());
    }

    pub fn stall(&self, key: &str) {
        self.0.stalled.lock().unwrap().insert(key.to_owned());
    }

    pub fn release(&self, key: &str) {
        self.0.stalled.lock().unwrap().remove(key);
        self.0.released.notify_all();
    }

    pub fn opened(&self) -> Vec<String> {
        self.0.opened.lock().unwrap().clone()
    }

    /// How many objects are begun and neither finished nor dropped.
    pub fn unfinished(&self) -> usize {
        *self.0.unfinished.lock().unwrap()
    }

    fn wait(&self, key: &str) {
        let mut stalled = self.0.stalled.lock().unwrap();
        while stalled.contains(key) {
            stalled = self.0.released.wait(stalled).unwrap();
        }
    }
}

fn name(location: &Location) -> String {
    format!("{}/{}", location.bucket, location.key)
}

impl Objects for Fake {
    fn list(&self, location: &Location, depth: Depth) -> Result<Vec<Object>, ObjectsError> {
        let prefix = name(location);
        let objects = self.0.objects.lock().unwrap();
        let named = |key: &str| {
            let Some(rest) = key.strip_prefix(&prefix) else { return false };
            if !location.is_folder() {
                return rest.is_empty();
            }
            depth == Depth::All || !rest.contains('/')
        };
        let found = objects.iter().filter(|(key, _)| named(key)).map(|(key, bytes)| {
            let (bucket, key) = key.split_once('/').unwrap();
            let location = Location { bucket: bucket.to_owned(), key: key.to_owned() };
            Object { location, bytes: bytes.len() as u64 }
        });
        let found: Vec<Object> = found.collect();
        if found.is_empty() {
            Err(ObjectsError::NotFound(format!("nothing is at {location}")))
        } else {
            Ok(found)
        }
    }

    fn open(&self, object: &Object) -> Result<Box<dyn Read + Send>, ObjectsError> {
        let key = name(&object.location);
        assert!(!self.0.panicking.lock().unwrap().contains(&key), "the fake panics at {key}");
        self.0.opened.lock().unwrap().push(key.clone());
        if self.0.denied.lock().unwrap().contains(&key) {
            return Err(ObjectsError::Denied(format!("403 for {}", object.location)));
        }
        let mut bytes = self.0.objects.lock().unwrap().get(&key).cloned().unwrap();
        if let Some(end) = self.0.cut.lock().unwrap().get(&key) {
            bytes.truncate(*end);
        }
        let broken = self.0.broken.lock().unwrap().get(&key).copied();
        Ok(Box::new(Reader { fake: self.clone(), key, bytes, read: 0, broken }))
    }

    fn create(&self, location: &Location) -> Result<Box<dyn ObjectWriter>, ObjectsError> {
        let key = name(location);
        if self.0.denied.lock().unwrap().contains(&key) {
            return Err(ObjectsError::Denied(format!("403 for {location}")));
        }
        *self.0.unfinished.lock().unwrap() += 1;
        Ok(Box::new(Writer { fake: self.clone(), key, bytes: Vec::new() }))
    }
}

struct Reader {
    fake: Fake,
    key: String,
    bytes: Vec<u8>,
    read: usize,
    broken: Option<usize>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fake.wait(&self.key);
        if self.broken.is_some_and(|at| self.read >= at) {
            return Err(io::Error::other("the connection was reset"));
        }
        // Small pieces, as a network gives.
        let end =
            self.bytes.len().min(self.read + buffer.len().min(1000)).min(self.broken.unwrap_or(usize::MAX));
        let piece = &self.bytes[self.read..end];
        buffer[..piece.len()].copy_from_slice(piece);
        self.read = end;
        Ok(piece.len())
    }
}

struct Writer {
    fake: Fake,
    key: String,
    bytes: Vec<u8>,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.fake.wait(&self.key);
        if self.fake.0.broken.lock().unwrap().get(&self.key).is_some_and(|at| self.bytes.len() >= *at) {
            return Err(io::Error::other("the connection was reset"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ObjectWriter for Writer {
    fn finish(mut self: Box<Self>) -> Result<(), ObjectsError> {
        let bytes = std::mem::take(&mut self.bytes);
        let mut objects = self.fake.0.objects.lock().unwrap();
        if objects.contains_key(&self.key) {
            return Err(ObjectsError::Exists(format!("{} is there already", self.key)));
        }
        objects.insert(self.key.clone(), bytes);
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        *self.fake.0.unfinished.lock().unwrap() -= 1;
    }
}
