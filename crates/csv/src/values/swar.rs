//! Short numbers, eight characters at a time in one machine word: what nearly all numbers in files are. Each function
//! is exact where it answers, and leaves what it does not know to the parsers beside it.

/// The low bytes of a word, by their number.
const LOW: [u64; 9] = [
    0,
    0xFF,
    0xFFFF,
    0xFF_FFFF,
    0xFFFF_FFFF,
    0xFF_FFFF_FFFF,
    0xFFFF_FFFF_FFFF,
    0xFF_FFFF_FFFF_FFFF,
    u64::MAX,
];

/// The powers of ten that a number of eight characters can have behind its point; exact in both float types.
const POWERS: [f32; 8] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

/// A number of at most eight digits and its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    digits: u32,
    scale: u32,
}

impl Scaled {
    /// Exact to the last bit: seven digits, or eight without a point, which are rounded once; and one division.
    #[inline(always)]
    pub(crate) fn to_f32(self) -> f32 {
        self.digits as f32 / POWERS.get(self.scale as usize).copied().unwrap_or(1.0)
    }

    /// Exact to the last bit: digits and power are whole numbers below 2^53, and one division.
    #[inline(always)]
    pub(crate) fn to_f64(self) -> f64 {
        f64::from(self.digits) / f64::from(POWERS.get(self.scale as usize).copied().unwrap_or(1.0))
    }
}

/// The first `len` characters (at most 8) of a word, first one lowest, if they are digits; 0 if there are none.
#[inline(always)]
pub(crate) fn digits(word: u64, len: usize) -> Option<u32> {
    // In two steps, for none is shifted out by 64. Below the digits there are zeros then: leading ones.
    let shift = 32 - 4 * (len as u32 & 15);
    let value = ((word ^ 0x3030_3030_3030_3030) << shift) << shift;
    let other = (value.wrapping_add(0x7676_7676_7676_7676) | value) & 0x8080_8080_8080_8080;
    let pairs = value.wrapping_mul(10).wrapping_add(value >> 8);
    let low = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    (other == 0).then_some((low.wrapping_add(high) >> 32) as u32)
}

/// The first `len` characters (at most 8) of a word, if they are digits with at most one point among them, at least
/// one digit; 0 if there are no characters.
#[inline(always)]
pub(crate) fn scaled(word: u64, len: usize) -> Option<Scaled> {
    let word = word & LOW.get(len).copied().unwrap_or_default();
    let points = word ^ 0x2E2E_2E2E_2E2E_2E2E;
    let point =
        (points.wrapping_sub(0x0101_0101_0101_0101) & !points & 0x8080_8080_8080_8080).trailing_zeros() / 8;
    let before = LOW.get(point as usize).copied().unwrap_or_default();
    let joined = (word & before) | ((word >> 8) & !before);
    let pointed = usize::from(point < 8);
    let count = len - pointed;
    let scale = if pointed == 1 { count as u32 - point } else { 0 };
    digits(joined, count).filter(|_| count > 0 || len == 0).map(|digits| Scaled { digits, scale })
}
