//! Columns of few distinct strings.

use std::sync::Arc;

use ahash::AHashMap;
use arrow::array::{Array, ArrayRef, BooleanArray, DictionaryArray, PrimitiveArray};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::Int32Type;

use super::nulls::Nulls;
use super::text::{Text, TextRules};
use super::{Fields, Finished, Refusals, filtered};
use crate::recycler::Recycler;
use crate::strings::Strings;

/// Beyond so many values a batch's column is plain.
const VALUES_MAX: usize = 8192;
/// So many values are a dictionary however few the rows.
const VALUES_FREE: usize = 256;
/// Else a value must stand for so many rows.
const ROWS_PER_VALUE: usize = 4;

/// Codes in order of first appearance, until the values prove too many: then the rest of the batch is plain.
pub(crate) struct DictionaryColumn {
    rules: TextRules,
    codes: Vec<i32>,
    buffers: Recycler<i32>,
    values: Vec<Box<[u8]>>,
    known: AHashMap<Box<[u8]>, i32>,
    nulls: Nulls,
    recent: Box<[Recent; RECENT]>,
    /// The column so far, once it is plain.
    plain: Option<Strings>,
}

/// A short value that was met, and its code.
#[derive(Clone, Copy, Debug)]
struct Recent {
    head: u64,
    tail: u64,
    len: usize,
    code: i32,
}

/// How many short values are found without hashing them in full.
const RECENT: usize = 64;
const NONE: Recent = Recent { head: 0, tail: 0, len: 0, code: 0 };

impl DictionaryColumn {
    pub(super) fn new(rules: TextRules) -> Self {
        Self {
            rules,
            codes: Vec::new(),
            buffers: Recycler::default(),
            values: Vec::new(),
            known: AHashMap::new(),
            nulls: Nulls::default(),
            recent: Box::new([NONE; RECENT]),
            plain: None,
        }
    }

    fn len(&self) -> usize {
        self.plain.as_ref().map_or(self.codes.len(), Strings::len)
    }

    #[inline(always)]
    pub(super) fn append(&mut self, fields: &Fields<'_>, refusals: &mut Refusals) {
        let base = self.len();
        self.codes.reserve(fields.len());
        let short = self.rules.free_bytes().min(16);
        for row in 0..fields.len() {
            let span = fields.span(row);
            if self.plain.is_none() && self.push_recent(fields.sixteen(span), span.end - span.start, short) {
                continue;
            }
            match self.rules.text(base, fields, row, span, refusals) {
                Text::Value(value) => self.push(&value),
                Text::Null => {
                    self.nulls.push(base + row);
                    self.push_any();
                }
                Text::Refused => self.push_any(),
            }
        }
        if self.too_many() {
            self.make_plain();
        }
    }

    /// Appends the code of an unquoted value of at most `short` bytes, if it is there. What follows the value in `bytes`
    /// does not matter.
    #[inline(always)]
    fn push_recent(&mut self, bytes: &[u8; 16], len: usize, short: usize) -> bool {
        if bytes[0] == b'"' || len.wrapping_sub(1) >= short {
            return false;
        }
        let text = u128::from_le_bytes(*bytes) & (u128::MAX >> (128 - 8 * (len as u32 & 31)));
        let (head, tail) = (text as u64, (text >> 64) as u64);
        let first = place(head, tail, len);
        let there = |place: usize| {
            let slot = self.recent.get(place).copied().unwrap_or(NONE);
            ((slot.head == head) & (slot.tail == tail) & (slot.len == len), slot.code)
        };
        // Both are looked at, since which of them it is cannot be foreseen.
        let ((is_first, one), (is_second, other)) = (there(first), there(first ^ 1));
        if is_first | is_second {
            self.codes.push(if is_first { one } else { other });
            return true;
        }
        self.remember(bytes.get(..len).unwrap_or(bytes), Recent { head, tail, len, code: 0 }, first);
        true
    }

