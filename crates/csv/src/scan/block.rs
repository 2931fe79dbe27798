//! Sixty-four bytes at a time.

use super::{Dialect, Index};
use crate::columns::{Column, Fields, Refusals};

/// Bytes of a block, and how many must be readable after the text.
pub(crate) const PADDING: usize = 64;

/// One bit a byte of a block, the first byte lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masks {
    pub(super) quote: u64,
    pub(super) delimiter: u64,
    pub(super) lf: u64,
    pub(super) cr: u64,
    pub(super) backslash: u64,
}

/// What processors do differently.
pub(super) trait Kernel {
    fn masks(block: &[u8; PADDING], delimiter: u8) -> Masks;
    /// Each bit the parity of itself and those below.
    fn prefix_xor(bits: u64) -> u64;
    /// Writes `base` plus the number of each set bit, in order; what it writes after them is anything.
    #[inline(always)]
    fn places(bits: u64, base: u32, out: &mut [u32; PADDING]) {
        let mut rest = bits;
        for group in out.chunks_exact_mut(8).take((bits.count_ones() as usize).div_ceil(8)) {
            for place in group {
                *place = base + rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
        }
    }
}

/// The kernel of any processor, and the measure of the others.
pub(super) struct Portable;

impl Kernel for Portable {
    #[inline(always)]
    fn masks(block: &[u8; PADDING], delimiter: u8) -> Masks {
        let find = |wanted: u8| {
            block.iter().enumerate().fold(0, |mask, (at, byte)| mask | (u64::from(*byte == wanted) << at))
        };
        Masks {
            quote: find(b'"'),
            delimiter: find(delimiter),
            lf: find(b'\n'),
            cr: find(b'\r'),
            backslash: find(b'\\'),
        }
    }

    #[inline(always)]
    fn prefix_xor(mut bits: u64) -> u64 {
        for shift in [1, 2, 4, 8, 16, 32] {
            bits ^= bits << shift;
        }
        bits
    }
}

/// Which kernel this processor runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanner {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(super::x86::Avx2Token),
    #[cfg(target_arch = "x86_64")]
    Avx512(super::x86::Avx512Token),
}

impl Scanner {
    /// The best kernel of this processor. `RESTOCK_PORTABLE=1` asks for the portable one, for tests.
    pub(crate) fn detect() -> Self {
        Self::all()
            .last()
            .copied()
            .filter(|_| std::env::var_os("RESTOCK_PORTABLE").is_none())
            .unwrap_or(Self::Portable)
    }

    /// Every kernel this processor has, the slowest first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(super::x86::Avx2Token::detect().map(Self::Avx2));
            all.extend(super::x86::Avx512Token::detect().map(Self::Avx512));
        }
        all
    }

    /// Appends to the index the records between the index's end and `limit` that are plain RFC 4180.
    /// True if it stopped at one that is not. `bytes` has [`PADDING`] more bytes after `limit`.
    pub(crate) fn scan(self, dialect: Dialect, bytes: &[u8], limit: usize, index: &mut Index) -> bool {
        match self {
            Self::Portable => dispatch::<Portable>(dialect, bytes, limit, index),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(token) => token.scan(dialect, bytes, limit, index),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(token) => token.scan(dialect, bytes, limit, index),
        }
    }

    /// Appends to a column with the instructions of the kernel's processor.
    pub(crate) fn append(self, column: &mut Column, fields: &Fields<'_>, refusals: &mut Refusals) {
        match self {
            Self::Portable => column.append(fields, refusals),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(token) => token.append(column, fields, refusals),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(token) => token.append(column, fields, refusals),
        }
    }
}

#[inline(always)]
pub(super) fn dispatch<K: Kernel>(dialect: Dialect, bytes: &[u8], limit: usize, index: &mut Index) -> bool {
    if dialect.backslash {
        scan::<K, true>(dialect.delimiter, bytes, limit, index)
    } else {
        scan::<K, false>(dialect.delimiter, bytes, limit, index)
    }
}

