//! Strings and lists of strings.

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use restock_csv::Limits;
use restock_schema::TextLimit;
use std::sync::Arc;

use super::convert::{Converted, Fault, strings};
use crate::record::limited;

/// What separates several categories in one value.
const SEPARATOR: char = '|';

/// Strings of any layout; copied only if the layout or a limit asks for it.
pub(super) fn plain(
    source: &ArrayRef,
    limit: Option<TextLimit>,
    limits: &Limits,
) -> Result<Converted, ArrowError> {
    let array = cast(source, &DataType::Utf8)?;
    let texts = strings(&array)?;
    let shortest = limit.map_or(limits.field_bytes, |limit| limit.chars().min(limits.field_bytes));
    let short = (0..texts.len()).all(|row| texts.value_length(row).cast_unsigned() as usize <= shortest);
    if short {
        return Ok(Converted { array, faults: Vec::new(), cut: Vec::new() });
    }
    Ok(Texts::new(limit, limits).collect(texts.iter().map(|text| text.map(Ok))))
}

/// Lists of strings, joined.
pub(super) fn joined(
    source: &ArrayRef,
    limit: Option<TextLimit>,
    limits: &Limits,
) -> Result<Converted, ArrowError> {
    let item = arrow::datatypes::Field::new("item", DataType::Utf8, true);
    let array = cast(source, &DataType::List(Arc::new(item)))?;
    let lists = array
        .as_list_opt::<i32>()
        .ok_or_else(|| ArrowError::CastError("not a list of strings".to_owned()))?;
    let joined: Vec<Option<Result<String, &'static str>>> = lists
        .iter()
        .map(|list| list.map(|list| strings(&list).map_err(|_| "is not a list of strings").and_then(join)))
        .collect();
    let joined =
        joined.iter().map(|text| text.as_ref().map(|text| text.as_deref().map_err(|reason| *reason)));
    Ok(Texts::new(limit, limits).collect(joined))
}

/// Joining must not make two lists the same text, nor drop a null.
fn join(texts: &StringArray) -> Result<String, &'static str> {
    if texts.null_count() > 0 {
        return Err("holds a null, which a joined text cannot show");
    }
    if texts.iter().flatten().any(|text| text.contains(SEPARATOR)) {
        return Err("holds a text with `|`, which separates the texts when joined");
    }
    Ok(texts.iter().flatten().collect::<Vec<_>>().join("|"))
}

/// Builds a column of texts within their limits.
struct Texts<'a> {
    limit: Option<TextLimit>,
    limits: &'a Limits,
    builder: StringBuilder,
    faults: Vec<Fault>,
    cut: Vec<usize>,
}

impl<'a> Texts<'a> {
    fn new(limit: Option<TextLimit>, limits: &'a Limits) -> Self {
        Self { limit, limits, builder: StringBuilder::new(), faults: Vec::new(), cut: Vec::new() }
    }

    fn collect<'t>(
        mut self,
        texts: impl Iterator<Item = Option<Result<&'t str, &'static str>>>,
    ) -> Converted {
        for (row, text) in texts.enumerate() {
            let Some(text) = text else {
                self.builder.append_null();
                continue;
            };
            match text
                .map_err(|reason| ("strings".to_owned(), reason.to_owned()))
                .and_then(|text| self.admit(text))
            {
                Ok((text, whole)) => {
                    self.builder.append_value(text);
                    if !whole {
                        self.cut.push(row);
                    }
                }
                Err((expected, reason)) => {
                    self.builder.append_null();
                    self.faults.push(Fault { row, expected, reason });
                }
            }
        }
        Converted { array: Arc::new(self.builder.finish()), faults: self.faults, cut: self.cut }
    }

    /// What is kept of a text, and whether that is all of it.
    fn admit<'t>(&self, text: &'t str) -> Result<(&'t str, bool), (String, String)> {
        let most = self.limits.field_bytes;
        if text.len() > most {
            return Err((format!("at most {most} bytes"), format!("is over the limit field_bytes ({most})")));
        }
        let kept = limited(text, self.limit).map_err(|wrong| (wrong.expected, wrong.reason))?;
        Ok((kept, kept.len() == text.len()))
    }
}
