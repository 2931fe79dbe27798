//! Where imports read from and exports write to.

use std::io::Read;
use std::sync::Arc;

use anyhow::Result;
use restock_personalize::{Depth, Location, Object, ObjectWriter, Objects, ObjectsError};

/// The options that say where `s3://` leads.
#[derive(Debug, clap::Args)]
pub(super) struct Places {}

impl Places {
    /// The place for objects.
    pub fn objects(&self) -> Result<Arc<dyn Objects>> {
        Ok(Arc::new(Nowhere))
    }
}

/// No place at all.
struct Nowhere;

impl Nowhere {
    fn refused<T>(location: &Location) -> Result<T, ObjectsError> {
        Err(ObjectsError::Unconfigured(format!("{location}: this server was told of no place for objects")))
    }
}

impl Objects for Nowhere {
    fn list(&self, location: &Location, _: Depth) -> Result<Vec<Object>, ObjectsError> {
        Nowhere::refused(location)
    }

    fn open(&self, object: &Object) -> Result<Box<dyn Read + Send>, ObjectsError> {
        Nowhere::refused(&object.location)
    }

    fn create(&self, location: &Location) -> Result<Box<dyn ObjectWriter>, ObjectsError> {
        Nowhere::refused(location)
    }
}
