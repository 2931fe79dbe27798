//! Columns of strings.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use restock_schema::TextLimit;

use super::affix::Numbers;
use super::lanes::{LANES, Trial};
use super::nulls::Nulls;
use super::{Fields, Finished, Pieces, Refusals, Span, decode, filtered};
use crate::fault::What;
use crate::pages::Arena;
use crate::recycler::Recycler;
use crate::strings::{SHORT, Strings};

pub(crate) struct TextColumn {
    rules: TextRules,
    /// The texts so far, unless they are numbers.
    strings: Strings,
    numbers: Option<Numbers>,
    number_buffers: Recycler<u32>,
    /// The memory of the numbers of the batch before.
    spare: Vec<u64>,
    affixes: bool,
    nulls: Nulls,
}

/// A column that has no unquoted text in so many rows is not looked at for numbers.
const FIRST_ROWS: usize = 64;

/// What holds for the texts of a column.
pub(super) struct TextRules {
    pub(super) nullable: bool,
    pub(super) limit: Option<TextLimit>,
    /// The empty string is no record ID.
    is_record_id: bool,
    /// The rows whose text was cut.
    pub(super) cut: Vec<u32>,
}

/// What a field says.
pub(super) enum Text<'a> {
    Null,
    Value(std::borrow::Cow<'a, [u8]>),
    Refused,
}

impl TextRules {
    pub(super) fn new(nullable: bool, limit: Option<TextLimit>, is_record_id: bool) -> Self {
        Self { nullable, limit, is_record_id, cut: Vec::new() }
    }

    /// No text of so few bytes is touched by the limit.
    pub(super) fn free_bytes(&self) -> usize {
        self.limit.map_or(usize::MAX, TextLimit::chars)
    }

    pub(super) fn text<'a>(
        &mut self,
        base: usize,
        fields: &'a Fields<'_>,
        row: usize,
        span: Span,
        refusals: &mut Refusals,
    ) -> Text<'a> {
        let raw = fields.raw(span);
        if raw.is_empty() {
            if self.nullable {
                return Text::Null;
            }
            refusals.refuse(base, fields, row, span, What::Empty);
            return Text::Refused;
        }
        let value = decode(raw, fields.escape);
        if self.is_record_id && value.is_empty() {
            refusals.refuse(base, fields, row, span, What::EmptyId);
            return Text::Refused;
        }
        let Some(limit) = self.limit.filter(|limit| value.len() > limit.chars()) else {
            return Text::Value(value);
        };
        let admitted = std::str::from_utf8(&value).ok().and_then(|text| limit.admit(text)).map(str::len);
        match admitted {
            None => {
                refusals.refuse(base, fields, row, span, What::TextLimit(limit.chars()));
                Text::Refused
            }
            Some(len) if len == value.len() => Text::Value(value),
            Some(len) => {
                self.cut.push((base + row) as u32);
                let mut value = value.into_owned();
                value.truncate(len);
                Text::Value(value.into())
            }
        }
    }

    /// How many of the rows that are kept were cut.
    pub(super) fn finish(&mut self, keep: Option<&BooleanArray>) -> u64 {
        let kept = |row: &u32| keep.is_none_or(|keep| keep.value(*row as usize));
        self.cut.drain(..).filter(kept).count() as u64
    }
}

impl TextColumn {
    /// With `affixes`, strings that are one prefix and a number each come as the numbers.
    pub(super) fn new(rules: TextRules, affixes: bool, arena: &Arc<Arena>) -> Self {
        Self {
            rules,
            strings: Strings::new(arena),
            numbers: None,
            number_buffers: Recycler::new(arena),
            spare: Vec::new(),
            affixes,
            nulls: Nulls::default(),
        }
    }

    #[inline(always)]
    pub(super) fn append(&mut self, fields: &Fields<'_>, refusals: &mut Refusals) {
        if self.affixes && self.numbers.is_none() && self.strings.len() == 0 {
            self.numbers = first_text(fields).and_then(|text| Numbers::like(text, &mut self.spare));
        }
        let from = match self.numbers {
            Some(_) => self.append_numbers(fields, refusals),
            None => 0,
        };
        if from < fields.len() {
            self.append_strings(from, fields, refusals);
        }
    }

