//! Where imports read from and exports write to: what `s3://bucket/key` means to this server.

mod root;

use std::fmt;
use std::io::{Read, Write};

pub use root::RootFolder;

/// `s3://bucket/key`, taken apart. The key may be empty or end with `/`: then it is a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The bucket's name.
    pub bucket: String,
    /// Everything after the bucket's `/`, as it was written.
    pub key: String,
}

impl Location {
    /// Whether it names a folder and not one object.
    pub fn is_folder(&self) -> bool {
        self.key.is_empty() || self.key.ends_with('/')
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// How far below a folder to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The objects of the folder itself: imports.
    FirstLevel,
    /// Those of folders in it too: data deletion jobs.
    All,
}

/// One object that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Where it is; never a folder.
    pub location: Location,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Why objects cannot be had. The message names the location; `kind` tells what a job's `failureReason` begins with.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// Not a location that this server can follow: no `s3://`, no bucket, or out of its root.
    #[error("{0}")]
    Invalid(String),
    /// Nothing is there.
    #[error("{0}")]
    NotFound(String),
    /// It may not be read or written.
    #[error("{0}")]
    Denied(String),
    /// Something is there already: an export never overwrites.
    #[error("{0}")]
    Exists(String),
    /// This server was told of no place for objects; names the options that tell it.
    #[error("{0}")]
    Unconfigured(String),
    /// Reading, writing or the network failed.
    #[error("{0}")]
    Failed(String),
}

/// A new object while it is written. Dropped before [`finish`](ObjectWriter::finish), it leaves nothing.
pub trait ObjectWriter: Write + Send {
    /// Makes the object visible under its name, whole.
    ///
    /// # Errors
    /// What was written could not be stored, or an object of that name appeared meanwhile; nothing is left then.
    fn finish(self: Box<Self>) -> Result<(), ObjectsError>;
}

/// A place for objects. Calls block: they come from threads of jobs.
pub trait Objects: Send + Sync {
    /// The objects that a location names, in the order of their keys' bytes: itself, or those in the folder.
    /// Names whose last part begins with `.` or `_` are left out of folders (S11).
    ///
    /// # Errors
    /// None is there; the location is refused; it cannot be read.
    fn list(&self, location: &Location, depth: Depth) -> Result<Vec<Object>, ObjectsError>;

    /// The bytes of an object, read as they come.
    ///
    /// # Errors
    /// It is gone or cannot be read. Errors on the way come from the reader.
    fn open(&self, object: &Object) -> Result<Box<dyn Read + Send>, ObjectsError>;

    /// Begins a new object.
    ///
    /// # Errors
    /// One of that name exists; it may not be written.
    fn create(&self, location: &Location) -> Result<Box<dyn ObjectWriter>, ObjectsError>;
}

/// No place at all: what a server says that was told of none.
#[derive(Clone, Copy, Debug)]
pub struct NoObjects;

impl NoObjects {
    fn refused<T>(location: &Location) -> Result<T, ObjectsError> {
        Err(ObjectsError::Unconfigured(format!(
            "{location}: this server was told of no place for objects; start it with --s3-root DIR"
        )))
    }
}

impl Objects for NoObjects {
    fn list(&self, location: &Location, _: Depth) -> Result<Vec<Object>, ObjectsError> {
        NoObjects::refused(location)
    }

    fn open(&self, object: &Object) -> Result<Box<dyn Read + Send>, ObjectsError> {
        NoObjects::refused(&object.location)
    }

    fn create(&self, location: &Location) -> Result<Box<dyn ObjectWriter>, ObjectsError> {
        NoObjects::refused(location)
    }
}
