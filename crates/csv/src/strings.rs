//! String arrays under construction. The one place that leaves out Arrow's UTF-8 check, because the text of a chunk is
//! checked before.

#![expect(unsafe_code, reason = "arrays of text that is known to be UTF-8")]

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};

use crate::pages::Arena;
use crate::recycler::Recycler;

/// A short text is copied as so many bytes, whatever its length: that is faster than to ask.
pub(crate) const SHORT: usize = 32;

/// The values of a string column, one after the other.
#[derive(Debug)]
pub(crate) struct Strings {
    /// The first `used` bytes are values; after them there may be space.
    values: Vec<u8>,
    used: usize,
    offsets: Vec<i32>,
    value_buffers: Recycler<u8>,
    offset_buffers: Recycler<i32>,
}

impl Strings {
    /// None yet; arrays that are kept go to the arena.
    pub(crate) fn new(arena: &Arc<Arena>) -> Self {
        Self {
            values: Vec::new(),
            used: 0,
            offsets: vec![0],
            value_buffers: Recycler::new(arena),
            offset_buffers: Recycler::new(arena),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Makes space for so many more texts of so many bytes in all.
    pub(crate) fn reserve(&mut self, texts: usize, bytes: usize) {
        self.offsets.reserve(texts);
        let needed = self.used + bytes + SHORT;
        if self.values.len() < needed {
            self.values.resize(needed, 0);
        }
    }

    /// Appends a text, which the caller knows to be UTF-8.
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        let end = self.used + text.len();
        if self.values.len() < end {
            self.values.resize(end + SHORT, 0);
        }
        if let Some(space) = self.values.get_mut(self.used..end) {
            space.copy_from_slice(text);
        }
        self.used = end;
        self.offsets.push(end as i32);
    }

    /// Appends one text of several pieces, all of them together UTF-8 and at most `most` bytes.
    pub(crate) fn push_pieces<'a>(&mut self, pieces: impl Iterator<Item = &'a [u8]>, most: usize) {
        if self.values.len() < self.used + most {
            self.values.resize(self.used + most + SHORT, 0);
        }
        for piece in pieces {
            let end = self.used + piece.len();
            if let Some(space) = self.values.get_mut(self.used..end) {
                space.copy_from_slice(piece);
                self.used = end;
            }
        }
        self.offsets.push(self.used as i32);
    }

    /// Appends the first `len` bytes, at most [`SHORT`], which the caller knows to be UTF-8.
    #[inline(always)]
    pub(crate) fn push_short(&mut self, bytes: &[u8; SHORT], len: usize) {
        match self.values.get_mut(self.used..).and_then(|rest| rest.first_chunk_mut::<SHORT>()) {
            Some(space) => {
                *space = *bytes;
                self.used += len.min(SHORT);
                self.offsets.push(self.used as i32);
            }
            None => self.push(bytes.get(..len).unwrap_or(bytes)),
        }
    }

    /// The texts so far; empty afterwards.
    pub(crate) fn finish(&mut self, nulls: Option<NullBuffer>) -> StringArray {
        let mut values = std::mem::replace(&mut self.values, self.value_buffers.take());
        values.truncate(std::mem::take(&mut self.used));
        let values = self.value_buffers.lend(values);
        let offsets = std::mem::replace(&mut self.offsets, self.offset_buffers.take());
        self.offsets.clear();
        self.offsets.push(0);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offset_buffers.lend(offsets)));
        if cfg!(debug_assertions) {
            return StringArray::new(offsets, values, nulls);
        }
        // SAFETY: `offsets` rise from 0 to the length of `values` (OffsetBuffer::new checked that they rise). Every text
        // pushed is a whole field, or one cut at a character, of records that `parse` found to be UTF-8, less ASCII
        // quotes and backslashes, or what `columns::affix` formats; so each is UTF-8. `nulls` has a bit a row, as the columns that push also count.
        unsafe { StringArray::new_unchecked(offsets, values, nulls) }
    }
}
