//! Making, changing and dropping datasets.

use std::sync::Arc;

use restock_schema::{DatasetName, DatasetType, Domain, LimitSet, Schema, check, evolve};

use crate::error::{Error, Result};
use crate::manifest::{CommitKind, RowCounts};
use crate::state::{Base, DatasetState, Generation};
use crate::store::Store;
use crate::turn::Cancel;
use crate::writer::LogPlan;

/// A dataset to be made.
#[derive(Clone, Debug)]
pub struct NewDataset {
    /// Its name.
    pub name: DatasetName,
    /// Its type.
    pub dataset_type: DatasetType,
    /// Its columns.
    pub schema: Schema,
    /// The record ID's column, for `custom`; the other types have their own.
    pub record_id: Option<String>,
    /// The domain of its group.
    pub domain: Option<Domain>,
    /// The value limits to hold its rows to.
    pub limits: LimitSet,
}

impl Store {
    /// Makes an empty dataset; the version it made.
    ///
    /// # Errors
    /// The name or, in a group, the type is taken; the schema does not fit the type.
    pub fn create_dataset(&self, new: NewDataset) -> Result<u64> {
        let writer = self.writer("create a dataset")?;
        let record_id = match new.dataset_type {
            DatasetType::Custom => new.record_id,
            other => match (new.record_id, other.record_id()) {
                (Some(asked), own) if own != Some(asked.as_str()) => {
                    return Err(Error::Refused(match own {
                        Some(own) => {
                            format!("the record ID of a dataset of type {other} is {own}, not {asked}")
                        }
                        None => format!("a dataset of type {other} has no record ID; leave out {asked}"),
                    }));
                }
                (_, own) => own.map(str::to_owned),
            },
        };
        check(&new.schema, new.dataset_type, new.domain, record_id.as_deref())?;
        let _turn = writer.turns.take(&Cancel::new())?;
        let mut commits = writer.commits()?;
        let (version, ()) = writer.commit(&mut commits, LogPlan::Keep, |draft| {
            check_place(&draft.base, &new.name, new.dataset_type, new.domain)?;
            let id = draft.base.next_dataset;
            draft.base.next_dataset += 1;
            let dataset = DatasetState {
                id,
                name: new.name.clone(),
                dataset_type: new.dataset_type,
                domain: new.domain,
                record_id,
                limits: new.limits,
                schema: new.schema,
                bulk: Generation::default(),
                kept: Vec::new(),
                individual: Vec::new(),
            };
            draft.base.datasets.insert(new.name.clone(), Arc::new(dataset));
            draft.record(CommitKind::Create, Some(&new.name), RowCounts::default());
            Ok(())
        })?;
        Ok(version)
    }

    /// Changes a dataset's schema: new nullable columns only; old rows read null in them.
    ///
    /// # Errors
    /// Any other change, each difference named.
    pub fn alter(&self, name: &DatasetName, schema: &Schema) -> Result<u64> {
        let writer = self.writer("alter a dataset")?;
        let _turn = writer.turns.take(&Cancel::new())?;
        let mut commits = writer.commits()?;
        let (version, ()) = writer.commit(&mut commits, LogPlan::Keep, |draft| {
            let dataset = draft.dataset(name)?;
            let (kind, domain) = (dataset.dataset_type, dataset.domain);
            dataset.schema = evolve(&dataset.schema, schema, kind, domain, dataset.record_id.as_deref())?;
            let rows = dataset.counts();
            draft.record(CommitKind::Alter, Some(name), rows);
            Ok(())
        })?;
        Ok(version)
    }

    /// Drops a dataset with all its rows, and what is kept for undo. There is no way back.
    ///
    /// # Errors
    /// An unknown dataset.
    pub fn drop_dataset(&self, name: &DatasetName) -> Result<u64> {
        let writer = self.writer("drop a dataset")?;
        let _turn = writer.turns.take(&Cancel::new())?;
        let mut commits = writer.commits()?;
        let (version, ()) = writer.commit(&mut commits, LogPlan::Begin, |draft| {
            draft.dataset(name)?;
            draft.record(CommitKind::Drop, Some(name), RowCounts::default());
            draft.base.datasets.remove(name);
            Ok(())
        })?;
        Ok(version)
    }

    /// Sets how many imports of each dataset are kept for undo; what is beyond it is dropped.
    ///
    /// # Errors
    /// A poisoned or read-only store.
    pub fn set_undo_depth(&self, depth: u32) -> Result<u64> {
        let writer = self.writer("configure the store")?;
        let _turn = writer.turns.take(&Cancel::new())?;
        let mut commits = writer.commits()?;
        let (version, ()) = writer.commit(&mut commits, LogPlan::Keep, |draft| {
            draft.base.undo_depth = depth;
            for dataset in draft.base.datasets.values_mut() {
                let beyond = dataset.kept.len().saturating_sub(depth as usize);
                if beyond > 0 {
                    Arc::make_mut(dataset).kept.drain(..beyond);
                }
            }
            Ok(())
        })?;
        Ok(version)
    }
}

/// A group holds at most one dataset of each of the five types, all of one domain; names are free otherwise.
fn check_place(base: &Base, name: &DatasetName, kind: DatasetType, domain: Option<Domain>) -> Result<()> {
    if let Some(there) = base.datasets.get(name) {
        return Err(Error::Refused(format!(
            "there is a dataset called `{name}` already (type {}); choose another name, or drop it first",
            there.dataset_type
        )));
    }
    let Some(group) = name.group() else { return Ok(()) };
    for there in base.datasets.values().filter(|there| there.name.group() == Some(group)) {
        if there.dataset_type == kind && kind != DatasetType::Custom {
            return Err(Error::Refused(format!(
                "group `{group}` has a dataset of type {kind} already (`{}`); a group holds one of each type",
                there.name
            )));
        }
        if there.domain != domain && kind != DatasetType::Custom && there.dataset_type != DatasetType::Custom
        {
            let shown =
                |domain: Option<Domain>| domain.map_or("no domain".to_owned(), |d| format!("the domain {d}"));
            return Err(Error::Refused(format!(
                "group `{group}` has {} (`{}`) and cannot hold a dataset with {}",
                shown(there.domain),
                there.name,
                shown(domain)
            )));
        }
    }
    Ok(())
}
