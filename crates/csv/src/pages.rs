//! Memory in large pages, for what is large: to be handed a page costs more than to fill it, and a large page costs
//! little more than a small one.

#![expect(unsafe_code, reason = "parts of one mapping that are written while others are read")]

use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::buffer::Buffer;
use bytes::Bytes;
use memmap2::{MmapMut, MmapRaw};

/// What Linux calls a huge page on most processors. Mappings of whole ones begin at one.
pub(crate) const LARGE_PAGE: usize = 2 << 20;

/// Anonymous memory of at least so many bytes, all zero; the system is asked for large pages.
pub(crate) fn map(bytes: usize) -> std::io::Result<MmapMut> {
    let map = MmapMut::map_anon(bytes.next_multiple_of(LARGE_PAGE))?;
    #[cfg(target_os = "linux")]
    // A system that has none gives small ones: slower, and as good.
    drop(map.advise(memmap2::Advice::HugePage));
    Ok(map)
}

/// How much is asked of the system at once.
const BLOCK: usize = 4 * LARGE_PAGE;
/// Arrow's own alignment of buffers.
const ALIGNMENT: usize = 64;

/// Where batches go that their consumer keeps: the buffers of many lie behind each other.
///
/// A block is freed when nothing in it is used any more.
#[derive(Debug, Default)]
pub(crate) struct Arena(Mutex<Option<Current>>);

#[derive(Debug)]
struct Current {
    block: Arc<MmapRaw>,
    used: usize,
}

impl Arena {
    /// A copy of the bytes.
    pub(crate) fn copy(&self, bytes: &[u8]) -> Buffer {
        if bytes.len() > BLOCK / 4 {
            return own(bytes);
        }
        let Some((block, at)) = self.room(bytes.len()) else { return Buffer::from(bytes) };
        // SAFETY: `room` gives each part of a block once, and `at + bytes.len()` is inside it; so nobody else reads or writes
        // these bytes, and they are not part of `bytes`.
        let start = unsafe {
            let start = block.as_mut_ptr().add(at);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len());
            start
        };
        let Some(start) = NonNull::new(start) else { return Buffer::from(bytes) };
        // SAFETY: the bytes were written above, are never written again, and live as long as `block`, which the buffer holds.
        unsafe { Buffer::from_custom_allocation(start, bytes.len(), block) }
    }

    /// A part of a block that nobody else has; `None` if there is no memory to be mapped.
    fn room(&self, bytes: usize) -> Option<(Arc<MmapRaw>, usize)> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |current: &Current| current.used + bytes <= current.block.len();
        if !current.as_ref().is_some_and(fits) {
            *current = Some(Current { block: Arc::new(map(BLOCK).ok()?.into()), used: 0 });
        }
        let current = current.as_mut()?;
        let at = current.used;
        current.used = (at + bytes).next_multiple_of(ALIGNMENT);
        Some((Arc::clone(&current.block), at))
    }
}

/// A copy that shares its memory with nothing.
fn own(bytes: &[u8]) -> Buffer {
    let Ok(mut map) = map(bytes.len()) else { return Buffer::from(bytes) };
    if let Some(space) = map.get_mut(..bytes.len()) {
        space.copy_from_slice(bytes);
    }
    Buffer::from(Bytes::from_owner(map).slice(..bytes.len()))
}

#[cfg(test)]
mod tests;
