//! Data deletion jobs: the users that CSV objects list, with all they did in a group (`personalize.md`, section 4.2).

use restock::arrow::array::AsArray;
use restock::{
    Cancel, CommitKind, Dataset, DatasetType, DeleteUsersReport, Error, Record, Schema, Store, Value, record,
};

use super::failure::{Failure, Words};
use super::import::{begin, found};
use super::reading::FirstError;
use super::{Context, location};
use crate::catalog::ResourceId;
use crate::objects::{Depth, Object};
use crate::personalize::Quotas;

/// The column of the objects, and their only one.
const COLUMN: &str = "USER_ID";
const SCHEMA: &str =
    r#"{"type": "record", "name": "Users", "fields": [{"name": "USER_ID", "type": "string"}]}"#;
/// What every reason of a failed deletion begins with.
const WHAT: &str = "Failed to create a data deletion job";
/// The most bytes of a job's objects, 100 MB.
const MAX_BYTES: u64 = 100 << 20;

/// Deletes the users, and returns after the commit how many there were.
pub(super) fn run(
    context: &Context,
    id: &ResourceId,
    group: &str,
    location: &str,
    cancel: &Cancel,
) -> Result<u64, Failure> {
    let objects = csv_objects(context, location)?;
    let bytes: u64 = objects.iter().map(|object| object.bytes).sum();
    if context.settings.quotas == Quotas::On && bytes > MAX_BYTES {
        return Err(Failure::new(format!(
            "{WHAT}....The objects have {bytes} bytes; those of a job have at most {MAX_BYTES}."
        )));
    }
    let users = users(context, &objects, cancel)?;
    let store = &context.store;
    let foreseen = store.delete_users_with(Some(group), &users, true, cancel)?;
    context.plans.keep(id, &Plan::of(&foreseen))?;
    let report = store.delete_users_with(Some(group), &users, false, cancel)?;
    tracing::info!(job = %id, version = report.version, users = report.users, "users are deleted");
    Ok(report.users)
}

/// The objects that list users: one that is named, or those of a folder and the folders in it that end in `.csv`.
fn csv_objects(context: &Context, location: &str) -> Result<Vec<Object>, Failure> {
    let mut objects = found(context, location, Depth::All, WHAT)?;
    if location::parse(location)?.is_folder() {
        objects.retain(|object| object.location.key.to_ascii_lowercase().ends_with(".csv"));
    }
    if objects.is_empty() {
        return Err(Failure::new(format!("{WHAT}....There is no object that ends in .csv below {location}")));
    }
    Ok(objects)
}

/// The users of the objects, each once, read by the rules of an import.
fn users(context: &Context, objects: &[Object], cancel: &Cancel) -> Result<Vec<String>, Failure> {
    let scratch = Store::in_memory()?;
    let list =
        scratch.new_dataset("users", DatasetType::Custom, Schema::from_avro(SCHEMA).map_err(Error::from)?);
    let list = list.record_id(COLUMN).create()?;
    let first_error = FirstError::default();
    let report = begin(context, &list, objects, &first_error).cancel(cancel.clone()).run();
    let report =
        report.map_err(|error| Failure::of_import(&error, first_error.take().as_ref(), &Words::new(WHAT)))?;
    if !report.ignored_columns.is_empty() {
        let others = report.ignored_columns.join(", ");
        return Err(Failure::new(format!(
            "{WHAT}....The objects must have the single column {COLUMN}; there is also {others}. Nothing was deleted."
        )));
    }
    let mut users = Vec::new();
    for batch in list.snapshot()?.scan().batches()? {
        let batch = batch?;
        for column in batch.columns() {
            users.extend(column.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    Ok(users)
}

/// What a deletion is about to do: tells the next start whether it did, since its commit has no label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The store's version before it.
    version: u64,
    /// How many users it will delete.
    users: u64,
}

impl Plan {
    /// Of what a dry run foresees.
    pub fn of(foreseen: &DeleteUsersReport) -> Plan {
        Plan { version: foreseen.version, users: foreseen.users }
    }
}

/// The plans of deletion jobs, in a hidden dataset of the store.
#[derive(Debug)]
pub(super) struct Plans(Dataset);

impl Plans {
    /// Opens those of a store, or makes the dataset.
    pub fn open(store: &Store) -> restock::Result<Plans> {
        let schema = r#"{"type": "record", "name": "DeletionPlans", "fields": [{"name": "ID", "type": "string"},
            {"name": "VERSION", "type": "long"}, {"name": "USERS", "type": "long"}]}"#;
        Ok(Plans(store.hidden_dataset(".deletion-plans", Schema::from_avro(schema)?, Some("ID"))?))
    }

    /// Keeps the plan of a job, durable on return.
    pub fn keep(&self, id: &ResourceId, plan: &Plan) -> restock::Result<()> {
        let (version, users) = (plan.version as i64, plan.users as i64);
        self.0.put([record! { "ID" => id.to_string(), "VERSION" => version, "USERS" => users }])?;
        Ok(())
    }

    fn get(&self, id: &ResourceId) -> restock::Result<Option<Plan>> {
        let Some(record) = self.0.snapshot()?.get(&id.to_string())? else { return Ok(None) };
        let number = |record: &Record, name: &str| match record.get(name) {
            Some(&Value::Int(number)) => number.unsigned_abs(),
            _ => 0,
        };
        Ok(Some(Plan { version: number(&record, "VERSION"), users: number(&record, "USERS") }))
    }

    /// How many users a job of an earlier process deleted, if it committed.
    pub fn done(&self, store: &Store, id: &ResourceId, group: &str) -> restock::Result<Option<u64>> {
        let Some(plan) = self.get(id)? else { return Ok(None) };
        let committed = store.history().into_iter().any(|commit| {
            commit.what == CommitKind::DeleteUsers
                && commit.group.as_deref() == Some(group)
                && commit.version > plan.version
        });
        Ok(committed.then_some(plan.users))
    }
}
