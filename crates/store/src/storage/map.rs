//! The one unsafe call of the storage: mapping a finished file.
#![expect(unsafe_code, reason = "a memory map has no safe constructor; the argument stands at the call")]

use std::fs::File;
use std::io;

use bytes::Bytes;
use memmap2::Mmap;

/// Maps a finished file; the mapping outlives its name and the handle.
pub(super) fn map_file(file: &File) -> io::Result<Bytes> {
    if file.metadata()?.len() == 0 {
        // Some systems refuse to map nothing.
        return Ok(Bytes::new());
    }
    // SAFETY: the bytes behind a mapping must not change, nor the file shrink, while it lives. A store's
    // files are written once through the handle that created them, synced, and only then named by a
    // manifest and mapped; nothing in this crate opens an existing data file for writing or truncates
    // one, and a removed file keeps its bytes until the last mapping is gone. Other programs that write
    // into a store's folder are outside the promise (docs/durability.md).
    let map = unsafe { Mmap::map(file)? };
    Ok(Bytes::from_owner(map))
}
