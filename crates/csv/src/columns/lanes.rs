//! Many fields at once: the same steps for each of them, without branches, which the compiler turns into code for wide
//! registers. Whole blocks of usual values are taken so; whatever else is among them leaves its block to the code that
//! goes field by field. Exact where it answers, like [`swar`](crate::values).

#![expect(clippy::indexing_slicing, reason = "all arrays have a place for each lane")]

use super::Fields;

/// The fields of a block. So many that the compiler does not unroll the loops over them before it widens them.
pub(crate) const LANES: usize = 32;

/// Something of each lane.
pub(crate) type Each<T> = [T; LANES];

/// A block of fields.
pub(crate) struct Lanes {
    starts: Each<usize>,
    /// Their lengths in bytes.
    pub(super) lens: Each<u64>,
}

/// What the text of each lane is worth.
pub(super) struct Parsed {
    pub(super) values: Each<u64>,
    /// 0 if all lanes are of the form.
    pub(super) others: u64,
}

impl Lanes {
    /// The fields of the `LANES` rows from `row` on.
    #[inline(always)]
    pub(super) fn new(fields: &Fields<'_>, row: usize) -> Self {
        let mut lanes = Lanes { starts: [0; LANES], lens: [0; LANES] };
        if let Some(records) = fields.neighbours(row) {
            for (lane, record) in records.enumerate().take(LANES) {
                lanes.starts[lane] = record[0] as usize;
                lanes.lens[lane] = u64::from(record[1] - 1 - record[0]);
            }
            if fields.is_last() {
                for (len, start) in lanes.lens.iter_mut().zip(lanes.starts) {
                    let last = fields.bytes.get((start + *len as usize).wrapping_sub(1));
                    *len -= u64::from(*len > 0) & u64::from(last == Some(&b'\r'));
                }
            }
            return lanes;
        }
        for lane in 0..LANES {
            let span = fields.span(row + lane);
            lanes.starts[lane] = span.start;
            lanes.lens[lane] = (span.end - span.start) as u64;
        }
        lanes
    }

    /// Of each lane the eight bytes that are `offset` behind its start, the first one lowest.
    #[inline(always)]
    pub(super) fn words(&self, fields: &Fields<'_>, offset: usize) -> Each<u64> {
        let mut words = [0; LANES];
        for (word, start) in words.iter_mut().zip(self.starts) {
            let bytes = fields.bytes.get(start + offset..).and_then(|rest| rest.first_chunk());
            *word = bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        }
        words
    }

    /// The shortest and the longest.
    #[inline(always)]
    pub(super) fn extent(&self) -> (u64, u64) {
        let (mut least, mut most) = (u64::MAX, 0);
        for len in self.lens {
            least = least.min(len);
            most = most.max(len);
        }
        (least, most)
    }

    /// The whole numbers that the texts are from `offset` on, of up to eight digits each, or of up to sixteen if all are
    /// of one length. An empty text is 0.
    #[inline(always)]
    pub(super) fn whole(&self, fields: &Fields<'_>, offset: usize) -> Option<Parsed> {
        self.whole_of(fields, offset, &self.words(fields, offset))
    }

    /// The same, of texts whose [`words`](Self::words) from `offset` on are known.
    #[inline(always)]
    pub(super) fn whole_of(&self, fields: &Fields<'_>, offset: usize, first: &Each<u64>) -> Option<Parsed> {
        let (least, most) = self.extent();
        let (least, most) = (least.checked_sub(offset as u64)?, most - offset as u64);
        if most <= 8 {
            let mut counts = self.lens;
            for count in &mut counts {
                *count -= offset as u64;
            }
            return Some(digits(first, &counts));
        }
        if least != most || most > 16 {
            return None;
        }
        let high = digits(first, &[most - 8; LANES]);
        let mut parsed = digits(&self.words(fields, offset + most as usize - 8), &[8; LANES]);
        parsed.others |= high.others;
        for lane in 0..LANES {
            parsed.values[lane] += (high.values[lane] & LOW_HALF) * 100_000_000;
        }
        Some(parsed)
    }

