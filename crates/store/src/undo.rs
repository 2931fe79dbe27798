//! Undo: takes back a dataset's last import (S10).

use restock_schema::DatasetName;

use crate::error::{Error, Result};
use crate::keys::rows_with_key;
use crate::manifest::{CommitKind, LastImport, RowCounts};
use crate::row::Cells;
use crate::state::{DatasetState, Generation, Live};
use crate::store::Store;
use crate::turn::Cancel;
use crate::vectors::Vector;
use crate::writer::LogPlan;

/// What an undo did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoReport {
    /// The version it made; the current one for a dry run.
    pub version: u64,
    /// The import that was taken back.
    pub undone: LastImport,
    /// The dataset's rows before.
    pub rows_before: RowCounts,
    /// The dataset's rows after.
    pub rows: RowCounts,
}

impl Store {
    /// Takes back a dataset's last import: its bulk rows, their order and whether it had a FULL are as
    /// before it. What was deleted since stays deleted, what was put since stays.
    ///
    /// # Errors
    /// [`Error::NothingToUndo`].
    pub fn undo(&self, name: &DatasetName, dry_run: bool) -> Result<UndoReport> {
        let writer = self.writer("undo")?;
        let _turn = writer.turns.take(&Cancel::new())?;
        if dry_run {
            return self.foresee_undo(name);
        }
        let mut commits = writer.commits()?;
        let (_, report) = writer.commit(&mut commits, LogPlan::Keep, |draft| {
            let version = draft.version();
            let dataset = draft.dataset(name)?;
            let rows_before = dataset.counts();
            let undone = take_back(dataset)?;
            let rows = dataset.counts();
            draft.record(CommitKind::Undo, Some(name), rows);
            Ok(UndoReport { version, undone, rows_before, rows })
        })?;
        Ok(report)
    }

    fn foresee_undo(&self, name: &DatasetName) -> Result<UndoReport> {
        let snapshot = self.snapshot();
        let dataset = snapshot.dataset(name)?;
        let rows_before = dataset.counts()?;
        let state = dataset.state();
        let undone = state.bulk.last_import.clone();
        let (Some(kept), Some(undone)) = (state.kept.last(), undone) else {
            return Err(nothing(state));
        };
        let mut rows = RowCounts { individual: rows_before.individual, ..RowCounts::default() };
        let mut shadowed = 0;
        for live in &kept.segments {
            let dead = dataset.dead(live)?;
            rows.bulk += live.segment.rows() - dead.len();
            if let Some((column, field)) = state.key() {
                let mut shadows = state.shadows_of(&live.segment, |other| dataset.dead(other))?;
                let tail = dataset.tail_rows()?;
                let keys = tail.columns().get(column).and_then(Cells::new);
                for key in
                    keys.iter().flat_map(|keys| (0..tail.num_rows()).filter_map(|row| keys.get(row).key()))
                {
                    shadows.extend(rows_with_key(&live.segment, field, &key)?);
                }
                shadowed += (shadows - &*dead).len();
            }
        }
        rows.merged = rows.bulk + rows.individual - shadowed;
        Ok(UndoReport { version: snapshot.version(), undone, rows_before, rows })
    }
}

fn take_back(dataset: &mut DatasetState) -> Result<LastImport> {
    let undone = dataset.bulk.last_import.clone();
    let Some(undone) = undone.filter(|_| !dataset.kept.is_empty()) else {
        return Err(nothing(dataset));
    };
    let kept = dataset.kept.pop().unwrap_or_default();
    let mut segments = Vec::with_capacity(kept.segments.len());
    for live in kept.segments {
        let shadowed = dataset.shadows_of(&live.segment, Live::dead_rows)?;
        segments.push(Live { shadowed: Vector::new(shadowed - live.dead.rows()?), ..live });
    }
    dataset.bulk = Generation { segments, ..kept };
    Ok(undone)
}

fn nothing(dataset: &DatasetState) -> Error {
    let name = &dataset.name;
    Error::NothingToUndo(match &dataset.bulk.last_import {
        None if dataset.bulk.loaded => format!("the last import of `{name}` is no longer kept"),
        None => format!("`{name}` has no import to take back"),
        Some(import) => format!(
            "what `{name}` held before its {} import of version {} is no longer kept (it was vacuumed, undone as far \
             as it goes, or undo is set to keep fewer imports: `restock config STORE undo-depth N`)",
            import.mode, import.version
        ),
    })
}
