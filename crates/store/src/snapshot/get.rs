//! Point reads by record ID.

use arrow::record_batch::RecordBatch;

use super::DatasetSnapshot;
use super::scan::View;
use crate::error::{Error, Result};
use crate::keys::key_bytes;
use crate::state::Live;

/// Where a record is.
enum Place<'a> {
    Segment(&'a Live, u32, u64),
    Tail(bytes::Bytes, u64),
}

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
    /// The dataset has no record ID, the text is not one (an integer ID), or damage.
    pub fn get(&self, id: &str, view: View) -> Result<Option<RecordBatch>> {
        let key = key_bytes(self.state().key_field()?, id)?;
        match self.find(&key, view)? {
            Some(place) => self.read(&place).map(Some),
            None => Ok(None),
        }
    }

    /// The records of many IDs, in the order asked; `None` for one that the view does not have.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_many<S: AsRef<str>>(&self, ids: &[S], view: View) -> Result<Vec<Option<RecordBatch>>> {
        ids.iter().map(|id| self.get(id.as_ref(), view)).collect()
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

    fn read(&self, place: &Place) -> Result<RecordBatch> {
        match place {
            Place::Tail(bytes, _) => self.batch_of(std::iter::once(&**bytes)),
            Place::Segment(live, row, _) => {
                let (batch, row) = live.segment.locate(u64::from(*row))?;
                let cell = |field| live.segment.cell(batch, row, field);
                let columns = self.schema().fields().iter().map(cell).collect::<Result<Vec<_>>>()?;
                RecordBatch::try_new(self.arrow_schema(), columns)
                    .map_err(|e| Error::damaged(crate::files::SEGMENTS, None, e.to_string()))
            }
        }
    }
}
