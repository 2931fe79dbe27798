//! Errors of records while they are found: small, for there may be one a field.

use restock_schema::Field;

use crate::error::RecordError;
use crate::plan::Plan;
use crate::values::{self, ValueFault, shown};

/// What is wrong with a record or a field of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Empty, in a column that is not nullable.
    Empty,
    /// Empty text in quotes, as record ID.
    EmptyId,
    Value(ValueFault),
    /// More characters than the column's limit.
    TextLimit(usize),
    /// The record has this many fields.
    Width(u32),
    LoneCr,
    NotUtf8,
    FieldLimit,
}

/// One error: positions are relative to the chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) record: u32,
    /// Where the record's line end starts, a CR before LF still counted as text.
    pub(crate) record_end: u32,
    /// The field, or what else the error points at.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The field's number in the schema for errors of values, in the record for others.
    pub(crate) column: Column,
    pub(crate) what: What,
}

/// Where a fault's column is to be looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    None,
    Schema(u16),
    File(u32),
}

impl Fault {
    /// The error as it is reported; `line` is the record's.
    pub(crate) fn describe(&self, plan: &Plan, text: &[u8], offset: u64, line: u64) -> RecordError {
        let limits = &plan.options().limits;
        let value = text.get(self.start as usize..self.end as usize).unwrap_or_default();
        let field = match self.column {
            Column::Schema(number) => plan.schema_field(usize::from(number)),
            Column::File(_) | Column::None => None,
        };
        let column = match self.column {
            Column::Schema(number) => plan.column_of_field(usize::from(number)),
            Column::File(number) => plan.header().get(number as usize).cloned(),
            Column::None => None,
        };
        let value = match self.what {
            What::NotUtf8 | What::Width(_) | What::LoneCr => shown(value, limits.value_shown),
            _ => shown(&plan.decoded(value), limits.value_shown),
        };
        let (expected, reason) = self.words(plan, field);
        RecordError {
            file: plan.file().to_owned(),
            line,
            column,
            byte: Some(offset + u64::from(self.start)),
            value,
            expected,
            reason,
        }
    }

    fn words(&self, plan: &Plan, field: Option<&Field>) -> (String, String) {
        let wanted = field.map_or_else(String::new, |field| {
            let or_empty = if field.nullable { ", or an empty field for null" } else { "" };
            format!("{}{or_empty}", values::expected(field.value_type))
        });
        match self.what {
            What::EmptyId => (wanted, "is empty, and the empty string is no record ID".to_owned()),
            What::Empty => (wanted, "is empty, and the column is not nullable".to_owned()),
            What::Value(fault) => (wanted, fault.to_string()),
            What::TextLimit(chars) => {
                (format!("at most {chars} characters"), format!("is longer than {chars} characters"))
            }
            What::Width(width) => {
                let columns = plan.header().len();
                let fields = if width == 1 { "field" } else { "fields" };
                (
                    format!("{columns} fields"),
                    format!("the record has {width} {fields}, but there are {columns} columns"),
                )
            }
            What::LoneCr => (
                "LF or CRLF line ends".to_owned(),
                "a carriage return (CR) outside quotes that no line feed (LF) follows".to_owned(),
            ),
            What::NotUtf8 => (
                "UTF-8".to_owned(),
                "bytes that are not UTF-8 (is the file Latin-1 or Windows-1252? convert it)".to_owned(),
            ),
            What::FieldLimit => {
                let limit = plan.options().limits.field_bytes;
                (
                    format!("at most {limit} bytes"),
                    format!("the field is over the limit field_bytes ({limit})"),
                )
            }
        }
    }
}
