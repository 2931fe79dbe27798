//! Arrow columns, built a stripe of records at a time.

mod affix;
mod boolean;
mod dictionary;
mod lanes;
mod nulls;
mod number;
mod quoted;
mod text;

use std::slice::ChunksExact;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use restock_schema::{AffixShape, Field, TextLimit, ValueType};

use crate::fault::{Column as FaultColumn, Fault, What};
use crate::options::Escape;
use crate::pages::Arena;
use crate::strings::SHORT;

use boolean::BooleanColumn;
use dictionary::DictionaryColumn;
pub(crate) use lanes::LANES;
use number::NumberColumn;
pub(crate) use quoted::{Pieces, decode};
use text::{TextColumn, TextRules};

/// The fields of one column, in the records of a stripe that are whole.
pub(crate) struct Fields<'a> {
    /// The chunk, padded.
    pub(crate) bytes: &'a [u8],
    pub(crate) bounds: &'a [u32],
    /// For each record the place of its first field in `bounds`.
    pub(crate) rows: &'a [u32],
    /// How many fields a record has.
    pub(crate) width: usize,
    /// Which of them is this column.
    pub(crate) column: usize,
    /// Which field of the schema it is.
    pub(crate) field: u16,
    pub(crate) escape: Escape,
}

/// One field, its quotes not yet removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[expect(
    clippy::indexing_slicing,
    reason = "rows and bounds come of one index, whose bounds lie in the chunk"
)]
impl Fields<'_> {
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the column is the last of its file, behind which a CR may stand.
    #[inline(always)]
    fn is_last(&self) -> bool {
        self.column + 1 == self.width
    }

    #[inline(always)]
    pub(crate) fn span(&self, row: usize) -> Span {
        let place = self.rows[row] as usize + self.column;
        let start = self.bounds[place] as usize;
        let end = self.bounds[place + 1] as usize - 1;
        // The CR of a CRLF: a record with any other CR outside quotes is not whole.
        let cr = self.is_last() && end > start && self.bytes[end - 1] == b'\r';
        Span { start, end: end - usize::from(cr) }
    }

    /// The field's bound and the one after it, of each of the [`LANES`] rows from `row` on, if nothing is between their
    /// records: at the beginning of each item.
    #[inline(always)]
    fn neighbours(&self, row: usize) -> Option<ChunksExact<'_, u32>> {
        let (first, last) = (self.rows[row] as usize, self.rows[row + LANES - 1] as usize);
        // Each of them has as many fields as the header: there is no other if the last is as far away.
        let apart = (LANES - 1) * self.width;
        if self.width < 2 || last - first != apart {
            return None;
        }
        let place = first + self.column;
        Some(self.bounds.get(place..place + apart + self.width)?.chunks_exact(self.width))
    }

    #[inline(always)]
    pub(crate) fn raw(&self, span: Span) -> &[u8] {
        &self.bytes[span.start..span.end]
    }

    /// The bytes from a field's first one on, those after it included: the chunk is padded.
    #[inline(always)]
    pub(crate) fn sixteen(&self, span: Span) -> &[u8; 16] {
        self.bytes[span.start..].first_chunk().unwrap_or(&[0; 16])
    }

    /// The same, for texts.
    #[inline(always)]
    pub(crate) fn thirty_two(&self, span: Span) -> &[u8; SHORT] {
        self.bytes[span.start..].first_chunk().unwrap_or(&[0; SHORT])
    }

    /// No column of these records has more text.
    pub(crate) fn text_bytes(&self) -> usize {
        (self.bounds.last().copied().unwrap_or_default() - self.bounds.first().copied().unwrap_or_default())
            as usize
    }

    fn fault(&self, row: usize, span: Span, what: What) -> Fault {
        let first = self.rows[row] as usize;
        Fault {
            record: self.bounds[first],
            record_end: self.bounds[first + self.width] - 1,
            start: span.start as u32,
            end: span.end as u32,
            column: FaultColumn::Schema(self.field),
            what,
        }
    }
}

