//! String arrays under construction. The one place that leaves out Arrow's UTF-8 check, because the text of a chunk is
//! checked before.

#![expect(unsafe_code, reason = "arrays of text that is known to be UTF-8")]

use arrow::array::StringArray;
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

/// The values of a string column, one after the other.
#[derive(Debug)]
pub(crate) struct Strings {
    values: Vec<u8>,
    offsets: Vec<i32>,
}

impl Default for Strings {
    fn default() -> Self {
        Self { values: Vec::new(), offsets: vec![0] }
    }
}

impl Strings {
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Appends a text, which the caller knows to be UTF-8.
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        self.values.extend_from_slice(text);
        self.offsets.push(self.values.len() as i32);
    }

    pub(crate) fn finish(self, nulls: Option<NullBuffer>) -> StringArray {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        let values = Buffer::from_vec(self.values);
        // SAFETY: `offsets` rise from 0 to the length of `values` (OffsetBuffer::new checked that they rise). Every text
        // pushed is a whole field, or one cut at a character, of records that `parse` found to be UTF-8, less ASCII
        // quotes and backslashes; so each is UTF-8. `nulls` has a bit a row, as the columns that push also count.
        unsafe { StringArray::new_unchecked(offsets, values, nulls) }
    }
}
