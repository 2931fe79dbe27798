//! What a view is made of: segments and the tail, each with the rows it does not show.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::DatasetSnapshot;
use super::scan::View;
use crate::error::Result;
use crate::keys::last_row_with_key;
use crate::segment::Segment;
use crate::state::Live;

/// Rows of one place in a view, in order.
#[derive(Debug)]
pub(super) struct Part {
    /// The segment; none is the tail.
    pub segment: Option<Arc<Segment>>,
    /// Rows that the view does not show.
    pub hidden: RoaringBitmap,
}

impl DatasetSnapshot {
    /// The parts of a view in scan order (S11): bulk rows in import order, then individual rows in put order.
    pub(super) fn parts(&self, view: View) -> Result<Vec<Part>> {
        let state = self.state();
        let mut parts = Vec::new();
        if view != View::Individual {
            for live in &state.bulk.segments {
                let mut hidden = self.dead(live)?.into_owned();
                if matches!(view, View::Merged | View::Newest) {
                    hidden |= &*self.shadowed(live)?;
                }
                parts.push(Part { segment: Some(live.segment.clone()), hidden });
            }
        }
        let bulk_parts = parts.len();
        if view != View::Bulk {
            for live in &state.individual {
                parts.push(Part {
                    segment: Some(live.segment.clone()),
                    hidden: self.dead(live)?.into_owned(),
                });
            }
            if !self.overlay().rows.is_empty() {
                parts.push(Part { segment: None, hidden: RoaringBitmap::new() });
            }
        }
        if view == View::Newest && state.record_id.is_some() {
            self.show_newest(&mut parts, bulk_parts)?;
        }
        Ok(parts)
    }

    /// Of a bulk and an individual row of one record ID, shows the one committed last (S4).
    fn show_newest(&self, parts: &mut [Part], bulk_parts: usize) -> Result<()> {
        let state = self.state();
        let field = state.key_field()?;
        let (bulk, individual) = parts.split_at_mut(bulk_parts);
        for (live, part) in state.bulk.segments.iter().zip(bulk) {
            for row in self.shadowed(live)?.iter() {
                let bulk_commit = live.segment.runs()?.commit_of(row.into()).unwrap_or(0);
                let key = live.segment.with_key(row, field, <[u8]>::to_vec)?;
                let Some((place, other, commit)) = self.individual_row(&key)? else { continue };
                if bulk_commit > commit {
                    part.hidden.remove(row);
                    if let Some(part) = individual.get_mut(place) {
                        part.hidden.insert(other);
                    }
                }
            }
        }
        Ok(())
    }

    /// Where the live individual record of a key is: the number of its part, its row there, its commit.
    fn individual_row(&self, key: &[u8]) -> Result<Option<(usize, u32, u64)>> {
        let state = self.state();
        if let Some((commit, bytes)) = self.current().tail.get(state.id, key, self.version()) {
            // Rows stand in put order: by commit, and those of one commit as they lie in its payload.
            let rows = &self.overlay().rows;
            let row = rows.binary_search_by_key(&(commit, bytes.as_ptr()), |(c, b)| (*c, b.as_ptr())).ok();
            return Ok(row.map(|row| (state.individual.len(), row as u32, commit)));
        }
        let field = state.key_field()?;
        for (place, live) in state.individual.iter().enumerate().rev() {
            if let Some(row) = self.live_row(live, field, key)? {
                return Ok(Some((place, row, live.segment.runs()?.commit_of(row.into()).unwrap_or(0))));
            }
        }
        Ok(None)
    }

    /// The live row of a key in a segment.
    pub(super) fn live_row(
        &self,
        live: &Live,
        field: &restock_schema::Field,
        key: &[u8],
    ) -> Result<Option<u32>> {
        // Of the tail only these rows are looked up: a point read does not gather all that it holds.
        let (tail, id, segment) = (&self.current().tail, self.state().id, live.segment.id());
        last_row_with_key(&live.segment, self.schema().fields(), field, key, |row| {
            Ok(!live.dead.rows()?.contains(row) && !tail.is_dead(id, segment, row, self.version()))
        })
    }
}
