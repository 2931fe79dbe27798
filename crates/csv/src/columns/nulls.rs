//! Which rows are null.

use arrow::array::BooleanBufferBuilder;
use arrow::buffer::NullBuffer;

/// The null rows of a column, in order: most columns have few or none.
#[derive(Debug, Default)]
pub(super) struct Nulls {
    /// The first `len` are null rows; after them there may be space.
    rows: Vec<u32>,
    len: usize,
}

impl Nulls {
    #[inline(always)]
    pub(super) fn push(&mut self, row: usize) {
        self.push_if(row, true);
    }

    /// Without a branch, for columns in which null is as likely as not.
    #[inline(always)]
    pub(super) fn push_if(&mut self, row: usize, is_null: bool) {
        if self.len == self.rows.len() {
            self.grow();
        }
        if let Some(slot) = self.rows.get_mut(self.len) {
            *slot = row as u32;
        }
        self.len += usize::from(is_null);
    }

    #[cold]
    fn grow(&mut self) {
        self.rows.resize((self.rows.len() * 2).max(1024), 0);
    }

    /// The null rows so far.
    pub(super) fn rows(&self) -> &[u32] {
        self.rows.get(..self.len).unwrap_or_default()
    }

    /// The validity of the first `len` rows; empty afterwards.
    pub(super) fn finish(&mut self, len: usize) -> Option<NullBuffer> {
        let nulls = self.rows.get(..std::mem::take(&mut self.len)).filter(|rows| !rows.is_empty())?;
        let mut valid = BooleanBufferBuilder::new(len);
        valid.append_n(len, true);
        nulls.iter().for_each(|row| valid.set_bit(*row as usize, false));
        Some(NullBuffer::new(valid.finish()))
    }
}
