//! Strings that are one prefix and a number: `user_0067182`. Stored as the number, in a half or a third of the bytes,
//! and found while a batch is encoded: without a hash table, from the digits alone.

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, StringArray};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Field as ArrowField, UInt32Type, UInt64Type};
use restock_schema::AffixShape;

use super::encode::PlainColumn;

const PREFIX_BYTES: usize = AffixShape::PREFIX_BYTES;
const DIGITS: usize = AffixShape::DIGITS;
/// The longest text of a number of 64 bits.
const NUMBER_BYTES: usize = 20;

/// How the strings of a column are made of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Affix {
    /// What each of them begins with.
    prefix: String,
    /// How many digits each has at least, by zeros in front.
    digits: usize,
}

impl From<&AffixShape> for Affix {
    fn from(shape: &AffixShape) -> Affix {
        Affix { prefix: shape.prefix().to_owned(), digits: shape.digits() }
    }
}

impl Affix {
    /// The keys of the field's metadata.
    pub const PREFIX_KEY: &'static str = "restock.prefix";
    pub const DIGITS_KEY: &'static str = "restock.digits";

    /// From the metadata of a field; `None` if it is none.
    pub fn from_metadata(prefix: Option<&String>, digits: Option<&String>) -> Option<Affix> {
        let affix = Affix { prefix: prefix?.clone(), digits: digits?.parse().ok()? };
        let fits = affix.prefix.len() <= PREFIX_BYTES && (1..=DIGITS).contains(&affix.digits);
        fits.then_some(affix)
    }

    /// What the field's metadata says.
    pub fn metadata(&self) -> [(String, String); 2] {
        [
            (Self::PREFIX_KEY.to_owned(), self.prefix.clone()),
            (Self::DIGITS_KEY.to_owned(), self.digits.to_string()),
        ]
    }

    /// The strings of numbers, which are `UInt32` or `UInt64`; `None` for others, or more text than one array holds.
    pub fn strings(&self, numbers: &ArrayRef) -> Option<StringArray> {
        match numbers.data_type() {
            DataType::UInt32 => self.render(numbers.as_primitive::<UInt32Type>()),
            DataType::UInt64 => self.render(numbers.as_primitive::<UInt64Type>()),
            _ => None,
        }
    }

    /// Calls `then` with the string of one number.
    pub fn with<R>(&self, number: u64, then: impl FnOnce(&[u8]) -> R) -> R {
        let mut space = [0; ROOM];
        let length = Pen::new(self).write(number, &mut space);
        then(space.get(..length).unwrap_or_default())
    }

    fn render<T: ArrowPrimitiveType<Native: Into<u64>>>(
        &self,
        numbers: &PrimitiveArray<T>,
    ) -> Option<StringArray> {
        let rows = numbers.len();
        i32::try_from(rows.checked_mul(ROOM)?).ok()?;
        let pen = Pen::new(self);
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        let mut text = vec![0; rows * (self.prefix.len() + self.digits) + ROOM];
        let mut at = 0;
        for (row, &number) in numbers.values().iter().enumerate() {
            if text.len() < at + ROOM {
                text.resize(text.len() + text.len() / 2 + ROOM, 0);
            }
            let space = text.get_mut(at..).and_then(|rest| rest.first_chunk_mut())?;
            let written = pen.write(number.into(), space);
            // No text stands under a null: equal rows are equal bytes, however they came.
            at += if numbers.is_null(row) { 0 } else { written };
            offsets.push(at as i32);
        }
        text.truncate(at);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        StringArray::try_new(offsets, Buffer::from_vec(text), numbers.nulls().cloned()).ok()
    }
}

/// The most that one string takes, and what is copied too much.
const ROOM: usize = PREFIX_BYTES + NUMBER_BYTES;

/// Writes one string at a time.
struct Pen {
    /// The prefix with zero bytes behind it: more is copied than is there, which is faster than to ask how much.
    prefix: [u8; PREFIX_BYTES],
    prefix_bytes: usize,
    digits: usize,
    /// Smaller numbers have no more digits than each must have.
    usual: u64,
}