    /// The row from which on the values are no numbers.
    #[inline(always)]
    fn append_numbers(&mut self, fields: &Fields<'_>, refusals: &mut Refusals) -> usize {
        let Some(numbers) = &mut self.numbers else { return 0 };
        let base = numbers.len();
        let short = self.rules.free_bytes().min(SHORT);
        numbers.reserve(fields.len());
        let (mut row, mut trial) = (0, Trial::new());
        while row < fields.len() {
            if trial.is_worth(fields, row) {
                let taken = numbers.push_block(fields, row, self.rules.free_bytes());
                trial.note(taken);
                if taken {
                    row += LANES;
                    continue;
                }
            }
            let span = fields.span(row);
            let len = span.end - span.start;
            let bytes = fields.thirty_two(span);
            if !(len <= short && numbers.push_short(bytes, len)) {
                match self.rules.text(base, fields, row, span, refusals) {
                    Text::Value(value) if numbers.push(&value) => {}
                    Text::Value(_) => {
                        // What the rule said of this row it says again.
                        self.rules.cut.pop_if(|cut| *cut as usize == base + row);
                        numbers.to_strings(self.nulls.rows(), &mut self.strings);
                        self.spare = self.numbers.take().map(Numbers::into_values).unwrap_or_default();
                        return row;
                    }
                    Text::Null => {
                        self.nulls.push(base + row);
                        numbers.push_none();
                    }
                    Text::Refused => numbers.push_none(),
                }
            }
            row += 1;
        }
        fields.len()
    }

    #[inline(always)]
    fn append_strings(&mut self, from: usize, fields: &Fields<'_>, refusals: &mut Refusals) {
        let base = self.strings.len() - from;
        let short = self.rules.free_bytes().min(SHORT);
        self.strings.reserve(fields.len(), fields.text_bytes());
        for row in from..fields.len() {
            let span = fields.span(row);
            let len = span.end - span.start;
            let bytes = fields.thirty_two(span);
            // An empty field's first byte is the separator.
            if bytes[0] != b'"' && len.wrapping_sub(1) < short {
                self.strings.push_short(bytes, len);
            } else {
                self.long(base, fields, row, span, refusals);
            }
        }
    }

    #[inline(never)]
    fn long(&mut self, base: usize, fields: &Fields<'_>, row: usize, span: Span, refusals: &mut Refusals) {
        let free = self.rules.free_bytes();
        match fields.raw(span) {
            // One byte at least: the empty text may be refused.
            [b'"', inside @ .., b'"'] if (1..=free).contains(&inside.len()) => {
                self.strings.push_pieces(Pieces::of(inside, fields.escape), inside.len());
            }
            [b'"', ..] | [] => self.slow(base, fields, row, span, refusals),
            raw if raw.len() > free => self.slow(base, fields, row, span, refusals),
            raw => self.strings.push(raw),
        }
    }

    /// Nulls, empty and long texts and errors.
    fn slow(&mut self, base: usize, fields: &Fields<'_>, row: usize, span: Span, refusals: &mut Refusals) {
        match self.rules.text(base, fields, row, span, refusals) {
            Text::Value(value) => self.strings.push(&value),
            Text::Null => {
                self.nulls.push(base + row);
                self.strings.push(b"");
            }
            Text::Refused => self.strings.push(b""),
        }
    }

    pub(super) fn finish(&mut self, keep: Option<&BooleanArray>) -> Finished {
        let cut = self.rules.finish(keep);
        if let Some(numbers) = self.numbers.take() {
            let shape = numbers.shape();
            let array = shape.as_ref().map(|_| {
                let nulls = self.nulls.finish(numbers.len());
                numbers.array(nulls, &self.number_buffers)
            });
            if array.is_none() {
                numbers.to_strings(self.nulls.rows(), &mut self.strings);
            }
            self.spare = numbers.into_values();
            if let Some(array) = array {
                return Finished { array: filtered(array, keep), cut, shape };
            }
        }
        let nulls = self.nulls.finish(self.strings.len());
        let array: ArrayRef = Arc::new(self.strings.finish(nulls));
        Finished { array: filtered(array, keep), cut, shape: None }
    }
}

/// The first text that is not quoted.
fn first_text<'a>(fields: &'a Fields<'_>) -> Option<&'a [u8]> {
    let texts = (0..fields.len()).map(|row| fields.raw(fields.span(row)));
    texts.take(FIRST_ROWS).find(|text| !matches!(text, [b'"', ..] | []))
}
