//! A store in a folder of a file system.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::map::map_file;
use super::{Lock, LockGuard, Storage, WriteFile, copy_file, paths};
use crate::owner::Owner;

/// The files of a store in a folder.
#[derive(Clone, Debug)]
pub struct FsStorage {
    root: PathBuf,
    /// Who may change files.
    owner: Owner,
}

impl FsStorage {
    /// The store's folder, which must exist.
    ///
    /// # Errors
    /// `NotFound`, `NotADirectory`, or what the system reports.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        if !fs::metadata(&root).map_err(|error| located(&root, &error))?.is_dir() {
            let error = io::Error::new(io::ErrorKind::NotADirectory, "not a folder");
            return Err(located(&root, &error));
        }
        Ok(Self { root, owner: Owner::this_process() })
    }

    /// Makes the store's folder, and those above it, where they are missing; durable on return.
    ///
    /// # Errors
    /// `NotADirectory`, or what the system reports.
    pub fn create(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        let missing: Vec<&Path> =
            root.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
        fs::create_dir_all(&root).map_err(|error| located(&root, &error))?;
        for made in missing {
            let above = made.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
            sync_folder(above)?;
        }
        Self::open(root)
    }

    fn file(&self, path: &str) -> io::Result<PathBuf> {
        paths::check_file(path)?;
        Ok(self.root.join(path))
    }

    /// A file that is to be made, renamed or removed.
    fn file_to_change(&self, path: &str) -> io::Result<PathBuf> {
        self.owner.check_io()?;
        self.file(path)
    }

    fn dir(&self, dir: &str) -> io::Result<PathBuf> {
        paths::check_dir(dir)?;
        Ok(if dir.is_empty() { self.root.clone() } else { self.root.join(dir) })
    }
}

impl Storage for FsStorage {
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let path = self.file_to_change(path)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|error| located(&path, &error))?;
        Ok(Box::new(FsFile { file, path, owner: self.owner, end: 0, size: 0, writeback: 0 }))
    }

    fn read_at(&self, path: &str, offset: u64) -> io::Result<Vec<u8>> {
        self.read_range(path, offset, usize::MAX)
    }

    fn read_range(&self, path: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let path = self.file(path)?;
        let read = || {
            let mut file = open_file(&path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut read = Vec::new();
            file.take(bytes as u64).read_to_end(&mut read)?;
            Ok(read)
        };
        read().map_err(|error: io::Error| located(&path, &error))
    }

    fn map(&self, path: &str) -> io::Result<Bytes> {
        let path = self.file(path)?;
        open_file(&path).and_then(|file| map_file(&file)).map_err(|error| located(&path, &error))
    }

    fn len(&self, path: &str) -> io::Result<u64> {
        let path = self.file(path)?;
        Ok(fs::metadata(&path).map_err(|error| located(&path, &error))?.len())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.file_to_change(from)?, self.file(to)?);
        fs::rename(&from, &to).map_err(|error| located(&from, &error))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let path = self.file_to_change(path)?;
        fs::remove_file(&path).map_err(|error| located(&path, &error))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let dir = self.dir(dir)?;
        let list = || {
            let mut files = Vec::new();
            for entry in fs::read_dir(&dir)? {
                let entry = entry?;
                if !entry.file_type()?.is_dir() {
                    // A name that is not UTF-8 is none that a store writes.
                    files.extend(entry.file_name().into_string().ok());
                }
            }
            files.sort_unstable();
            Ok(files)
        };
        list().map_err(|error: io::Error| located(&dir, &error))
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        let dir = self.dir(dir)?;
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
            made => made.map_err(|error| located(&dir, &error)),
        }
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        sync_folder(&self.dir(dir)?)
    }

    fn lock(&self, path: &str, text: &str) -> io::Result<Lock> {
        let path = self.file(path)?;
        match check_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(located(&path, &error)),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| located(&path, &error))?;
        match file.try_lock() {
            Ok(()) => {
                let guard = FsLock { file, path, owner: Owner::this_process() };
                guard.set_text(text)?;
                Ok(Lock::Held(Box::new(guard)))
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = Vec::new();
                // That it is busy is the answer; where a lock also bars reading, its text stays unknown.
                let _ = file.read_to_end(&mut text);
                Ok(Lock::Busy { text: String::from_utf8_lossy(&text).into_owned() })
            }
            Err(TryLockError::Error(error)) => Err(located(&path, &error)),
        }
    }

    #[cfg(unix)]
    fn free_bytes(&self) -> io::Result<Option<u64>> {
        let stat = rustix::fs::statvfs(&self.root).map_err(|error| located(&self.root, &error.into()))?;
        Ok(Some(stat.f_bavail.saturating_mul(stat.f_frsize)))
    }

    #[cfg(not(unix))]
    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }

    fn link_from(&self, source: &dyn Storage, path: &str) -> io::Result<()> {
        if let Some(root) = source.root() {
            let target = self.file_to_change(path)?;
            match fs::hard_link(root.join(path), &target) {
                Ok(()) => return Ok(()),
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) =>
                {
                    return Err(located(&target, &error));
                }
                // Another file system, or one without links: copy.
                Err(_) => {}
            }
        }
        copy_file(source, self, path)
    }

    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }
}

