//! Columns of numbers.

use std::sync::Arc;

use arrow::array::{BooleanArray, PrimitiveArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type};
use restock_schema::Field;

use super::nulls::Nulls;
use super::{Fields, Finished, Refusals, Span, decode, filtered};
use crate::fault::What;
use crate::values::{self, ValueFault};

/// A number type of the schema.
pub(crate) trait Number {
    type Arrow: ArrowPrimitiveType;
    /// The value of a text, whatever its form.
    fn parse(text: &[u8]) -> Result<Native<Self>, ValueFault>;
    /// More than a time in seconds is likely to be.
    fn is_milliseconds(value: Native<Self>) -> bool;
}

type Native<N> = <<N as Number>::Arrow as ArrowPrimitiveType>::Native;

pub(crate) struct Int;
pub(crate) struct Long;
pub(crate) struct Float;
pub(crate) struct Double;

impl Number for Int {
    type Arrow = Int32Type;
    fn parse(text: &[u8]) -> Result<i32, ValueFault> {
        values::parse_int(text)
    }
    fn is_milliseconds(_: i32) -> bool {
        false
    }
}

impl Number for Long {
    type Arrow = Int64Type;
    fn parse(text: &[u8]) -> Result<i64, ValueFault> {
        values::parse_long(text)
    }
    fn is_milliseconds(value: i64) -> bool {
        value > values::MILLISECONDS_FROM
    }
}

impl Number for Float {
    type Arrow = Float32Type;
    fn parse(text: &[u8]) -> Result<f32, ValueFault> {
        values::parse_float(text)
    }
    fn is_milliseconds(_: f32) -> bool {
        false
    }
}

impl Number for Double {
    type Arrow = Float64Type;
    fn parse(text: &[u8]) -> Result<f64, ValueFault> {
        values::parse_double(text)
    }
    fn is_milliseconds(_: f64) -> bool {
        false
    }
}

pub(crate) struct NumberColumn<N: Number> {
    nullable: bool,
    /// Whether its values are times in seconds.
    is_time: bool,
    values: Vec<Native<N>>,
    nulls: Nulls,
    milliseconds: Vec<u32>,
}

/// The column whose values are epoch seconds by the service's rules.
const TIMESTAMP: &str = "TIMESTAMP";

impl<N: Number> NumberColumn<N> {
    pub(super) fn new(field: &Field) -> Self {
        Self {
            nullable: field.nullable,
            is_time: field.name == TIMESTAMP,
            values: Vec::new(),
            nulls: Nulls::default(),
            milliseconds: Vec::new(),
        }
    }

    pub(super) fn append(&mut self, fields: &Fields<'_>, refusals: &mut Refusals) {
        let base = self.values.len();
        self.values.reserve(fields.len());
        for row in 0..fields.len() {
            let span = fields.span(row);
            let value = self.slow(base, fields, row, span, refusals);
            self.values.push(value);
        }
        if self.is_time {
            self.note_milliseconds(base);
        }
    }

    /// Values of unusual form, nulls and errors.
    #[cold]
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
        let values = std::mem::take(&mut self.values);
        let nulls = self.nulls.finish(values.len());
        let array = PrimitiveArray::<N::Arrow>::new(ScalarBuffer::from(values), nulls);
        Finished { array: filtered(Arc::new(array), keep), cut: 0 }
    }
}
