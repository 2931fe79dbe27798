//! Deletion vectors: which rows of a segment are dead, and which bulk rows individual rows shadow.
//!
//! A vector is a roaring bitmap of row numbers. All vectors that a commit changed stand in one new file
//! `segments/<version>.del`, which is never rewritten; the manifest says which vector of which file belongs
//! to which segment.
//!
//! ```text
//! 0   magic "RSTDELV1"
//! 8   number of vectors (u64)
//! 16  for each vector: offset, length in bytes, number of rows, xxh3 of its bytes (4 x u64)
//!     the vectors: roaring bitmaps in the portable serialisation, one after the other
//! ```
//! Integers are little-endian. The manifest keeps the file's length and the xxh3 of everything before the
//! vectors; each vector's own xxh3 is checked when it is first needed.

#[cfg(feature = "fuzzing")]
#[expect(clippy::indexing_slicing, clippy::panic, reason = "a fuzz target fails by panicking")]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::files::{self, VECTORS_MAGIC};
use crate::storage::{Storage, create_anew};

const HEADER_BYTES: usize = 16;
const ENTRY_BYTES: usize = 32;

/// What the manifest says of a file of vectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VectorFileMeta {
    /// The commit that wrote it: names the file.
    pub version: u64,
    /// Length of the file.
    pub bytes: u64,
    /// Number of vectors in it.
    pub vectors: u64,
    /// xxh3 of the table before the vectors.
    #[serde(with = "crate::hex")]
    pub sum: u64,
}

/// Where a stored vector is: the file's version, its number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VectorRef {
    pub file: u64,
    pub number: u64,
    /// Rows in the vector.
    pub rows: u64,
}

/// An open file of vectors.
#[derive(Debug)]
pub(crate) struct VectorFile {
    path: String,
    meta: VectorFileMeta,
    bytes: Bytes,
}

impl VectorFile {
    /// Maps a file that the manifest names.
    pub fn open(storage: &dyn Storage, meta: VectorFileMeta) -> Result<VectorFile> {
        let path = files::vectors(meta.version);
        let bytes = storage.map(&path).map_err(|e| Error::io(format!("open {path}"), e))?;
        if bytes.len() as u64 != meta.bytes {
            let detail = format!("it has {} bytes where {} were written", bytes.len(), meta.bytes);
            return Err(Error::damaged(&path, None, detail));
        }
        Ok(VectorFile { path, meta, bytes })
    }

    /// What the manifest says of it.
    pub fn meta(&self) -> &VectorFileMeta {
        &self.meta
    }

    fn read(&self, vector: VectorRef, limit: u64) -> Result<RoaringBitmap> {
        let broken = |detail: &str| Error::damaged(&self.path, None, detail);
        // Numbers that a manifest gives may be any.
        let entry =
            |number: u64| usize::try_from(number).ok()?.checked_mul(ENTRY_BYTES)?.checked_add(HEADER_BYTES);
        let table = entry(self.meta.vectors).and_then(|end| self.bytes.get(..end));
        let table = table.ok_or_else(|| broken("it is shorter than its table"))?;
        if xxh3_64(table) != self.meta.sum || !table.starts_with(&VECTORS_MAGIC) {
            return Err(broken("the checksum of its table does not fit"));
        }
        let word = |at: usize| {
            let entry = entry(vector.number).and_then(|start| table.get(start..));
            entry
                .and_then(|entry| entry.get(at..at + 8))
                .and_then(|word| word.first_chunk::<8>())
                .map(|word| u64::from_le_bytes(*word))
        };
        let (Some(offset), Some(length), Some(rows), Some(sum)) = (word(0), word(8), word(16), word(24))
        else {
            return Err(broken("it has fewer vectors than the manifest names"));
        };
        let end = offset.checked_add(length);
        let bytes = end.and_then(|end| self.bytes.get(offset as usize..end as usize));
        let bytes = bytes.filter(|bytes| xxh3_64(bytes) == sum && rows == vector.rows);
        let bytes = bytes.ok_or_else(|| broken("the checksum of a vector does not fit"))?;
        let bitmap = RoaringBitmap::deserialize_from(bytes).map_err(|e| broken(&e.to_string()))?;
        if bitmap.len() != rows || bitmap.max().is_some_and(|row| u64::from(row) >= limit) {
            return Err(broken("a vector names rows that the segment does not have"));
        }
        Ok(bitmap)
    }
}

