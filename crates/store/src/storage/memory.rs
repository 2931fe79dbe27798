//! A store in memory.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, PoisonError};

use ahash::{AHashMap, AHashSet};
use arrow::buffer::{Buffer, MutableBuffer};
use bytes::Bytes;

use super::{Lock, LockGuard, Storage, WriteFile, paths};
use crate::sync::{Mutex, MutexGuard};

/// The files of a store in memory. Clones share them: a clone reopens the same store.
#[derive(Clone, Debug)]
pub struct MemoryStorage {
    image: Arc<Mutex<Image>>,
}

#[derive(Debug, Default)]
struct Image {
    files: AHashMap<String, Arc<Mutex<Content>>>,
    dirs: AHashSet<String>,
    locked: AHashSet<String>,
}

/// The bytes of a file: growing, or shared with those who mapped it.
#[derive(Debug)]
enum Content {
    Growing(MutableBuffer),
    Shared(Bytes),
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStorage {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        let image = Image { dirs: AHashSet::from_iter([String::new()]), ..Image::default() };
        Self { image: Arc::new(Mutex::new(image)) }
    }

    /// The files as they are now, apart from these: what happens to either changes nothing of the other. Nobody holds
    /// a lock of the copy. Bytes are shared until they are written.
    #[must_use]
    pub fn copy(&self) -> Self {
        let image = hold(&self.image);
        let copied = |(path, content): (&String, &Arc<Mutex<Content>>)| {
            let content = Content::Shared(hold(content).share());
            (path.clone(), Arc::new(Mutex::new(content)))
        };
        let files = image.files.iter().map(copied).collect();
        let image = Image { files, dirs: image.dirs.clone(), locked: AHashSet::new() };
        Self { image: Arc::new(Mutex::new(image)) }
    }

    fn file(&self, path: &str) -> io::Result<Arc<Mutex<Content>>> {
        paths::check_file(path)?;
        hold(&self.image).files.get(path).cloned().ok_or_else(|| missing(path))
    }
}

impl Storage for MemoryStorage {
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        paths::check_file(path)?;
        let mut image = hold(&self.image);
        image.folder_of(path)?;
        if image.files.contains_key(path) || image.dirs.contains(path) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{path}: exists already")));
        }
        let content = Arc::new(Mutex::new(Content::default()));
        image.files.insert(path.to_owned(), Arc::clone(&content));
        Ok(Box::new(MemoryFile { content, end: 0, size: 0 }))
    }

    fn read_at(&self, path: &str, offset: u64) -> io::Result<Vec<u8>> {
        let file = self.file(path)?;
        let content = hold(&file);
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(content.bytes().get(start..).unwrap_or_default().to_vec())
    }

    fn map(&self, path: &str) -> io::Result<Bytes> {
        Ok(hold(&*self.file(path)?).share())
    }

    fn len(&self, path: &str) -> io::Result<u64> {
        Ok(hold(&*self.file(path)?).bytes().len() as u64)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        paths::check_file(from)?;
        paths::check_file(to)?;
        let mut image = hold(&self.image);
        image.folder_of(to)?;
        let content = image.files.remove(from).ok_or_else(|| missing(from))?;
        image.files.insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        paths::check_file(path)?;
        hold(&self.image).files.remove(path).map(|_| ()).ok_or_else(|| missing(path))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        paths::check_dir(dir)?;
        let image = hold(&self.image);
        image.folder(dir)?;
        let name = |path: &String| path.rsplit('/').next().map(str::to_owned);
        let inside = image.files.keys().filter(|path| paths::parent(path) == dir);
        let mut files: Vec<String> = inside.filter_map(name).collect();
        files.sort_unstable();
        Ok(files)
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        paths::check_dir(dir)?;
        let mut image = hold(&self.image);
        image.folder_of(dir)?;
        if image.files.contains_key(dir) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{dir}: is a file")));
        }
        image.dirs.insert(dir.to_owned());
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        paths::check_dir(dir)?;
        hold(&self.image).folder(dir)
    }

    fn lock(&self, path: &str, text: &str) -> io::Result<Lock> {
        paths::check_file(path)?;
        let mut image = hold(&self.image);
        image.folder_of(path)?;
        let content = Arc::clone(image.files.entry(path.to_owned()).or_default());
        if !image.locked.insert(path.to_owned()) {
            let text = String::from_utf8_lossy(hold(&content).bytes()).into_owned();
            return Ok(Lock::Busy { text });
        }
        let guard = MemoryLock { image: Arc::clone(&self.image), content, path: path.to_owned() };
        guard.set_text(text)?;
        Ok(Lock::Held(Box::new(guard)))
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }
}

impl Image {
    fn folder(&self, dir: &str) -> io::Result<()> {
        if self.dirs.contains(dir) { Ok(()) } else { Err(missing(dir)) }
    }

    fn folder_of(&self, path: &str) -> io::Result<()> {
        self.folder(paths::parent(path))
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Growing(MutableBuffer::new(0))
    }
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Growing(buffer) => buffer,
            Self::Shared(bytes) => bytes,
        }
    }

    fn share(&mut self) -> Bytes {
        let shared = match self {
            Self::Shared(bytes) => return bytes.clone(),
            Self::Growing(buffer) => Bytes::from_owner(AlignedBytes(mem::take(buffer).into())),
        };
        *self = Self::Shared(shared.clone());
        shared
    }

    /// Those who mapped the file keep the old bytes.
    fn write_at(&mut self, offset: usize, bytes: &[u8]) {
        let mut buffer = match self {
            Self::Growing(buffer) => mem::take(buffer),
            Self::Shared(shared) => {
                let mut buffer = MutableBuffer::new(shared.len());
                buffer.extend_from_slice(shared.as_ref());
                buffer
            }
        };
        if buffer.len() < offset {
            buffer.resize(offset, 0);
        }
        let (over, behind) = bytes.split_at(bytes.len().min(buffer.len() - offset));
        if let Some(target) = buffer.get_mut(offset..offset + over.len()) {
            target.copy_from_slice(over);
        }
        buffer.extend_from_slice(behind);
        *self = Self::Growing(buffer);
    }
}

/// Arrow's allocation is aligned for its own types, as a mapped page is.
struct AlignedBytes(Buffer);

impl AsRef<[u8]> for AlignedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A new file in memory.
#[derive(Debug)]
struct MemoryFile {
    content: Arc<Mutex<Content>>,
    /// Where `Write` goes on.
    end: u64,
    size: u64,
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at(self.end, bytes)?;
        self.end = self.end.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteFile for MemoryFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        let Ok(from) = usize::try_from(offset) else {
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        hold(&self.content).write_at(from, bytes);
        self.size = self.size.max(end);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn size(&self) -> u64 {
        self.size
    }
}

#[derive(Debug)]
struct MemoryLock {
    image: Arc<Mutex<Image>>,
    content: Arc<Mutex<Content>>,
    path: String,
}

impl LockGuard for MemoryLock {
    fn set_text(&self, text: &str) -> io::Result<()> {
        *hold(&self.content) = Content::Shared(Bytes::copy_from_slice(text.as_bytes()));
        Ok(())
    }
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        hold(&self.image).locked.remove(&self.path);
    }
}

fn missing(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{path}: no such file or folder"))
}

/// Each change under these locks is a single step, so a panic elsewhere leaves nothing half done.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
