//! Strings that are one prefix and a number each, read as the numbers: most IDs are, and neither their text nor where
//! it ends has to be copied.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, UInt64Array};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use restock_schema::AffixShape;

use super::Fields;
use super::lanes::{Lanes, Parsed};
use crate::recycler::Recycler;
use crate::strings::{SHORT, Strings};
use crate::values::digits;

/// The numbers of a column so far.
#[derive(Debug)]
pub(super) struct Numbers {
    prefix: String,
    /// The prefix as the lowest bytes of a word, if it is that short, and which bytes those are.
    word: Option<(u64, u64)>,
    values: Vec<u64>,
    /// The digits of those with zeros in front; 0 is none so far.
    zeros: usize,
    fewest: usize,
    most: u64,
}

impl Numbers {
    /// None yet, of strings like this one, in `values`; `None` if it is no prefix and number.
    pub(super) fn like(first: &[u8], values: &mut Vec<u64>) -> Option<Numbers> {
        let (prefix, _) = AffixShape::split(std::str::from_utf8(first).ok()?)?;
        let word = (prefix.len() <= 8).then(|| {
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(prefix.bytes()).for_each(|(to, from)| *to = from);
            let mask = u64::MAX.checked_shr(64 - 8 * prefix.len() as u32).unwrap_or(0);
            (u64::from_le_bytes(bytes), mask)
        });
        let (values, prefix) = (std::mem::take(values), prefix.to_owned());
        Some(Numbers { prefix, word, values, zeros: 0, fewest: AffixShape::DIGITS, most: 0 })
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    /// A row whose value does not count.
    pub(super) fn push_none(&mut self) {
        self.values.push(0);
    }

    /// Appends the string of the first `len` bytes; false if it is long, or no number with the prefix.
    #[inline(always)]
    pub(super) fn push_short(&mut self, bytes: &[u8; SHORT], len: usize) -> bool {
        let Some((prefix, mask)) = self.word else { return false };
        let (first, before) = (word_at(bytes, 0), self.prefix.len());
        let count = len.wrapping_sub(before);
        if (first ^ prefix) & mask != 0 || count.wrapping_sub(1) >= 16 {
            return false;
        }
        let start = word_at(bytes, before);
        let number = if count <= 8 {
            digits(start, count).map(u64::from)
        } else {
            let high = digits(start, count - 8);
            let low = digits(word_at(bytes, before + count - 8), 8);
            high.zip(low).map(|(high, low)| u64::from(high) * 100_000_000 + u64::from(low))
        };
        let Some(number) = number else { return false };
        self.take(number, count, start as u8 == b'0')
    }

    /// Appends the strings of a block of rows; false, and nothing appended, if one of them is empty, or in a form that is
    /// rare.
    #[inline(always)]
    pub(super) fn push_block(&mut self, fields: &Fields<'_>, row: usize, free_bytes: usize) -> bool {
        let Some((prefix, mask)) = self.word else { return false };
        let (lanes, before) = (Lanes::new(fields, row), self.prefix.len());
        let (least, most) = lanes.extent();
        if least <= before as u64 || most > free_bytes as u64 {
            return false;
        }
        let words = lanes.words(fields, before);
        let Some(Parsed { values, mut others }) = lanes.whole_of(fields, before, &words) else {
            return false;
        };
        for first in lanes.words(fields, 0) {
            others |= (first ^ prefix) & mask;
        }
        // Zeros in front are allowed in numbers of the known length alone: what makes one known is appended by itself.
        let zeros = self.zeros as u64;
        for (first, len) in words.iter().zip(lanes.lens) {
            let count = len - before as u64;
            let has_zero = (first & 0xFF == u64::from(b'0')) & (count > 1);
            others |= u64::from((count < zeros) | (has_zero & (count != zeros)));
        }
        if others != 0 {
            return false;
        }
        self.fewest = self.fewest.min(least as usize - before);
        self.most = values.iter().fold(self.most, |most, value| most.max(*value));
        self.values.extend_from_slice(&values);
        true
    }

    /// Appends any string; false if it is no number with the prefix.
    pub(super) fn push(&mut self, text: &[u8]) -> bool {
        let Some(digits) = text.strip_prefix(self.prefix.as_bytes()) else { return false };
        if digits.is_empty() || digits.len() > AffixShape::DIGITS {
            return false;
        }
        let number = digits.iter().try_fold(0_u64, |number, digit| {
            let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
            Some(number * 10 + u64::from(digit))
        });
        number.is_some_and(|number| self.take(number, digits.len(), digits.first() == Some(&b'0')))
    }

    #[inline(always)]
    fn take(&mut self, number: u64, count: usize, is_zero: bool) -> bool {
        // Of two lengths with zeros in front, or one and fewer digits without, one number would be two strings.
        if count < self.zeros {
            return false;
        }
        if is_zero && count > 1 && self.zeros != count {
            if self.zeros != 0 || self.fewest < count {
                return false;
            }
            self.zeros = count;
        }
        self.fewest = self.fewest.min(count);
        self.most = self.most.max(number);
        self.values.push(number);
        true
    }

    /// What the strings have in common; `None` if they are too unlike for one shape.
    pub(super) fn shape(&self) -> Option<AffixShape> {
        AffixShape::new(&self.prefix, Some(self.zeros).filter(|digits| *digits > 0), self.fewest)
    }

    /// The numbers, `UInt32` if they are small enough.
    pub(super) fn array(&self, nulls: Option<NullBuffer>, buffers: &Recycler<u32>) -> ArrayRef {
        if u32::try_from(self.most).is_err() {
            return Arc::new(UInt64Array::new(self.values.clone().into(), nulls));
        }
        let mut narrow = buffers.take();
        narrow.clear();
        narrow.extend(self.values.iter().map(|number| *number as u32));
        Arc::new(UInt32Array::new(ScalarBuffer::from(buffers.lend(narrow)), nulls))
    }

    /// The memory of the numbers, to be used again.
    pub(super) fn into_values(mut self) -> Vec<u64> {
        self.values.clear();
        self.values
    }

    /// Writes the strings so far behind each other, rows that are null as nothing.
    pub(super) fn to_strings(&self, nulls: &[u32], strings: &mut Strings) {
        let least = self.zeros.max(1);
        let mut nulls = nulls.iter().peekable();
        for (row, number) in self.values.iter().enumerate() {
            if nulls.next_if(|null| **null as usize == row).is_some() {
                strings.push(b"");
            } else {
                strings.push(format!("{}{number:0least$}", self.prefix).as_bytes());
            }
        }
    }
}

/// The eight bytes from `at` on, the first one lowest.
#[inline(always)]
fn word_at(bytes: &[u8; SHORT], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u64::from_le_bytes(*word))
}
