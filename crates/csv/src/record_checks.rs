//! What can be wrong with a record before its values are looked at; if something is, they are not.

use crate::fault::{Column, Fault, What};
use crate::plan::Plan;
use crate::scan::{Extent, Index};

/// The records of a stripe under suspicion.
pub(crate) struct RecordChecks<'a> {
    pub(crate) plan: &'a Plan,
    /// The chunk's text.
    pub(crate) text: &'a [u8],
    pub(crate) index: &'a Index,
}

impl RecordChecks<'_> {
    /// Empty lines are no records.
    pub(crate) fn is_empty_line(&self, extent: Extent) -> bool {
        let text = self.text.get(extent.start as usize..extent.end as usize);
        extent.width == 1
            && match text {
                Some([]) | None => true,
                Some([b'\r']) => self.ends_in_lf(extent),
                Some(_) => false,
            }
    }

    /// The last record of a file may end without.
    fn ends_in_lf(&self, extent: Extent) -> bool {
        self.text.get(extent.end as usize) == Some(&b'\n')
    }

    /// Appends everything that is wrong with a record.
    pub(crate) fn check(&self, number: usize, extent: Extent, faults: &mut Vec<Fault>) {
        let field_bytes = self.plan.options().limits.field_bytes;
        let (start, end) = (extent.start as usize, extent.end as usize);
        let raw = self.text.get(start..end).unwrap_or_default();
        let lone_cr = self.index.lone_cr(number).map(|at| at as usize);
        let crlf = raw.ends_with(b"\r") && self.ends_in_lf(extent);
        let end = end - usize::from(crlf);
        let mut fault = |at: usize, to: usize, column, what| {
            let (record, record_end) = (extent.start, extent.end);
            faults.push(Fault { record, record_end, start: at as u32, end: to as u32, column, what });
        };
        if extent.width as usize != self.plan.header().len() {
            fault(start, end, Column::None, What::Width(extent.width));
        }
        let first = extent.first_field as usize;
        let bounds = self.index.bounds().get(first..=first + extent.width as usize).unwrap_or_default();
        let column = |at: usize| {
            let field = bounds.partition_point(|bound| *bound as usize <= at).saturating_sub(1);
            Column::File(field as u32)
        };
        if let Some(at) = lone_cr {
            fault(at, end, column(at), What::LoneCr);
        }
        if let Err(error) = std::str::from_utf8(raw) {
            let at = start + error.valid_up_to();
            fault(at, end, column(at), What::NotUtf8);
        }
        if raw.len() > field_bytes {
            for (field, (from, next)) in bounds.iter().zip(bounds.iter().skip(1)).enumerate() {
                let (from, to) = (*from as usize, (*next as usize - 1).min(end));
                if to - from > field_bytes {
                    fault(from, to, Column::File(field as u32), What::FieldLimit);
                }
            }
        }
    }
}
