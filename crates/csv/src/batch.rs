//! Record batches under construction.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, BooleanBufferBuilder, RecordBatch};
use arrow::datatypes::Schema;
use restock_schema::AffixShape;

use crate::columns::{Column, Fields, Refusals};
use crate::fault::Fault;
use crate::plan::Plan;
use crate::scan::Index;

/// Gathers rows into batches of the size that the limits ask for.
pub(crate) struct BatchBuilder<'a, T, M> {
    plan: &'a Plan,
    map: M,
    columns: Vec<Column>,
    /// Where the record of each row starts.
    starts: Vec<u32>,
    /// The text of the rows so far.
    bytes: usize,
    refusals: Refusals,
    done: Done<T>,
}

/// What the rows of a chunk became.
pub(crate) struct Done<T> {
    pub(crate) batches: Vec<T>,
    /// Where the first record stands whose `TIMESTAMP` looks like milliseconds.
    pub(crate) milliseconds: Option<u32>,
    pub(crate) cut: Vec<u64>,
    /// The builders, empty again.
    pub(crate) columns: Vec<Column>,
}

impl<'a, T, M: FnMut(RecordBatch) -> T> BatchBuilder<'a, T, M> {
    /// `columns` are empty builders of the plan's columns.
    pub(crate) fn new(plan: &'a Plan, columns: Vec<Column>, map: M) -> Self {
        let done = Done {
            batches: Vec::new(),
            milliseconds: None,
            cut: vec![0; columns.len()],
            columns: Vec::new(),
        };
        Self { plan, map, columns, starts: Vec::new(), bytes: 0, refusals: Refusals::default(), done }
    }

    /// Appends records, given by the places of their first fields in the index.
    pub(crate) fn append(&mut self, bytes: &[u8], index: &Index, mut rows: &[u32], faults: &mut Vec<Fault>) {
        let limits = &self.plan.options().limits;
        let bounds = index.bounds();
        let start = |row: &u32| bounds.get(*row as usize).copied().unwrap_or_default();
        let text = (index.next() - bounds.first().copied().unwrap_or_default()) as usize;
        if self.bytes + text > limits.batch_bytes {
            self.close(faults);
        }
        while !rows.is_empty() {
            let room = limits.batch_rows - self.starts.len();
            let (now, later) = rows.split_at(room.min(rows.len()));
            self.starts.extend(now.iter().map(start));
            for (number, (column, in_file)) in self.columns.iter_mut().zip(self.plan.columns()).enumerate() {
                let fields = Fields {
                    bytes,
                    bounds,
                    rows: now,
                    width: self.plan.header().len(),
                    column: *in_file,
                    field: number as u16,
                    escape: self.plan.options().escape,
                };
                self.plan.tuning().scanner.append(column, &fields, &mut self.refusals);
            }
            rows = later;
            if self.starts.len() == limits.batch_rows {
                self.close(faults);
            }
        }
        self.bytes += text;
    }

    /// The batches, and the errors of their values.
    pub(crate) fn finish(mut self, faults: &mut Vec<Fault>) -> Done<T> {
        self.close(faults);
        self.done.columns = self.columns;
        self.done
    }

    fn close(&mut self, faults: &mut Vec<Fault>) {
        self.bytes = 0;
        if self.starts.is_empty() {
            return;
        }
        let keep = self.keep();
        self.note_milliseconds(keep.as_ref());
        let mut arrays = Vec::with_capacity(self.columns.len());
        let mut shapes = Vec::with_capacity(self.columns.len());
        for (column, cut) in self.columns.iter_mut().zip(&mut self.done.cut) {
            let finished = column.finish(keep.as_ref());
            *cut += finished.cut;
            arrays.push(finished.array);
            shapes.push(finished.shape);
        }
        faults.append(&mut self.refusals.faults);
        self.refusals.rows.clear();
        let rows = keep.map_or(self.starts.len(), |keep| keep.true_count());
        self.starts.clear();
        if rows > 0 {
            self.done.batches.push((self.map)(batch(self.plan, arrays, &shapes)));
        }
    }

    /// The rows that are accepted, if not all are.
    fn keep(&self) -> Option<BooleanArray> {
        if self.refusals.rows.is_empty() {
            return None;
        }
        let mut keep = BooleanBufferBuilder::new(self.starts.len());
        keep.append_n(self.starts.len(), true);
        self.refusals.rows.iter().for_each(|row| keep.set_bit(*row as usize, false));
        Some(BooleanArray::new(keep.finish(), None))
    }

    fn note_milliseconds(&mut self, keep: Option<&BooleanArray>) {
        if self.done.milliseconds.is_some() {
            return;
        }
        let kept = |row: &&u32| keep.is_none_or(|keep| keep.value(**row as usize));
        let rows = self.columns.iter().flat_map(Column::milliseconds);
        let first = rows.filter(kept).min().and_then(|row| self.starts.get(*row as usize));
        self.done.milliseconds = first.copied();
    }
}

/// The schema's batch; a column that is no dictionary, though its field would be, is `Utf8` in the batch's schema, and
/// one of numbers says what strings they stand for.
#[expect(clippy::expect_used, reason = "the columns were built for this schema")]
fn batch(plan: &Plan, arrays: Vec<ArrayRef>, shapes: &[Option<AffixShape>]) -> RecordBatch {
    let arrow = plan.target().arrow();
    let as_typed =
        arrow.fields().iter().zip(&arrays).all(|(field, array)| field.data_type() == array.data_type());
    let schema = if as_typed {
        Arc::clone(arrow)
    } else {
        let fields = arrow.fields().iter().zip(&arrays).zip(shapes).map(|((field, array), shape)| {
            if field.data_type() == array.data_type() {
                return Arc::clone(field);
            }
            let field = field.as_ref().clone().with_data_type(array.data_type().clone());
            Arc::new(match shape {
                Some(shape) => field.with_metadata(shape.to_metadata()),
                None => field,
            })
        });
        Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), arrow.metadata().clone()))
    };
    RecordBatch::try_new(schema, arrays)
        .expect("columns of the schema's types, of one length, null where it allows")
}
