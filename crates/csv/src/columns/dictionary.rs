//! Columns of few distinct strings.

use std::sync::Arc;

use ahash::AHashMap;
use arrow::array::{Array, ArrayRef, BooleanArray, DictionaryArray, PrimitiveArray};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::Int32Type;

use super::lanes::{LANES, Lanes, Trial, first_bytes};
use super::nulls::Nulls;
use super::text::{Text, TextRules};
use super::{Fields, Finished, Refusals, filtered};
use crate::pages::Arena;
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
    arena: Arc<Arena>,
    buffers: Recycler<i32>,
    values: Vec<Box<[u8]>>,
    known: AHashMap<Box<[u8]>, i32>,
    nulls: Nulls,
    /// The values, if they are few and short, by their codes.
    few: Vec<Few>,
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

/// A value of at most eight bytes.
#[derive(Clone, Copy, Debug)]
struct Few {
    /// Its text, zeros behind it.
    word: u64,
    len: u64,
    code: i32,
}

/// So many values are compared with all texts of a block at once. With more of them a hash is faster.
const FEW: usize = 16;
/// How many short values are found without hashing them in full.
const RECENT: usize = 64;
const NONE: Recent = Recent { head: 0, tail: 0, len: 0, code: 0 };

impl DictionaryColumn {
    pub(super) fn new(rules: TextRules, arena: &Arc<Arena>) -> Self {
        Self {
            rules,
            codes: Vec::new(),
            arena: Arc::clone(arena),
            buffers: Recycler::new(arena),
            values: Vec::new(),
            known: AHashMap::new(),
            nulls: Nulls::default(),
            few: Vec::new(),
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
        let (mut row, mut trial) = (0, Trial::new());
        while row < fields.len() {
            if self.are_few() && trial.is_worth(fields, row) {
                let taken = self.push_block(fields, row, short);
                trial.note(taken);
                if taken {
                    row += LANES;
                    continue;
                }
            }
            self.append_one(base, fields, row, short, refusals);
            row += 1;
        }
        if self.too_many() {
            self.make_plain();
        }
    }

    /// Whether `few` has all values.
    fn are_few(&self) -> bool {
        self.plain.is_none() && self.few.len() == self.values.len()
    }

    #[inline(always)]
    fn append_one(
        &mut self,
        base: usize,
        fields: &Fields<'_>,
        row: usize,
        short: usize,
        refusals: &mut Refusals,
    ) {
        let span = fields.span(row);
        if self.plain.is_none() && self.push_recent(fields.sixteen(span), span.end - span.start, short) {
            return;
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

    /// Appends the codes of a block of rows, if each is one of the few values that came first.
    #[inline(always)]
    fn push_block(&mut self, fields: &Fields<'_>, row: usize, short: usize) -> bool {
        let lanes = Lanes::new(fields, row);
        if lanes.extent().1 > short.min(8) as u64 {
            return false;
        }
        let mut words = lanes.words(fields, 0);
        for (word, len) in words.iter_mut().zip(lanes.lens) {
            *word &= first_bytes(len);
        }
        // One more than the code; 0 is none.
        let mut found = [0; LANES];
        for few in &self.few {
            let code = few.code as u64 + 1;
            for ((found, word), len) in found.iter_mut().zip(&words).zip(&lanes.lens) {
                *found |= code & 0_u64.wrapping_sub(u64::from((*word == few.word) & (*len == few.len)));
            }
        }
        let all = found.iter().fold(true, |all, found| all & (*found > 0));
        if all {
            self.codes.extend(found.map(|found| found as i32 - 1));
        }
        all
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
        if recent.len <= 8 && self.few.len() < FEW && self.few.len() == code as usize {
            self.few.push(Few { word: recent.head, len: recent.len as u64, code });
        }
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
        let mut plain = Strings::new(&self.arena);
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
        let mut values = Strings::new(&self.arena);
        self.values.drain(..).for_each(|value| values.push(&value));
        self.forget();
        Finished { array: dictionary(codes, values), cut, shape: None }
    }

    fn forget(&mut self) {
        self.known.clear();
        self.few.clear();
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
