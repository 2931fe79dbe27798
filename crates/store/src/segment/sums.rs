//! The checksum table of a segment: one xxh3 for every part of the file, in file order.

use xxhash_rust::xxh3::Xxh3;

use crate::hex;

/// Every buffer in a segment starts at a multiple of this.
pub(super) const ALIGNMENT: usize = 64;
const ZEROS: [u8; ALIGNMENT] = [0; ALIGNMENT];

/// Bytes from `length` to the next multiple of [`ALIGNMENT`].
pub(super) fn padding(length: usize) -> &'static [u8] {
    let (padding, _) = ZEROS.split_at(length.next_multiple_of(ALIGNMENT) - length);
    padding
}

/// The checksum of consecutive buffers, each padded as it will stand in the file.
pub(super) fn padded_sum<'a>(buffers: impl Iterator<Item = &'a [u8]>) -> u64 {
    let mut hash = Xxh3::new();
    for buffer in buffers {
        hash.update(buffer);
        hash.update(padding(buffer.len()));
    }
    hash.digest()
}

/// Sums of the file's parts: the preamble (magic and schema), then for each batch its message and each of
/// its columns, then for each dictionary its message and its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SumTable {
    pub preamble: u64,
    /// One row of `1 + columns` sums a batch.
    pub batches: Vec<u64>,
    /// Two sums a dictionary.
    pub dictionaries: Vec<u64>,
}

impl SumTable {
    /// The text kept in the footer.
    pub fn to_text(&self) -> String {
        let all = std::iter::once(&self.preamble).chain(&self.batches).chain(&self.dictionaries);
        all.map(|sum| hex::text(*sum)).collect()
    }

    /// Reads the text back; `None` if it is not what such a file must have.
    pub fn from_text(text: &str, batches: usize, columns: usize, dictionaries: usize) -> Option<SumTable> {
        let in_batches = batches.checked_mul(columns + 1)?;
        if text.len() != 16 * (1 + in_batches + 2 * dictionaries) {
            return None;
        }
        let mut sums =
            text.as_bytes().chunks_exact(16).map(|digits| hex::parse(str::from_utf8(digits).ok()?));
        let preamble = sums.next()??;
        let batches = sums.by_ref().take(in_batches).collect::<Option<Vec<u64>>>()?;
        let dictionaries = sums.collect::<Option<Vec<u64>>>()?;
        Some(SumTable { preamble, batches, dictionaries })
    }

    /// The sum of a batch's message.
    pub fn message(&self, batch: usize, columns: usize) -> Option<u64> {
        self.batches.get(batch * (columns + 1)).copied()
    }

    /// The sum of a column of a batch.
    pub fn column(&self, batch: usize, columns: usize, column: usize) -> Option<u64> {
        self.batches.get(batch * (columns + 1) + 1 + column).copied()
    }
}
