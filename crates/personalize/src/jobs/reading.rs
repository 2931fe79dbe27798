//! Objects as readers: opened when they are first read, so that an import of many files has few open.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use crate::objects::{Object, Objects, ObjectsError};

/// The first error of the objects of a job, which is lost on its way through readers.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstError(Arc<Mutex<Option<ObjectsError>>>);

impl FirstError {
    /// Takes it.
    pub fn take(&self) -> Option<ObjectsError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, error: ObjectsError) -> io::Error {
        let told = io::Error::other(error.to_string());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        told
    }
}

/// Reads an object.
pub(super) struct ObjectReader {
    objects: Arc<dyn Objects>,
    object: Object,
    first_error: FirstError,
    open: Option<Box<dyn Read + Send>>,
    read: u64,
}

impl ObjectReader {
    /// A reader that opens the object at its first read.
    pub fn new(objects: Arc<dyn Objects>, object: Object, first_error: FirstError) -> ObjectReader {
        ObjectReader { objects, object, first_error, open: None, read: 0 }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let reader = match &mut self.open {
            Some(reader) => reader,
            closed => {
                let opened = self.objects.open(&self.object).map_err(|error| self.first_error.keep(error))?;
                closed.insert(opened)
            }
        };
        let read = match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(self.first_error.keep(ObjectsError::Failed(error.to_string()))),
            Ok(read) => read,
        };
        self.read += read as u64;
        // A connection that ends early and an object that was replaced are not to pass for its end.
        if read == 0 && !buffer.is_empty() && self.read != self.object.bytes {
            let message = format!(
                "{} had {} bytes when it was found, and reading it ended after {}",
                self.object.location, self.object.bytes, self.read
            );
            return Err(self.first_error.keep(ObjectsError::Failed(message)));
        }
        Ok(read)
    }
}
