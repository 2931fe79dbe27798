//! Columns of numbers.

use std::sync::Arc;

use arrow::array::{BooleanArray, PrimitiveArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type};
use restock_schema::Field;

use super::lanes::{Each, LANES, Lanes, Parsed, Trial};
use super::nulls::Nulls;
use super::{Fields, Finished, Refusals, Span, decode, filtered};
use crate::fault::What;
use crate::pages::Arena;
use crate::recycler::Recycler;
use crate::values::{self, Scaled, ValueFault, digits, scaled};

/// A number type of the schema.
pub(crate) trait Number {
    type Arrow: ArrowPrimitiveType;
    /// The value of a text of an usual form, if it is one; an empty text has any value.
    fn fast(text: Word<'_>) -> Option<Native<Self>>;
    /// The values of a block of texts, if all are of an usual form; those of empty ones are any.
    fn block(fields: &Fields<'_>, lanes: &Lanes) -> Option<Each<Native<Self>>>;
    /// The value of a text, whatever its form.
    fn parse(text: &[u8]) -> Result<Native<Self>, ValueFault>;
    /// More than a time in seconds is likely to be.
    fn is_milliseconds(_: Native<Self>) -> bool {
        false
    }
}

type Native<N> = <<N as Number>::Arrow as ArrowPrimitiveType>::Native;

/// What the first eight digits are worth, by the number of those after them.
const POWERS: [u64; 9] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// A text and the bytes after it.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    /// From the text's first byte on; at least 16, of which those after the text are anything.
    bytes: &'a [u8; 16],
    len: usize,
}

impl Word<'_> {
    #[inline(always)]
    fn eight(self, from: usize) -> u64 {
        let bytes = self.bytes.get(from..).and_then(|rest| rest.first_chunk::<8>());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// Up to sixteen digits.
    #[inline(always)]
    fn digits(self) -> Option<u64> {
        if self.len <= 8 {
            return digits(self.eight(0), self.len).map(u64::from);
        }
        if self.len > 16 {
            return None;
        }
        let (high, low) = (digits(self.eight(0), 8)?, digits(self.eight(8), self.len - 8)?);
        let power = POWERS.get(self.len - 8).copied().unwrap_or_default();
        Some(u64::from(high) * power + u64::from(low))
    }

    /// Up to eight digits with a point among them.
    #[inline(always)]
    fn scaled(self) -> Option<Scaled> {
        if self.len > 8 {
            return None;
        }
        scaled(self.eight(0), self.len)
    }
}

pub(crate) struct Int;
pub(crate) struct Long;
pub(crate) struct Float;
pub(crate) struct Double;

impl Number for Int {
    type Arrow = Int32Type;
    #[inline(always)]
    fn fast(text: Word<'_>) -> Option<i32> {
        text.digits().and_then(|value| i32::try_from(value).ok())
    }
    #[inline(always)]
    fn block(fields: &Fields<'_>, lanes: &Lanes) -> Option<Each<i32>> {
        let Parsed { values, others } = lanes.whole(fields, 0)?;
        let too_large = values.iter().fold(0, |above, value| above | (value & !(i32::MAX as u64)));
        (others | too_large == 0).then(|| values.map(|value| value as i32))
    }
    fn parse(text: &[u8]) -> Result<i32, ValueFault> {
        values::parse_int(text)
    }
}

impl Number for Long {
    type Arrow = Int64Type;
    #[inline(always)]
    fn fast(text: Word<'_>) -> Option<i64> {
        text.digits().map(|value| value as i64)
    }
    #[inline(always)]
    fn block(fields: &Fields<'_>, lanes: &Lanes) -> Option<Each<i64>> {
        let Parsed { values, others } = lanes.whole(fields, 0)?;
        (others == 0).then(|| values.map(|value| value as i64))
    }
    fn parse(text: &[u8]) -> Result<i64, ValueFault> {
        values::parse_long(text)
    }
    fn is_milliseconds(value: i64) -> bool {
        value > values::MILLISECONDS_FROM
    }
}

impl Number for Float {
    type Arrow = Float32Type;
    #[inline(always)]
    fn fast(text: Word<'_>) -> Option<f32> {
        text.scaled().map(Scaled::to_f32)
    }
    #[inline(always)]
    fn block(fields: &Fields<'_>, lanes: &Lanes) -> Option<Each<f32>> {
        quotients(lanes.scaled(fields)?, |digits, power| digits as f32 / power as f32)
    }
    fn parse(text: &[u8]) -> Result<f32, ValueFault> {
        values::parse_float(text)
    }
}

impl Number for Double {
    type Arrow = Float64Type;
    #[inline(always)]
    fn fast(text: Word<'_>) -> Option<f64> {
        text.scaled().map(Scaled::to_f64)
    }
    #[inline(always)]
    fn block(fields: &Fields<'_>, lanes: &Lanes) -> Option<Each<f64>> {
        quotients(lanes.scaled(fields)?, |digits, power| digits as f64 / power as f64)
    }
    fn parse(text: &[u8]) -> Result<f64, ValueFault> {
        values::parse_double(text)
    }
}

/// Exact to the last bit, as [`Scaled::to_f32`] and [`Scaled::to_f64`] are.
#[inline(always)]
fn quotients<T: Copy + Default>(
    (digits, powers): (Parsed, Each<u64>),
    divide: impl Fn(i32, i32) -> T,
) -> Option<Each<T>> {
    let mut quotients = [T::default(); LANES];
    for ((quotient, digits), power) in quotients.iter_mut().zip(digits.values).zip(powers) {
        *quotient = divide(digits as i32, power as i32);
    }
    (digits.others == 0).then_some(quotients)
}

pub(crate) struct NumberColumn<N: Number> {
    nullable: bool,
    /// Whether its values are times in seconds.
    is_time: bool,
    values: Vec<Native<N>>,
    buffers: Recycler<Native<N>>,
    nulls: Nulls,
    milliseconds: Vec<u32>,
}

/// The column whose values are epoch seconds by the service's rules.
const TIMESTAMP: &str = "TIMESTAMP";

impl<N: Number> NumberColumn<N> {
    pub(super) fn new(field: &Field, arena: &Arc<Arena>) -> Self {
        Self {
            nullable: field.nullable,
            is_time: field.name == TIMESTAMP,
            values: Vec::new(),
            buffers: Recycler::new(arena),
            nulls: Nulls::default(),
            milliseconds: Vec::new(),
        }
    }