    /// Of texts of up to eight digits with at most one point among them the digits and the power of ten that they are to be
    /// divided by. An empty text is 0.
    #[inline(always)]
    pub(super) fn scaled(&self, fields: &Fields<'_>) -> Option<(Parsed, Each<u64>)> {
        if self.extent().1 > 8 {
            return None;
        }
        let mut words = self.words(fields, 0);
        let mut powers = [0; LANES];
        let mut counts = self.lens;
        let mut lone_points = 0;
        for lane in 0..LANES {
            let len = self.lens[lane];
            let word = words[lane] & first_bytes(len);
            let points = word ^ (u64::from(b'.') * ONES);
            let point = points.wrapping_sub(ONES) & !points & HIGH_BITS;
            // The lowest is exact: what borrows from it stands above.
            let point = (point & point.wrapping_neg()) >> 7;
            // All bytes below the point; all if there is none.
            let before = point.wrapping_sub(1);
            words[lane] = (word & before) | ((word >> 8) & !before);
            counts[lane] = len - u64::from(point != 0);
            lone_points |= u64::from(len == 1) & u64::from(point != 0);
            // A one where the point is, and zeros: the text of the power.
            powers[lane] = u64::from(b'0') * ONES + point;
        }
        let mut parsed = digits(&words, &counts);
        parsed.others |= lone_points;
        let mut powers = digits(&powers, &self.lens).values;
        for power in &mut powers {
            *power = (*power).max(1);
        }
        Some((parsed, powers))
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
const LOW_HALF: u64 = 0xFFFF_FFFF;

/// A word of which only the first `count` bytes, at most 8, are all ones.
#[inline(always)]
pub(super) fn first_bytes(count: u64) -> u64 {
    // In two steps, for nothing is shifted by 64.
    let shift = 32 - 4 * count;
    (u64::MAX >> (shift & 63)) >> (shift & 63)
}

/// Of each lane the number that the first `count` characters of its word, at most 8, are; 0 of none.
#[inline(always)]
fn digits(words: &Each<u64>, counts: &Each<u64>) -> Parsed {
    const PAIRS: u64 = 0x0000_00FF_0000_00FF;
    let mut values = [0; LANES];
    let mut others = 0;
    for lane in 0..LANES {
        // In two steps, for none is shifted out by 64. Below the digits there are zeros then: leading ones.
        let shift = (32 - 4 * counts[lane]) & 63;
        let digits = ((words[lane] ^ (u64::from(b'0') * ONES)) << shift) << shift;
        others |= (digits.wrapping_add(0x76 * ONES) | digits) & HIGH_BITS;
        let pairs = (digits << 3).wrapping_add(digits << 1).wrapping_add(digits >> 8);
        // Four digits in either half of the word.
        let hundreds = pairs & PAIRS;
        let fours = (hundreds << 6) + (hundreds << 5) + (hundreds << 2) + ((pairs >> 16) & PAIRS);
        values[lane] = (fours & LOW_HALF) * 10_000 + (fours >> 32);
    }
    Parsed { values, others }
}

/// Which blocks are tried: where many in a row were not of the usual form, no more of a stripe are.
pub(super) struct Trial {
    failed: u32,
}

/// So many blocks more that failed than that did not.
const FAILED_MAX: u32 = 4;

impl Trial {
    pub(super) fn new() -> Self {
        Self { failed: 0 }
    }

    /// Whether a block begins with `row` that is to be tried.
    #[inline(always)]
    pub(super) fn is_worth(&self, fields: &Fields<'_>, row: usize) -> bool {
        row.is_multiple_of(LANES) && row + LANES <= fields.len() && self.failed < FAILED_MAX
    }

    #[inline(always)]
    pub(super) fn note(&mut self, taken: bool) {
        self.failed = if taken { self.failed.saturating_sub(1) } else { self.failed + 1 };
    }
}
