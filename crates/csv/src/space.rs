//! The bytes of a chunk, and memory for more.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::ops::Deref;

use memmap2::MmapMut;

use crate::pages;

/// From here on the memory is mapped, in large pages.
const MAPPED: usize = pages::LARGE_PAGE / 2;

/// Bytes that grow. What is behind them is initialised once, not for every reading.
#[derive(Default)]
pub(crate) struct Space {
    memory: Memory,
    len: usize,
}

enum Memory {
    Small(Vec<u8>),
    Large(MmapMut),
}

impl Default for Memory {
    fn default() -> Self {
        Self::Small(Vec::new())
    }
}

impl Memory {
    fn of(bytes: usize) -> Self {
        let mapped = if bytes >= MAPPED { pages::map(bytes).ok() } else { None };
        mapped.map_or_else(|| Self::Small(vec![0; bytes]), Self::Large)
    }

    fn all(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(map) => map,
        }
    }

    fn all_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(map) => map,
        }
    }
}

impl Space {
    /// Bytes that it can hold without more memory.
    pub(crate) fn capacity(&self) -> usize {
        self.memory.all().len()
    }

    /// Makes space for so many bytes in all.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        if bytes > self.capacity() {
            let mut memory = Memory::of(bytes);
            copy(self, memory.all_mut());
            self.memory = memory;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Drops bytes at the front.
    pub(crate) fn drop_front(&mut self, bytes: usize) {
        let bytes = bytes.min(self.len);
        self.memory.all_mut().copy_within(bytes..self.len, 0);
        self.len -= bytes;
    }

    pub(crate) fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.reserve(self.len + bytes.len());
        copy(bytes, self.rest());
        self.len += bytes.len();
    }

    /// Appends so many zeros.
    pub(crate) fn extend_zeros(&mut self, zeros: usize) {
        self.reserve(self.len + zeros);
        self.rest().iter_mut().take(zeros).for_each(|byte| *byte = 0);
        self.len += zeros;
    }

    /// Reads until it holds `len` bytes, or the input ends; says whether it holds them.
    pub(crate) fn read_to(&mut self, len: usize, input: &mut impl Read) -> io::Result<bool> {
        self.reserve(len);
        while self.len < len {
            let missing = len - self.len;
            let space = self.rest().get_mut(..missing).unwrap_or_default();
            match input.read(space) {
                Ok(0) => return Ok(false),
                Ok(read) => self.len += read.min(missing),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The memory behind the bytes.
    fn rest(&mut self) -> &mut [u8] {
        self.memory.all_mut().get_mut(self.len..).unwrap_or_default()
    }
}

/// Copies to the beginning of memory that is at least as long.
fn copy(from: &[u8], to: &mut [u8]) {
    if let Some(to) = to.get_mut(..from.len()) {
        to.copy_from_slice(from);
    }
}

impl Deref for Space {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.memory.all().get(..self.len).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Space {
    fn from(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self { memory: Memory::Small(bytes), len }
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Space({} of {} bytes)", self.len, self.capacity())
    }
}

#[cfg(test)]
mod tests;
