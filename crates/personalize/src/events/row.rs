//! A row while its members and properties find their columns (`personalize.md`, section 3.2).

use std::collections::HashMap;

use restock::{DatasetSnapshot, Field, Record, Value, normalise};

use super::members::Members;
use super::values::fit;
use crate::refusal::Refusal;

/// The columns of a dataset, found by what people mean by their names: letters and digits, whatever their case.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    dataset: &'a DatasetSnapshot,
    by_name: HashMap<String, &'a Field>,
}

impl<'a> Columns<'a> {
    /// Those of a dataset.
    pub fn of(dataset: &'a DatasetSnapshot) -> Columns<'a> {
        let fields = dataset.schema().fields().iter();
        Columns { dataset, by_name: fields.map(|field| (normalise(&field.name), field)).collect() }
    }

    /// Whether there is such a column.
    pub fn has(&self, column: &str) -> bool {
        self.dataset.schema().field(column).is_some()
    }
}

/// A row being filled.
#[derive(Debug)]
pub(super) struct Row<'a> {
    columns: &'a Columns<'a>,
    members: &'a Members<'a>,
    record: Record,
}

impl<'a> Row<'a> {
    /// An empty one, for the record of the call that `members` are of.
    pub fn new(columns: &'a Columns<'a>, members: &'a Members<'a>) -> Row<'a> {
        Row { columns, members, record: Record::new() }
    }

    /// Sets the column of a member. One that the dataset does not have is left out: the wire has members that a
    /// dataset need not keep, such as `eventType`.
    pub fn set(&mut self, column: &str, member: &str, value: Option<Value>) -> Result<(), Refusal> {
        let (Some(value), Some((_, field))) = (value, self.columns.dataset.schema().field(column)) else {
            return Ok(());
        };
        self.put(field, &self.members.name(member), value)
    }

    /// Sets a member's column, which the dataset must have: what the member says would be lost without it.
    pub fn set_kept(&mut self, column: &str, member: &str, value: Option<Value>) -> Result<(), Refusal> {
        if value.is_some() && !self.columns.has(column) {
            let (member, dataset) = (self.members.name(member), self.columns.dataset.name());
            let message =
                format!("{member} is given, and the dataset {dataset} has no column {column} for it");
            return Err(Refusal::invalid(message));
        }
        self.set(column, member, value)
    }

    /// Sets the columns that the properties name. `elsewhere` are names of members that are said outside of them.
    pub fn set_properties(&mut self, properties: Record, elsewhere: &[&str]) -> Result<(), Refusal> {
        for (key, value) in properties {
            let name = normalise(&key);
            let place = format!("{}: {key:?}", self.members.name("properties"));
            if let Some(member) = elsewhere.iter().find(|member| normalise(member) == name) {
                let message =
                    format!("{place} may not be a property: say it as {member} beside the properties");
                return Err(Refusal::invalid(message));
            }
            let Some(field) = self.columns.by_name.get(&name) else {
                let dataset = self.columns.dataset.name();
                let known: Vec<&str> =
                    self.columns.dataset.schema().fields().iter().map(|field| field.name.as_str()).collect();
                let message =
                    format!("{place} is no column of the dataset {dataset}, which has {}", known.join(", "));
                return Err(Refusal::invalid(message));
            };
            self.put(field, &place, value)?;
        }
        Ok(())
    }

    fn put(&mut self, field: &Field, place: &str, value: Value) -> Result<(), Refusal> {
        let (name, dataset) = (&field.name, self.columns.dataset);
        let wrong =
            |why: String| Refusal::invalid(format!("{place} (column {name} of {}): {why}", dataset.name()));
        let mut value = fit(field, value).map_err(wrong)?;
        let limit = dataset.limits().for_field(field, dataset.dataset_type(), dataset.record_id());
        if let (Value::String(text), Some(limit)) = (&value, limit) {
            let kept = limit.admit(text).ok_or_else(|| {
                wrong(format!(
                    "Length cannot be more than {} characters for {name}; it has {}",
                    limit.chars(),
                    text.chars().count()
                ))
            })?;
            if kept.len() < text.len() {
                value = Value::from(kept);
            }
        }
        if self.record.insert(name.as_str(), value).is_some() {
            return Err(wrong("the column is given twice".to_owned()));
        }
        Ok(())
    }

    /// The record, every column that allows no null being set but `later`, which is set another time.
    pub fn finish(self, later: Option<&str>) -> Result<Record, Refusal> {
        let fields = self.columns.dataset.schema().fields().iter();
        let mut missing = fields.filter(|field| {
            !field.nullable && Some(field.name.as_str()) != later && self.record.get(&field.name).is_none()
        });
        match missing.next() {
            None => Ok(self.record),
            Some(field) => Err(Refusal::invalid(format!(
                "{} gives no value for {}, a {field} column of the dataset {}, which allows no null",
                self.members.whole(),
                field.name,
                self.columns.dataset.name()
            ))),
        }
    }
}
