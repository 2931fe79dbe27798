//! A folder as the place for objects: `s3://bucket/key` is `<root>/bucket/key`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Depth, Location, Object, ObjectWriter, Objects, ObjectsError};

/// Objects are the files of a folder, and never anything outside it: neither `..` nor a link leads out.
#[derive(Clone, Debug)]
pub struct RootFolder {
    /// Without links.
    root: PathBuf,
}

impl RootFolder {
    /// The objects of an existing folder.
    ///
    /// # Errors
    /// It is not there, or no folder.
    pub fn open(folder: &Path) -> io::Result<RootFolder> {
        let root = folder.canonicalize()?;
        if !root.is_dir() {
            return Err(io::Error::new(ErrorKind::NotADirectory, "it is not a folder"));
        }
        Ok(RootFolder { root })
    }

    /// The path of a location, by its words alone.
    fn path(&self, location: &Location) -> Result<PathBuf, ObjectsError> {
        let key = location.key.strip_suffix('/').unwrap_or(&location.key);
        let parts = (!key.is_empty()).then(|| key.split('/')).into_iter().flatten();
        let mut path = self.root.clone();
        for part in std::iter::once(location.bucket.as_str()).chain(parts) {
            if part.is_empty() || part == "." || part == ".." || part.contains(['\0', '\\', '/']) {
                let message =
                    format!("{location} is no location in the root folder: {part:?} is no name there");
                return Err(ObjectsError::Invalid(message));
            }
            path.push(part);
        }
        Ok(path)
    }

    /// A path without links, which must be inside the root.
    fn inside(&self, location: &Location, path: &Path) -> Result<PathBuf, ObjectsError> {
        let real = path.canonicalize().map_err(|error| failed(location, &error))?;
        if !real.starts_with(&self.root) {
            let message =
                format!("{location} is a link that leads out of the root folder, which is not followed");
            return Err(ObjectsError::Denied(message));
        }
        Ok(real)
    }

    /// Adds the objects of a folder.
    fn collect(
        &self,
        folder: &Location,
        path: &Path,
        depth: Depth,
        found: &mut Vec<Object>,
    ) -> Result<(), ObjectsError> {
        for entry in fs::read_dir(path).map_err(|error| failed(folder, &error))? {
            let entry = entry.map_err(|error| failed(folder, &error))?;
            let Ok(name) = entry.file_name().into_string() else {
                let message =
                    format!("{folder} holds {:?}, whose name is not UTF-8: rename it", entry.file_name());
                return Err(ObjectsError::Invalid(message));
            };
            if name.starts_with(['.', '_']) {
                continue;
            }
            let mut location = Location { key: format!("{}{name}", folder.key), ..folder.clone() };
            let real = self.inside(&location, &entry.path())?;
            let kind = fs::metadata(&real).map_err(|error| failed(&location, &error))?;
            if kind.is_file() {
                found.push(Object { location, bytes: kind.len() });
            } else if kind.is_dir() && depth == Depth::All && !entry.path().is_symlink() {
                location.key.push('/');
                self.collect(&location, &entry.path(), depth, found)?;
            }
        }
        Ok(())
    }

    /// Makes the folder that an object is to be in.
    fn folder_for(&self, location: &Location, path: &Path) -> Result<PathBuf, ObjectsError> {
        let folder = path.parent().unwrap_or(&self.root);
        // What is there already of the way must not lead out before the rest is made.
        let there = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(&self.root);
        self.inside(location, there)?;
        fs::create_dir_all(folder).map_err(|error| failed(location, &error))?;
        self.inside(location, folder)
    }
}

impl Objects for RootFolder {
    fn list(&self, location: &Location, depth: Depth) -> Result<Vec<Object>, ObjectsError> {
        let path = self.inside(location, &self.path(location)?)?;
        let kind = fs::metadata(&path).map_err(|error| failed(location, &error))?;
        if !location.is_folder() {
            if kind.is_dir() {
                let message = format!("{location} is a folder: end its name with / to read what is in it");
                return Err(ObjectsError::NotFound(message));
            }
            return Ok(vec![Object { location: location.clone(), bytes: kind.len() }]);
        }
        let mut found = Vec::new();
        self.collect(location, &path, depth, &mut found)?;
        if found.is_empty() {
            return Err(ObjectsError::NotFound(format!("{location} holds no objects")));
        }
        found.sort_by(|one, other| one.location.key.as_bytes().cmp(other.location.key.as_bytes()));
        Ok(found)
    }

    fn open(&self, object: &Object) -> Result<Box<dyn Read + Send>, ObjectsError> {
        let location = &object.location;
        let path = self.inside(location, &self.path(location)?)?;
        Ok(Box::new(File::open(path).map_err(|error| failed(location, &error))?))
    }

    fn create(&self, location: &Location) -> Result<Box<dyn ObjectWriter>, ObjectsError> {
        /// Tells apart what is written at the same time.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        if location.is_folder() {
            return Err(ObjectsError::Invalid(format!("{location} names a folder; expected an object")));
        }
        let path = self.path(location)?;
        let folder = self.folder_for(location, &path)?;
        let path = path.file_name().map(|name| folder.join(name)).unwrap_or(path);
        if path.symlink_metadata().is_ok() {
            return Err(exists(location));
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let part = folder.join(format!(".part-{}-{number}", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).open(&part);
        let file = file.map_err(|error| failed(location, &error))?;
        Ok(Box::new(NewFile { location: location.clone(), path, part, folder, file }))
    }
}

/// A file under another name until it is whole.
#[derive(Debug)]
struct NewFile {
    location: Location,
    path: PathBuf,
    part: PathBuf,
    folder: PathBuf,
    file: File,
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl ObjectWriter for NewFile {
    fn finish(self: Box<Self>) -> Result<(), ObjectsError> {
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&self.location),
            _ => failed(&self.location, &error),
        };
        self.file.sync_all().map_err(failed)?;
        // Unlike a rename, a link never replaces what is there.
        fs::hard_link(&self.part, &self.path).map_err(failed)?;
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(failed)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // What is left under this name is of no use to anybody, and its name is skipped by every list.
        drop(fs::remove_file(&self.part));
    }
}

fn exists(location: &Location) -> ObjectsError {
    ObjectsError::Exists(format!("{location} is there already, and is not overwritten"))
}

fn failed(location: &Location, error: &io::Error) -> ObjectsError {
    match error.kind() {
        ErrorKind::NotFound => ObjectsError::NotFound(format!("{location} is not there")),
        ErrorKind::PermissionDenied => {
            ObjectsError::Denied(format!("{location} may not be accessed: {error}"))
        }
        _ => ObjectsError::Failed(format!("{location}: {error}")),
    }
}

#[cfg(test)]
mod tests;
