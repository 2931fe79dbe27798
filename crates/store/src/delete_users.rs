//! Deleting users: they and all they did, in one commit (S8).

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int32Type};
use restock_schema::{DatasetName, Field};
use roaring::RoaringBitmap;

use crate::error::{Error, Result};
use crate::manifest::{CommitKind, RowCounts};
use crate::segment::Segment;
use crate::snapshot::Snapshot;
use crate::state::{DatasetState, Live};
use crate::store::Store;
use crate::turn::Cancel;
use crate::writer::{LogPlan, current};

/// What deleting users did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteUsersReport {
    /// The version it made; the current one for a dry run.
    pub version: u64,
    /// IDs of which any live row was found.
    pub users: u64,
    /// Live rows deleted, by dataset.
    pub rows: Vec<(DatasetName, u64)>,
}

/// The rows of some users in segments already looked at.
struct Search {
    users: AHashSet<String>,
    rows: AHashMap<u64, RoaringBitmap>,
    found: AHashSet<String>,
}

impl Store {
    /// Deletes users with all their interactions and action interactions: in the datasets of `group`, or in
    /// those without a group. Waits for a running import, whose rows it then reaches.
    ///
    /// # Errors
    /// No dataset of the group has users; damage; a full disk.
    pub fn delete_users<S: AsRef<str>>(
        &self,
        group: Option<&str>,
        ids: &[S],
        dry_run: bool,
        cancel: &Cancel,
    ) -> Result<DeleteUsersReport> {
        let writer = self.writer("delete users")?;
        let _turn = writer.turns.take(cancel)?;
        let users = ids.iter().map(|id| id.as_ref().to_owned()).collect();
        let mut search = Search { users, rows: AHashMap::new(), found: AHashSet::new() };
        let names: Vec<DatasetName> = {
            let base = current(&self.shared).base.clone();
            let in_group = |dataset: &&Arc<DatasetState>| {
                dataset.name.group() == group && !dataset.name.is_hidden() && user_column(dataset).is_some()
            };
            base.datasets.values().filter(in_group).map(|dataset| dataset.name.clone()).collect()
        };
        if names.is_empty() {
            return Err(Error::Refused(match group {
                Some(group) => format!("group `{group}` has no dataset of users or of what they did"),
                None => "no dataset without a group holds users or what they did; name the group (`--group`)"
                    .into(),
            }));
        }
        if dry_run {
            return search.foresee(&self.snapshot(), &names, cancel);
        }
        // The long part, before the commit lock is taken; what is flushed meanwhile is searched under it.
        let base = current(&self.shared).base.clone();
        for name in &names {
            let dataset = base.dataset(name)?;
            for segment in dataset.segments() {
                cancel.check()?;
                search.segment(dataset, &segment)?;
            }
        }
        let mut commits = writer.commits()?;
        let (_, report) = writer.commit(&mut commits, LogPlan::Keep, |draft| {
            let mut rows = Vec::new();
            let mut after = RowCounts::default();
            for name in &names {
                let dataset = draft.dataset(name)?;
                for segment in dataset.segments() {
                    search.segment(dataset, &segment)?;
                }
                let mut count = 0;
                for live in dataset.bulk.segments.iter().chain(&dataset.individual) {
                    count += search.live_rows(dataset, live, live.dead.rows()?)?;
                }
                let none = RoaringBitmap::new();
                for live in dataset.lives_mut().flatten() {
                    live.mark(search.rows.get(&live.segment.id()).unwrap_or(&none), &none)?;
                }
                let counts = dataset.counts();
                after.bulk += counts.bulk;
                after.individual += counts.individual;
                after.merged += counts.merged;
                rows.push((name.clone(), count));
            }
            draft.record(CommitKind::DeleteUsers, None, after).group = group.map(str::to_owned);
            Ok(DeleteUsersReport { version: draft.version(), users: search.found.len() as u64, rows })
        })?;
        Ok(report)
    }
}

fn user_column(dataset: &DatasetState) -> Option<&Field> {
    let column = dataset.dataset_type.user_column()?;
    dataset.schema.field(column).map(|(_, field)| field)
}

impl Search {
    /// What deleting the users would do. The rows of the log are searched where they are: nothing is written.
    fn foresee(
        mut self,
        snapshot: &Snapshot,
        names: &[DatasetName],
        cancel: &Cancel,
    ) -> Result<DeleteUsersReport> {
        let mut rows = Vec::new();
        for name in names {
            let dataset = snapshot.dataset(name)?;
            let state = dataset.state();
            let mut count = 0;
            for live in state.bulk.segments.iter().chain(&state.individual) {
                cancel.check()?;
                self.segment(state, &live.segment)?;
                count += self.live_rows(state, live, &*dataset.dead(live)?)?;
            }
            let user = user_column(state).and_then(|field| state.schema.field(&field.name));
            let tail = dataset.tail_rows()?;
            if let Some(column) = user.and_then(|(at, _)| tail.columns().get(at)) {
                let mut names = Vec::new();
                self.each(column, |_, user| names.push(user.to_owned()));
                count += names.len() as u64;
                self.found.extend(names);
            }
            rows.push((name.clone(), count));
        }
        Ok(DeleteUsersReport { version: snapshot.version(), users: self.found.len() as u64, rows })
    }

    /// Finds the users' rows in a segment, dead ones included.
    fn segment(&mut self, dataset: &DatasetState, segment: &Segment) -> Result<()> {
        let Some(field) = user_column(dataset) else { return Ok(()) };
        if self.rows.contains_key(&segment.id()) {
            return Ok(());
        }
        let mut found = RoaringBitmap::new();
        for batch in 0..segment.batches()? {
            let first = segment.rows_of(batch)?.start as u32;
            self.each(&segment.column(batch, field)?, |row, _| {
                found.insert(first + row as u32);
            });
        }
        self.rows.insert(segment.id(), found);
        Ok(())
    }

    /// Counts the users' rows in a segment that are not `dead`, and notes whose they are.
    fn live_rows(&mut self, dataset: &DatasetState, live: &Live, dead: &RoaringBitmap) -> Result<u64> {
        let Some(field) = user_column(dataset) else { return Ok(0) };
        let rows = self.rows.get(&live.segment.id()).cloned().unwrap_or_default() - dead;
        let mut names = Vec::new();
        for batch in 0..live.segment.batches()? {
            let range = live.segment.rows_of(batch)?;
            if rows.range_cardinality(range.start as u32..range.end as u32) == 0 {
                continue;
            }
            self.each(&live.segment.column(batch, field)?, |row, user| {
                if rows.contains((range.start + row as u64) as u32) {
                    names.push(user.to_owned());
                }
            });
        }
        self.found.extend(names);
        Ok(rows.len())
    }

    /// The users' rows in a column.
    fn each(&self, column: &ArrayRef, mut then: impl FnMut(usize, &str)) {
        match column.data_type() {
            DataType::Utf8 => {
                for (row, user) in column.as_string::<i32>().iter().enumerate() {
                    if let Some(user) = user.filter(|user| self.users.contains(*user)) {
                        then(row, user);
                    }
                }
            }
            DataType::Dictionary(..) => {
                let coded = column.as_dictionary::<Int32Type>();
                let Some(values) = coded.values().as_string_opt::<i32>() else { return };
                for (row, code) in coded.keys().iter().enumerate() {
                    let user = code.map(|code| values.value(code as usize));
                    if let Some(user) = user.filter(|user| self.users.contains(*user)) {
                        then(row, user);
                    }
                }
            }
            _ => {}
        }
    }
}
