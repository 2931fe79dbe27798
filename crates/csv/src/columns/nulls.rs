//! Which rows are null.

use arrow::array::BooleanBufferBuilder;
use arrow::buffer::NullBuffer;

/// The null rows of a column, in order: most columns have few or none.
#[derive(Debug, Default)]
pub(super) struct Nulls {
    rows: Vec<u32>,
}

impl Nulls {
    #[inline(always)]
    pub(super) fn push(&mut self, row: usize) {
        self.rows.push(row as u32);
    }

    /// The validity of the first `len` rows; empty afterwards.
    pub(super) fn finish(&mut self, len: usize) -> Option<NullBuffer> {
        if self.rows.is_empty() {
            return None;
        }
        let mut valid = BooleanBufferBuilder::new(len);
        valid.append_n(len, true);
        for row in self.rows.drain(..) {
            valid.set_bit(row as usize, false);
        }
        Some(NullBuffer::new(valid.finish()))
    }
}