impl Pen {
    fn new(affix: &Affix) -> Pen {
        let mut prefix = [0; PREFIX_BYTES];
        let prefix_bytes = affix.prefix.len().min(PREFIX_BYTES);
        prefix.iter_mut().zip(affix.prefix.bytes()).for_each(|(to, from)| *to = from);
        Pen { prefix, prefix_bytes, digits: affix.digits, usual: 10_u64.pow(affix.digits as u32) }
    }

    /// The bytes written; behind them anything may stand.
    #[inline(always)]
    fn write(&self, number: u64, space: &mut [u8; ROOM]) -> usize {
        if let Some(space) = space.first_chunk_mut::<PREFIX_BYTES>() {
            *space = self.prefix;
        }
        let count = if number < self.usual {
            self.digits
        } else {
            number.checked_ilog10().map_or(1, |power| power as usize + 1)
        };
        let (high, low) = (number / 100_000_000, number % 100_000_000);
        let space = space.get_mut(self.prefix_bytes..).unwrap_or_default();
        match count {
            ..=8 => put(space, eight_digits(low) >> (64 - 8 * count)),
            9..=16 => {
                put(space, eight_digits(high) >> (128 - 8 * count));
                put(space.get_mut(count - 8..).unwrap_or_default(), eight_digits(low));
            }
            _ => {
                let mut rest = number;
                for digit in space.iter_mut().take(count).rev() {
                    *digit = b'0' + (rest % 10) as u8;
                    rest /= 10;
                }
            }
        }
        self.prefix_bytes + count
    }
}

#[inline(always)]
fn put(space: &mut [u8], word: u64) {
    if let Some(space) = space.first_chunk_mut::<8>() {
        *space = word.to_le_bytes();
    }
}

/// A batch's strings as numbers.
#[derive(Debug)]
pub(super) struct Affixed {
    pub shape: AffixShape,
    pub column: PlainColumn,
    /// Whether the numbers have 64 bits, and not 32.
    pub wide: bool,
    rows: usize,
}

impl Affixed {
    /// The strings as numbers, if that is what they are.
    pub fn new(strings: &StringArray) -> Option<Affixed> {
        let first = strings.iter().flatten().next()?;
        let (prefix, _) = AffixShape::split(first)?;
        let (text, bounds) = (strings.value_data(), strings.value_offsets());
        let mut numbers = Vec::with_capacity(strings.len());
        let (mut zeros, mut fewest, mut most) = (None, AffixShape::DIGITS, 0);
        for (row, bound) in bounds.windows(2).enumerate() {
            let &[start, end] = bound else { return None };
            if strings.is_null(row) {
                numbers.push(0);
                continue;
            }
            let string = text.get(start as usize..end as usize)?;
            let digits = string.strip_prefix(prefix.as_bytes())?;
            let number = number(text, end as usize, digits)?;
            if digits.len() > 1 && digits.first() == Some(&b'0') {
                // Of two lengths with zeros in front one number has two texts.
                if zeros.replace(digits.len()).is_some_and(|known| known != digits.len()) {
                    return None;
                }
            }
            fewest = fewest.min(digits.len());
            most = most.max(number);
            numbers.push(number);
        }
        let shape = AffixShape::new(prefix, zeros, fewest)?;
        let (wide, rows) = (u32::try_from(most).is_err(), strings.len());
        let buffer = if wide { Buffer::from_vec(numbers) } else { narrow(&numbers) };
        Some(Affixed { shape, column: PlainColumn::new(strings.nulls(), [buffer]), wide, rows })
    }

    /// Numbers that a reader of files has found: a column and its field in a batch.
    pub fn found(field: &ArrowField, array: &ArrayRef) -> Option<Affixed> {
        let values = match array.data_type() {
            DataType::UInt32 => array.as_primitive::<UInt32Type>().values().inner().clone(),
            DataType::UInt64 => array.as_primitive::<UInt64Type>().values().inner().clone(),
            _ => return None,
        };
        let shape = AffixShape::from_metadata(field.metadata())?;
        let wide = *array.data_type() == DataType::UInt64;
        Some(Affixed { shape, column: PlainColumn::new(array.nulls(), [values]), wide, rows: array.len() })
    }