    #[inline(always)]
    pub(super) fn append(&mut self, fields: &Fields<'_>, refusals: &mut Refusals) {
        let base = self.values.len();
        self.values.resize(base + fields.len(), Native::<N>::default());
        let (mut row, mut trial) = (0, Trial::new());
        while row < fields.len() {
            if trial.is_worth(fields, row) {
                let taken = self.append_block(base, fields, row);
                trial.note(taken);
                if taken {
                    row += LANES;
                    continue;
                }
            }
            self.append_one(base, fields, row, refusals);
            row += 1;
        }
        if self.is_time {
            self.note_milliseconds(base);
        }
    }

    /// Whether the rows are of an usual form, all of them.
    #[inline(always)]
    fn append_block(&mut self, base: usize, fields: &Fields<'_>, row: usize) -> bool {
        let lanes = Lanes::new(fields, row);
        let has_empty = lanes.extent().0 == 0;
        let first = base + row;
        let Some(values) = N::block(fields, &lanes).filter(|_| self.nullable || !has_empty) else {
            return false;
        };
        if has_empty {
            for (lane, len) in lanes.lens.iter().enumerate() {
                self.nulls.push_if(first + lane, *len == 0);
            }
        }
        if let Some(slots) = self.values.get_mut(first..first + LANES) {
            slots.copy_from_slice(&values);
        }
        true
    }

    #[inline(always)]
    fn append_one(&mut self, base: usize, fields: &Fields<'_>, row: usize, refusals: &mut Refusals) {
        let span = fields.span(row);
        let text = Word { bytes: fields.sixteen(span), len: span.end - span.start };
        let value = match N::fast(text) {
            Some(value) if self.nullable || text.len > 0 => {
                self.nulls.push_if(base + row, text.len == 0);
                value
            }
            _ => self.slow(base, fields, row, span, refusals),
        };
        if let Some(slot) = self.values.get_mut(base + row) {
            *slot = value;
        }
    }

    /// Values of unusual form, nulls and errors.
    #[cold]
    #[inline(never)]
    fn slow(
        &mut self,
        base: usize,
        fields: &Fields<'_>,
        row: usize,
        span: Span,
        refusals: &mut Refusals,
    ) -> Native<N> {
        let text = decode(fields.raw(span), fields.escape);
        if text.is_empty() && self.nullable {
            self.nulls.push(base + row);
            return Native::<N>::default();
        }
        N::parse(&text).unwrap_or_else(|fault| {
            let what = if text.is_empty() { What::Empty } else { What::Value(fault) };
            refusals.refuse(base, fields, row, span, what);
            Native::<N>::default()
        })
    }

    fn note_milliseconds(&mut self, base: usize) {
        let appended = self.values.get(base..).unwrap_or_default();
        let found = appended.iter().enumerate().filter(|(_, value)| N::is_milliseconds(**value));
        self.milliseconds.extend(found.map(|(row, _)| (base + row) as u32));
    }

    /// The rows whose times look like milliseconds; kept until the next batch begins.
    pub(super) fn milliseconds(&self) -> &[u32] {
        &self.milliseconds
    }

    pub(super) fn finish(&mut self, keep: Option<&BooleanArray>) -> Finished {
        self.milliseconds.clear();
        let values = std::mem::replace(&mut self.values, self.buffers.take());
        self.values.clear();
        let nulls = self.nulls.finish(values.len());
        let array = PrimitiveArray::<N::Arrow>::new(ScalarBuffer::from(self.buffers.lend(values)), nulls);
        Finished { array: filtered(Arc::new(array), keep), cut: 0, shape: None }
    }
}