/// What a block leaves to the next, as the lowest bit (all bits for `inside`).
struct Carry {
    inside: u64,
    field_start: u64,
    after_close: u64,
    after_cr: u64,
    escaped: u64,
}

#[inline(always)]
fn scan<K: Kernel, const BACKSLASH: bool>(
    delimiter: u8,
    bytes: &[u8],
    limit: usize,
    index: &mut Index,
) -> bool {
    let mut at = index.next() as usize;
    let mut used = index.bounds.len();
    let mut carry = Carry { inside: 0, field_start: 1, after_close: 0, after_cr: 0, escaped: 0 };
    let mut odd = 0;
    while at < limit && odd == 0 {
        let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<PADDING>()) else { break };
        let mut masks = K::masks(block, delimiter);
        if BACKSLASH {
            masks.quote &= !escaped(masks.backslash, &mut carry.escaped);
        }
        let mut valid = if limit - at < PADDING { (1 << (limit - at)) - 1 } else { u64::MAX };
        let (separators, anomalies) = structure::<K>(masks, &mut carry);
        odd = anomalies & valid;
        if odd != 0 {
            valid = (1 << odd.trailing_zeros()) - 1;
        }
        let separators = separators & valid;
        emit::<K>(index, &mut used, at as u32, separators, masks.lf & separators);
        at += PADDING;
    }
    // What follows the last record end belongs to a record that is not whole.
    index.bounds.truncate(index.records.last().map_or(0, |fields| *fields as usize + 1));
    odd != 0
}

/// Separators outside quotes, and the bytes at which a record is not as RFC 4180 writes it.
#[inline(always)]
fn structure<K: Kernel>(masks: Masks, carry: &mut Carry) -> (u64, u64) {
    let quoted = K::prefix_xor(masks.quote) ^ carry.inside;
    let separators = (masks.delimiter | masks.lf) & !quoted;
    let opening = masks.quote & quoted;
    let closing = masks.quote & !quoted;
    let cr = masks.cr & !quoted;

    let field_start = (separators << 1) | carry.field_start;
    let after_close = (closing << 1) | carry.after_close;
    let after_cr = (cr << 1) | carry.after_cr;
    // A quote opens at the start of a field, or doubles the quote before it.
    let odd_opening = opening & !(field_start | after_close);
    let odd_closing = after_close & !(separators | opening | cr);
    let odd_cr = after_cr & !masks.lf;

    // All ones if the last byte is quoted: the top bit, spread.
    carry.inside = 0u64.wrapping_sub(quoted >> 63);
    carry.field_start = separators >> 63;
    carry.after_close = closing >> 63;
    carry.after_cr = cr >> 63;
    (separators, odd_opening | odd_closing | odd_cr)
}

/// The bytes that an odd run of backslashes precedes, as simdjson finds them.
#[inline(always)]
fn escaped(backslash: u64, carry: &mut u64) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let backslash = backslash & !*carry;
    let follows = (backslash << 1) | *carry;
    let odd_starts = backslash & !EVEN & !follows;
    let (on_even, overflow) = odd_starts.overflowing_add(backslash);
    *carry = u64::from(overflow);
    (EVEN ^ (on_even << 1)) & follows
}

/// Writes the fields that start after the separators, and the records that start after the line ends.
#[inline(always)]
fn emit<K: Kernel>(index: &mut Index, used: &mut usize, base: u32, separators: u64, ends: u64) {
    if index.bounds.len() < *used + PADDING {
        index.bounds.resize((*used + PADDING) * 2, 0);
    }
    if let Some(room) = index.bounds.get_mut(*used..).and_then(|rest| rest.first_chunk_mut::<PADDING>()) {
        K::places(separators, base + 1, room);
    }
    let mut ends = ends;
    while ends != 0 {
        let below = ends & ends.wrapping_neg();
        let before = (separators & (below - 1)).count_ones();
        index.records.push(*used as u32 + before);
        ends &= ends - 1;
    }
    *used += separators.count_ones() as usize;
}