    /// The strings.
    pub fn strings(&self) -> StringArray {
        let affix = Affix::from(&self.shape);
        let strings = if self.wide {
            affix.render(&self.numbers::<UInt64Type>())
        } else {
            affix.render(&self.numbers::<UInt32Type>())
        };
        // A batch of so much text is refused before: see `Encoder::check`.
        strings.unwrap_or_else(|| StringArray::new_null(self.rows))
    }

    /// Calls `then` with each string; a null is the empty one.
    pub fn each(&self, mut then: impl FnMut(&[u8])) {
        let affix = Affix::from(&self.shape);
        let mut one = |number: Option<u64>| match number {
            Some(number) => affix.with(number, &mut then),
            None => then(b""),
        };
        if self.wide {
            self.numbers::<UInt64Type>().iter().for_each(one);
        } else {
            self.numbers::<UInt32Type>().iter().for_each(|number| one(number.map(u64::from)));
        }
    }

    /// The column in 64 bits.
    pub fn widened(&self) -> PlainColumn {
        if self.wide {
            return self.column.clone();
        }
        let numbers = self.numbers::<UInt32Type>();
        let wide: Vec<u64> = numbers.values().iter().copied().map(u64::from).collect();
        PlainColumn::new(numbers.nulls(), [Buffer::from_vec(wide)])
    }

    fn numbers<T: ArrowPrimitiveType>(&self) -> PrimitiveArray<T> {
        let mut buffers = self.column.buffers.iter().cloned();
        let validity = buffers.next().filter(|validity| !validity.is_empty());
        let nulls = validity.map(|bits| NullBuffer::new(BooleanBuffer::new(bits, 0, self.rows)));
        let numbers = buffers.next().map(|numbers| ScalarBuffer::new(numbers, 0, self.rows));
        numbers.map_or_else(
            || PrimitiveArray::new_null(self.rows),
            |numbers| PrimitiveArray::new(numbers, nulls),
        )
    }
}

fn narrow(numbers: &[u64]) -> Buffer {
    Buffer::from_vec(numbers.iter().map(|number| *number as u32).collect::<Vec<u32>>())
}

/// The number that `digits`, which end at `end` of `text`, are; `None` for none, too many, and anything else.
fn number(text: &[u8], end: usize, digits: &[u8]) -> Option<u64> {
    let word =
        |end: usize| text.get(end.checked_sub(8)?..end)?.first_chunk().copied().map(u64::from_le_bytes);
    match digits.len() {
        0 => None,
        // The word begins before the digits: what stands there is shifted out.
        count @ 1..=8 => match word(end) {
            Some(word) => eight(word >> (64 - 8 * count) << (64 - 8 * count) | zeros(8 - count)),
            None => one_by_one(digits),
        },
        count @ 9..=16 => match (word(end - 8), word(end)) {
            (Some(high), Some(low)) => {
                let shown = 8 * (count as u32 - 8);
                let high = eight((high >> (64 - shown)) << (64 - shown) | zeros(16 - count))?;
                Some(high * 100_000_000 + eight(low)?)
            }
            _ => one_by_one(digits),
        },
        17..=DIGITS => one_by_one(digits),
        _ => None,
    }
}

/// So many characters `0`, at most 8, at the start of a word.
fn zeros(count: usize) -> u64 {
    (0x3030_3030_3030_3030_u64).checked_shr(64 - 8 * count as u32).unwrap_or(0)
}

/// The number that eight digits are, the first one lowest in the word.
#[inline(always)]
fn eight(word: u64) -> Option<u64> {
    let digits = word ^ 0x3030_3030_3030_3030;
    let other = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let low = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    (other == 0).then_some(high.wrapping_add(low) >> 32)
}

fn one_by_one(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The eight digits of a number below 10^8, the first one lowest in the word.
#[inline(always)]
fn eight_digits(number: u64) -> u64 {
    let halves = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | ((halves - 100 * hundreds) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    (tens | ((pairs - 10 * tens) << 8)) | 0x3030_3030_3030_3030
}

#[cfg(test)]
mod tests;