    #[cold]
    fn remember(&mut self, value: &[u8], recent: Recent, first: usize) {
        let code = self.code(value);
        self.codes.push(code);
        let free = self.recent.get(first).is_some_and(|slot| slot.len == 0);
        if let Some(slot) = self.recent.get_mut(if free { first } else { first ^ 1 }) {
            *slot = Recent { code, ..recent };
        }
    }

    fn push(&mut self, value: &[u8]) {
        if let Some(plain) = &mut self.plain {
            plain.push(value);
        } else {
            let code = self.code(value);
            self.codes.push(code);
        }
    }

    /// What stands where no value is.
    fn push_any(&mut self) {
        match &mut self.plain {
            Some(plain) => plain.push(b""),
            None => self.codes.push(0),
        }
    }

    fn code(&mut self, value: &[u8]) -> i32 {
        if let Some(code) = self.known.get(value) {
            return *code;
        }
        let code = self.values.len() as i32;
        self.values.push(value.into());
        self.known.insert(value.into(), code);
        code
    }

    fn too_many(&self) -> bool {
        let values = self.values.len();
        values > VALUES_MAX || (values > VALUES_FREE && values * ROWS_PER_VALUE > self.codes.len())
    }

    fn make_plain(&mut self) {
        let mut plain = Strings::default();
        for code in self.codes.drain(..) {
            plain.push(value_of(&self.values, code));
        }
        self.values.clear();
        self.forget();
        self.plain = Some(plain);
    }

    pub(super) fn finish(&mut self, keep: Option<&BooleanArray>) -> Finished {
        let cut = self.rules.finish(keep);
        let nulls = self.nulls.finish(self.len());
        if let Some(mut plain) = self.plain.take() {
            return Finished { array: filtered(Arc::new(plain.finish(nulls)), keep), cut, shape: None };
        }
        let codes = std::mem::replace(&mut self.codes, self.buffers.take());
        self.codes.clear();
        let codes = PrimitiveArray::<Int32Type>::new(ScalarBuffer::from(self.buffers.lend(codes)), nulls);
        let codes = match keep {
            // Values of refused rows alone are not part of the batch.
            Some(keep) => self.renumbered(&codes, keep),
            None => codes,
        };
        let mut values = Strings::default();
        self.values.drain(..).for_each(|value| values.push(&value));
        self.forget();
        Finished { array: dictionary(codes, values), cut, shape: None }
    }

    fn forget(&mut self) {
        self.known.clear();
        self.recent.fill(NONE);
    }

    /// The codes of the rows that are kept, in order of first appearance there.
    fn renumbered(
        &mut self,
        codes: &PrimitiveArray<Int32Type>,
        keep: &BooleanArray,
    ) -> PrimitiveArray<Int32Type> {
        let old = std::mem::take(&mut self.values);
        self.forget();
        let mut kept = Vec::with_capacity(codes.len());
        let mut valid = Vec::with_capacity(codes.len());
        for row in (0..codes.len()).filter(|row| keep.value(*row)) {
            valid.push(codes.is_valid(row));
            kept.push(if codes.is_valid(row) { self.code(value_of(&old, codes.value(row))) } else { 0 });
        }
        let nulls = Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
        PrimitiveArray::new(ScalarBuffer::from(kept), nulls)
    }
}

/// Where a short value is looked for.
#[inline(always)]
fn place(head: u64, tail: u64, len: usize) -> usize {
    let mixed = (head ^ tail.rotate_left(29) ^ len as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 58) as usize
}

fn value_of(values: &[Box<[u8]>], code: i32) -> &[u8] {
    usize::try_from(code).ok().and_then(|code| values.get(code)).map_or(b"", |value| value)
}

fn dictionary(codes: PrimitiveArray<Int32Type>, mut values: Strings) -> ArrayRef {
    Arc::new(DictionaryArray::new(codes, Arc::new(values.finish(None))))
}