/// A new file in a folder.
#[derive(Debug)]
struct FsFile {
    file: File,
    path: PathBuf,
    /// Who may write to it.
    owner: Owner,
    /// Where `Write` goes on.
    end: u64,
    size: u64,
    /// Up to where the system was asked to start writing out.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux takes the hint"))]
    writeback: u64,
}

impl Write for FsFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at(self.end, bytes)?;
        self.end = self.end.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteFile for FsFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.owner.check_io()?;
        write_all_at(&mut self.file, bytes, offset).map_err(|error| located(&self.path, &error))?;
        self.size = self.size.max(offset.saturating_add(bytes.len() as u64));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_all().map_err(|error| located(&self.path, &error))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.file.sync_data().map_err(|error| located(&self.path, &error))
    }

    #[cfg(target_os = "linux")]
    fn start_writeback(&mut self) {
        // Linux answers this advice by starting the writeback of the range's dirty pages; those on
        // their way stay cached. The range is new each time, so no clean page is dropped.
        let Some(length) = NonZeroU64::new(self.end.saturating_sub(self.writeback)) else { return };
        let _ = rustix::fs::fadvise(&self.file, self.writeback, Some(length), rustix::fs::Advice::DontNeed);
        self.writeback = self.end;
    }

    fn size(&self) -> u64 {
        self.size
    }
}

/// A lock held on an open file. The system frees it when the last handle of that opening is closed, however that
/// comes about; a fork of the process has such a handle, too.
#[derive(Debug)]
struct FsLock {
    file: File,
    path: PathBuf,
    /// Who got it.
    owner: Owner,
}

impl LockGuard for FsLock {
    fn set_text(&self, text: &str) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|error| located(&self.path, &error))
    }
}

impl Drop for FsLock {
    fn drop(&mut self) {
        if self.owner.is_here() {
            // Nobody is to be named who does not hold it; and forks that live on must not keep it. Where that fails
            // the handle is closed all the same.
            drop(self.set_text(""));
            drop(self.file.unlock());
        }
    }
}

/// Opens a file to read; of a pipe that would wait for its writer.
fn open_file(path: &Path) -> io::Result<File> {
    check_file(path)?;
    File::open(path)
}

fn check_file(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "a file belongs here, and this is a folder, pipe or device",
    ))
}

/// The error with the path it is about, and of the same kind.
pub(super) fn located(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(unix)]
fn write_all_at(file: &mut File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn write_all_at(file: &mut File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

#[cfg(unix)]
fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| located(dir, &error))
}

/// Where a folder cannot be opened as a file, the system keeps its entries in order by itself.
#[cfg(not(unix))]
fn sync_folder(dir: &Path) -> io::Result<()> {
    fs::metadata(dir).map(|_| ()).map_err(|error| located(dir, &error))
}
