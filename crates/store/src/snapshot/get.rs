//! Point reads by record ID.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::compute::interleave_record_batch;
use arrow::record_batch::RecordBatch;

use super::DatasetSnapshot;
use super::scan::View;
use crate::error::{Error, Result};
use crate::keys::{fingerprint, key_bytes, prefetch};
use crate::row::{self, BatchBuilder, Cell};
use crate::segment::Segment;
use crate::state::Live;
use crate::threads::by_parts;

/// So many records are got at once, step by step: while one's memory is on its way that of others is asked for.
const AHEAD: usize = 32;

/// So many are worth a thread.
const PART: usize = 1024;

/// A column of a batch holds no more bytes of text.
const TEXT_MAX: usize = i32::MAX as usize;

/// Where a record is.
#[derive(Debug)]
enum Place<'a> {
    Segment(&'a Live, u32, u64),
    Tail(bytes::Bytes, u64),
}

/// A record that was found, for [`DatasetSnapshot::visit_each`] of the snapshot that found it.
#[derive(Debug)]
pub struct FoundRecord<'a>(Place<'a>);

impl Place<'_> {
    fn commit(&self) -> u64 {
        match self {
            Place::Segment(_, _, commit) | Place::Tail(_, commit) => *commit,
        }
    }
}

impl DatasetSnapshot {
    /// The record of an ID in a view: a batch of one row and all columns, in the schema's order.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub fn get(&self, id: &str, view: View) -> Result<Option<RecordBatch>> {
        let mut batch = BatchBuilder::new(self.schema());
        let mut fits = true;
        if !self.visit(id, view, |cell| fits &= batch.push(cell).is_some())? {
            return Ok(None);
        }
        let batch = batch.finish().filter(|_| fits);
        batch.map(Some).ok_or_else(|| self.holds_no_rows())
    }

    /// Calls `then` with each value of the record of an ID in a view, in the schema's order; false if the view has no
    /// such record.
    ///
    /// # Errors
    /// The dataset has no record ID, the text is not one (an integer ID), or damage.
    pub fn visit(&self, id: &str, view: View, then: impl FnMut(Cell<'_>)) -> Result<bool> {
        let key = key_bytes(self.state().key_field()?, id)?;
        let Some(place) = self.find(&key, view)? else { return Ok(false) };
        if let Place::Segment(live, row, _) = &place {
            // What is longest on its way comes last.
            live.segment.prefetch_texts(*row, self.schema().fields());
        }
        self.visit_found(&FoundRecord(place), then).map(|()| true)
    }

    /// The records of those of many IDs that a view has, in the order asked: a batch of all columns, in the schema's order.
    ///
    /// # Errors
    /// As [`visit`](Self::visit), and more text than a batch can hold.
    pub fn get_batch<S: AsRef<str>>(&self, ids: &[S], view: View) -> Result<RecordBatch> {
        let found = self.find_many(ids, view)?;
        let text_bytes = AtomicUsize::new(0);
        let parts = by_parts(&found, PART, |found| {
            let mut batch = BatchBuilder::new(self.schema());
            let mut fits = true;
            for found in found.chunks(AHEAD) {
                let mut more = 0;
                self.visit_each(found, |cell| {
                    more += if let Cell::Text(text) = cell { text.len() } else { 0 };
                    fits &= more <= TEXT_MAX && batch.push(cell).is_some();
                })?;
                if more > TEXT_MAX || text_bytes.fetch_add(more, Ordering::Relaxed) + more > TEXT_MAX {
                    let detail =
                        "these records hold more text than a batch can (2 GiB): ask for fewer at once";
                    return Err(Error::Refused(detail.to_owned()));
                }
            }
            batch.finish().filter(|_| fits).ok_or_else(|| self.holds_no_rows())
        });
        let parts = parts.into_iter().collect::<Result<Vec<_>>>()?;
        if parts.is_empty() {
            return Ok(RecordBatch::new_empty(self.schema().to_arrow()));
        }
        // They were read in the order in which they lie, which is faster than the one asked.
        let mut places: Vec<_> = found.iter().map(|(number, _)| *number).zip(0..).collect();
        places.sort_unstable();
        let places: Vec<_> = places.into_iter().map(|(_, place)| (place / PART, place % PART)).collect();
        let parts: Vec<&RecordBatch> = parts.iter().collect();
        interleave_record_batch(&parts, &places).map_err(|_| self.holds_no_rows())
    }

    /// Reads those of many IDs that a view has, by several threads if they are thousands: each calls `read` with parts of
    /// what was found, every record with the number of its ID, in the order in which they are read fastest. The results
    /// of `read`.
    ///
    /// # Errors
    /// As [`visit`](Self::visit), and those of `read`.
    pub fn read_many<S: AsRef<str>, T: Send>(
        &self,
        ids: &[S],
        view: View,
        read: impl Fn(&[(usize, FoundRecord<'_>)]) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        by_parts(&self.find_many(ids, view)?, PART, read).into_iter().collect()
    }

    /// The records of those of many IDs that a view has, each with the number of its ID.
    fn find_many<S: AsRef<str>>(&self, ids: &[S], view: View) -> Result<Vec<(usize, FoundRecord<'_>)>> {
        let field = self.state().key_field()?;
        let mut keys = Vec::with_capacity(ids.len());
        for (number, id) in ids.iter().enumerate() {
            let key = key_bytes(field, id.as_ref())?;
            keys.push((fingerprint(&key), number, key));
        }
        // Neighbours in the order of the fingerprints are neighbours in the indexes.
        keys.sort_unstable_by_key(|(fingerprint, ..)| *fingerprint);
        let parts = by_parts(&keys, PART, |keys| self.find_part(keys, view));
        let mut found: Vec<_> =
            parts.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        found.sort_unstable_by_key(|(_, FoundRecord(place))| match place {
            Place::Segment(live, row, _) => (live.segment.id(), *row),
            Place::Tail(..) => (u64::MAX, 0),
        });
        Ok(found)
    }

    fn find_part(
        &self,
        keys: &[(u64, usize, Cow<'_, [u8]>)],
        view: View,
    ) -> Result<Vec<(usize, FoundRecord<'_>)>> {
        let state = self.state();
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(AHEAD) {
            let fingerprints: Vec<u64> = keys.iter().map(|(fingerprint, ..)| *fingerprint).collect();
            prefetch(state.bulk.segments.iter().chain(&state.individual), &fingerprints);
            for (_, number, key) in keys {
                found.extend(self.find(key, view)?.map(|place| (*number, FoundRecord(place))));
            }
        }
        Ok(found)
    }

    /// Calls `then` with each value of each of the records, record by record, in the schema's order.
    ///
    /// # Errors
    /// Damage.
    pub fn visit_each(
        &self,
        found: &[(usize, FoundRecord<'_>)],
        mut then: impl FnMut(Cell<'_>),
    ) -> Result<()> {
        let fields = self.schema().fields();
        for found in found.chunks(AHEAD) {
            for prefetch in [Segment::prefetch, Segment::prefetch_texts] {
                for (_, FoundRecord(place)) in found {
                    if let Place::Segment(live, row, _) = place {
                        prefetch(&live.segment, *row, fields);
                    }
                }
            }
            found.iter().try_for_each(|(_, found)| self.visit_found(found, &mut then))?;
        }
        Ok(())
    }

    fn visit_found(&self, found: &FoundRecord<'_>, mut then: impl FnMut(Cell<'_>)) -> Result<()> {
        let fields = self.schema().fields();
        match &found.0 {
            Place::Segment(live, row, _) => live.segment.cells(u64::from(*row), fields, then),
            Place::Tail(bytes, _) => {
                let cells = row::decode(fields, &mut &**bytes).ok_or_else(|| self.holds_no_rows())?;
                cells.into_iter().for_each(&mut then);
                Ok(())
            }
        }
    }

    fn find(&self, key: &[u8], view: View) -> Result<Option<Place<'_>>> {
        match view {
            View::Bulk => self.find_bulk(key, false),
            View::Individual => self.find_individual(key, false),
            View::Merged => match self.find_individual(key, false)? {
                Some(place) => Ok(Some(place)),
                None => self.find_bulk(key, false),
            },
            View::Newest => {
                let (bulk, individual) = (self.find_bulk(key, true)?, self.find_individual(key, true)?);
                Ok(match (bulk, individual) {
                    (Some(bulk), Some(individual)) => {
                        Some(if bulk.commit() > individual.commit() { bulk } else { individual })
                    }
                    (bulk, individual) => bulk.or(individual),
                })
            }
        }
    }

    fn find_bulk(&self, key: &[u8], with_commit: bool) -> Result<Option<Place<'_>>> {
        self.find_in(&self.state().bulk.segments, key, with_commit)
    }

    fn find_individual(&self, key: &[u8], with_commit: bool) -> Result<Option<Place<'_>>> {
        if let Some((commit, bytes)) = self.current().tail.get(self.state().id, key, self.version()) {
            return Ok(Some(Place::Tail(bytes, commit)));
        }
        self.find_in(&self.state().individual, key, with_commit)
    }

    fn find_in<'a>(&'a self, lives: &'a [Live], key: &[u8], with_commit: bool) -> Result<Option<Place<'a>>> {
        let field = self.state().key_field()?;
        for live in lives.iter().rev() {
            if let Some(row) = self.live_row(live, field, key)? {
                // Most views need no commit, and reading it parses the segment's runs.
                let commit =
                    if with_commit { live.segment.runs()?.commit_of(row.into()).unwrap_or(0) } else { 0 };
                return Ok(Some(Place::Segment(live, row, commit)));
            }
        }
        Ok(None)
    }
}
