//! Columns of booleans.

use std::sync::Arc;

use arrow::array::{BooleanArray, BooleanBufferBuilder};

use super::nulls::Nulls;
use super::{Fields, Finished, Refusals, decode, filtered};
use crate::fault::What;
use crate::values::parse_boolean;

pub(crate) struct BooleanColumn {
    nullable: bool,
    values: BooleanBufferBuilder,
    nulls: Nulls,
}

impl BooleanColumn {
    pub(super) fn new(nullable: bool) -> Self {
        Self { nullable, values: BooleanBufferBuilder::new(0), nulls: Nulls::default() }
    }

    #[inline(always)]
    pub(super) fn append(&mut self, fields: &Fields<'_>, refusals: &mut Refusals) {
        let base = self.values.len();
        for row in 0..fields.len() {
            let span = fields.span(row);
            let text = decode(fields.raw(span), fields.escape);
            if text.is_empty() && self.nullable {
                self.nulls.push(base + row);
                self.values.append(false);
                continue;
            }
            let value = parse_boolean(&text).unwrap_or_else(|fault| {
                let what = if text.is_empty() { What::Empty } else { What::Value(fault) };
                refusals.refuse(base, fields, row, span, what);
                false
            });
            self.values.append(value);
        }
    }

    pub(super) fn finish(&mut self, keep: Option<&BooleanArray>) -> Finished {
        let values = self.values.finish();
        let nulls = self.nulls.finish(values.len());
        Finished { array: filtered(Arc::new(BooleanArray::new(values, nulls)), keep), cut: 0, shape: None }
    }
}
