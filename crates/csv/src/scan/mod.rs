//! Finds where fields and records end.
//!
//! Sixty-four bytes at a time become bitmaps (`block`), which know only records as RFC 4180 writes them. At the
//! first byte that does not fit (a quote inside an unquoted field, text after a closing quote, a lone CR) they stop,
//! and a byte-by-byte automaton (`record`) takes that one record and says what it is. Both are compared with the
//! reference reader in the tests.

mod block;
mod record;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use block::{PADDING, Scanner};
pub(crate) use record::{Break, Step, record};

/// What the scan needs to know of the dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// `\"` and `\\` inside quoted fields.
    pub(crate) backslash: bool,
    /// Most fields of a record: each costs memory, and a record of separators has as many as bytes.
    pub(crate) record_fields: usize,
}

/// The fields and records of a stretch of text. Places are `u32`, for `Options::check` keeps chunks below 4 GiB.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Where each field starts; it ends before the separator, which is the byte before the next start.
    bounds: Vec<u32>,
    /// For each record the place of its first field in `bounds`, and at last that of the record to come.
    records: Vec<u32>,
    /// Records with a CR outside quotes that no LF follows: the record, and where the first one stands.
    lone_crs: Vec<(usize, u32)>,
}

/// The extent of one record in an [`Index`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// The place of its first field in the bounds.
    pub(crate) first_field: u32,
    /// How many fields it has.
    pub(crate) width: u32,
    /// Its first byte.
    pub(crate) start: u32,
    /// Where its line end starts, a CR before LF still counted as text.
    pub(crate) end: u32,
}

impl Index {
    /// Forgets everything; the next record starts at `start`.
    pub(crate) fn begin(&mut self, start: u32) {
        self.bounds.clear();
        self.bounds.push(start);
        self.records.clear();
        self.records.push(0);
        self.lone_crs.clear();
    }

    /// How many records are known.
    pub(crate) fn len(&self) -> usize {
        self.records.len().saturating_sub(1)
    }

    /// Where the record after the last one starts.
    pub(crate) fn next(&self) -> u32 {
        self.bounds.last().copied().unwrap_or_default()
    }

    pub(crate) fn bounds(&self) -> &[u32] {
        &self.bounds
    }

    pub(crate) fn lone_cr(&self, record: usize) -> Option<u32> {
        self.lone_crs.iter().find(|(which, _)| *which == record).map(|(_, at)| *at)
    }

    pub(crate) fn has_lone_cr(&self) -> bool {
        !self.lone_crs.is_empty()
    }

    /// The records in order.
    pub(crate) fn extents(&self) -> impl Iterator<Item = Extent> + '_ {
        self.records.iter().zip(self.records.iter().skip(1)).filter_map(|(&first, &next)| {
            let start = *self.bounds.get(first as usize)?;
            let after = *self.bounds.get(next as usize)?;
            Some(Extent { first_field: first, width: next - first, start, end: after - 1 })
        })
    }
}

#[cfg(test)]
mod tests;