/// The rows of a segment that are dead, or shadowed. Cheap to clone; read from its file when first needed.
#[derive(Clone, Debug)]
pub(crate) struct Vector(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rows: u64,
    bitmap: OnceLock<RoaringBitmap>,
    stored: Option<(Arc<VectorFile>, VectorRef)>,
    /// Rows of the segment.
    limit: u64,
}

impl Vector {
    /// No rows.
    pub fn empty() -> Vector {
        Vector::new(RoaringBitmap::new())
    }

    /// A vector that is in no file yet.
    pub fn new(bitmap: RoaringBitmap) -> Vector {
        let rows = bitmap.len();
        Vector(Arc::new(Inner { rows, bitmap: OnceLock::from(bitmap), stored: None, limit: u64::MAX }))
    }

    /// A vector in a file, for a segment of `limit` rows.
    pub fn stored(file: Arc<VectorFile>, vector: VectorRef, limit: u64) -> Vector {
        Vector(Arc::new(Inner {
            rows: vector.rows,
            bitmap: OnceLock::new(),
            stored: Some((file, vector)),
            limit,
        }))
    }

    /// The same vector, now that it is in a file.
    pub fn stored_as(&self, file: Arc<VectorFile>, vector: VectorRef, limit: u64) -> Vector {
        let bitmap = self.0.bitmap.clone();
        Vector(Arc::new(Inner { rows: self.0.rows, bitmap, stored: Some((file, vector)), limit }))
    }

    /// The number of rows, known without reading the file.
    pub fn len(&self) -> u64 {
        self.0.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.rows == 0
    }

    /// The rows.
    pub fn rows(&self) -> Result<&RoaringBitmap> {
        if let Some(bitmap) = self.0.bitmap.get() {
            return Ok(bitmap);
        }
        let read = match &self.0.stored {
            Some((file, vector)) => file.read(*vector, self.0.limit)?,
            None => RoaringBitmap::new(),
        };
        Ok(self.0.bitmap.get_or_init(|| read))
    }

    /// Where it is stored, if it is.
    pub fn place(&self) -> Option<(&VectorFileMeta, VectorRef)> {
        self.0.stored.as_ref().map(|(file, vector)| (file.meta(), *vector))
    }

    /// The mapped file it is stored in, with its path.
    pub fn file(&self) -> Option<(&str, &Bytes)> {
        self.0.stored.as_ref().map(|(file, _)| (file.path.as_str(), &file.bytes))
    }

    /// Whether both are the same stored or shared vector.
    pub fn same(&self, other: &Vector) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Writes and syncs the file of the vectors that commit `version` changed, and opens it.
pub(crate) fn write(storage: &dyn Storage, version: u64, vectors: &[Vector]) -> Result<Arc<VectorFile>> {
    let path = files::vectors(version);
    let mut table = VECTORS_MAGIC.to_vec();
    table.extend_from_slice(&(vectors.len() as u64).to_le_bytes());
    let mut offset = (HEADER_BYTES + ENTRY_BYTES * vectors.len()) as u64;
    let mut body = Vec::new();
    for vector in vectors {
        let start = body.len();
        vector.rows()?.serialize_into(&mut body).map_err(|e| Error::io(format!("write {path}"), e))?;
        let bytes = body.get(start..).unwrap_or_default();
        for word in [offset, bytes.len() as u64, vector.len(), xxh3_64(bytes)] {
            table.extend_from_slice(&word.to_le_bytes());
        }
        offset += bytes.len() as u64;
    }
    let mut file = create_anew(storage, &path, || storage.create(&path))
        .map_err(|e| Error::io(format!("create {path}"), e))?;
    let written = file.write_all(&table).and_then(|()| file.write_all(&body)).and_then(|()| file.sync());
    if let Err(error) = written {
        drop(storage.remove(&path));
        return Err(Error::io(format!("write {path}"), error));
    }
    let meta = VectorFileMeta { version, bytes: offset, vectors: vectors.len() as u64, sum: xxh3_64(&table) };
    Ok(Arc::new(VectorFile::open(storage, meta)?))
}