/// The rows of a batch that are not accepted, and why.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    /// Rows of the batch, in no order, with repetitions.
    pub(crate) rows: Vec<u32>,
    pub(crate) faults: Vec<Fault>,
}

impl Refusals {
    /// `base` is the batch's length before the stripe.
    #[cold]
    fn refuse(&mut self, base: usize, fields: &Fields<'_>, row: usize, span: Span, what: What) {
        self.rows.push((base + row) as u32);
        self.faults.push(fields.fault(row, span, what));
    }
}

/// A finished column.
pub(crate) struct Finished {
    pub(crate) array: ArrayRef,
    /// How many of its values were cut to the column's limit.
    pub(crate) cut: u64,
    /// What its strings have in common, if `array` has their numbers.
    pub(crate) shape: Option<AffixShape>,
}

/// A column under construction.
pub(crate) enum Column {
    Text(TextColumn),
    Dictionary(DictionaryColumn),
    Int(NumberColumn<number::Int>),
    Long(NumberColumn<number::Long>),
    Float(NumberColumn<number::Float>),
    Double(NumberColumn<number::Double>),
    Boolean(BooleanColumn),
}

impl Column {
    /// An empty one. `affixes`: see [`Target::for_store`](crate::Target::for_store); arrays that are kept go to the arena.
    pub(crate) fn new(
        field: &Field,
        limit: Option<TextLimit>,
        is_record_id: bool,
        affixes: bool,
        arena: &Arc<Arena>,
    ) -> Self {
        let rules = TextRules::new(field.nullable, limit, is_record_id);
        let dictionary = matches!(field.arrow_type(), arrow::datatypes::DataType::Dictionary(..));
        match field.value_type {
            ValueType::String if dictionary => Self::Dictionary(DictionaryColumn::new(rules, arena)),
            ValueType::String => Self::Text(TextColumn::new(rules, affixes, arena)),
            ValueType::Int => Self::Int(NumberColumn::new(field, arena)),
            ValueType::Long => Self::Long(NumberColumn::new(field, arena)),
            ValueType::Float => Self::Float(NumberColumn::new(field, arena)),
            ValueType::Double => Self::Double(NumberColumn::new(field, arena)),
            ValueType::Boolean => Self::Boolean(BooleanColumn::new(field.nullable)),
        }
    }

    /// Appends one value a row; a row that is refused gets any. Inlined, so that it becomes code for the processor's
    /// own instructions where [`Scanner::append`](crate::scan::Scanner::append) says so.
    #[inline(always)]
    pub(crate) fn append(&mut self, fields: &Fields<'_>, refusals: &mut Refusals) {
        match self {
            Self::Text(column) => column.append(fields, refusals),
            Self::Dictionary(column) => column.append(fields, refusals),
            Self::Int(column) => column.append(fields, refusals),
            Self::Long(column) => column.append(fields, refusals),
            Self::Float(column) => column.append(fields, refusals),
            Self::Double(column) => column.append(fields, refusals),
            Self::Boolean(column) => column.append(fields, refusals),
        }
    }

    /// The column with the rows that are kept (all, if there is no mask); the builder is empty afterwards.
    pub(crate) fn finish(&mut self, keep: Option<&BooleanArray>) -> Finished {
        match self {
            Self::Text(column) => column.finish(keep),
            Self::Dictionary(column) => column.finish(keep),
            Self::Int(column) => column.finish(keep),
            Self::Long(column) => column.finish(keep),
            Self::Float(column) => column.finish(keep),
            Self::Double(column) => column.finish(keep),
            Self::Boolean(column) => column.finish(keep),
        }
    }

    /// The first row whose time looks like milliseconds, if this is the `TIMESTAMP` column.
    pub(crate) fn milliseconds(&self) -> &[u32] {
        match self {
            Self::Long(column) => column.milliseconds(),
            _ => &[],
        }
    }
}

fn filtered(array: ArrayRef, keep: Option<&BooleanArray>) -> ArrayRef {
    let Some(keep) = keep else { return array };
    // The mask is as long as the array, which is all that can fail.
    arrow::compute::filter(&array, keep).unwrap_or(array)
}
