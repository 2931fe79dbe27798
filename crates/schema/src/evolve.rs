//! Changing the schema of a dataset that has rows.

use crate::{DatasetType, Domain, Field, Schema, SchemaError, check};

/// The schema a dataset has after a change: `new`, in its column order, if it only adds columns
/// that allow null. Old rows read null in them. The record's name, namespace and version may change.
///
/// # Errors
/// [`SchemaError::Change`] lists every other difference; [`SchemaError::Unsuited`] if the new
/// schema does not suit the dataset.
pub fn evolve(
    old: &Schema,
    new: &Schema,
    dataset_type: DatasetType,
    domain: Option<Domain>,
    record_id: Option<&str>,
) -> Result<Schema, SchemaError> {
    let mut differences = Vec::new();
    for before in old.fields() {
        match new.field(&before.name) {
            None => differences.push(format!("field {} is removed", before.name)),
            Some((_, after)) => describe_change(before, after, &mut differences),
        }
    }
    for field in new.fields() {
        if old.field(&field.name).is_none() && !field.nullable {
            differences.push(format!(
                r#"field {} is new and does not allow null: declare ["null", "{}"]"#,
                field.name, field.value_type
            ));
        }
    }
    if !differences.is_empty() {
        return Err(SchemaError::Change { differences });
    }
    check(new, dataset_type, domain, record_id)?;
    Ok(new.clone())
}

fn describe_change(before: &Field, after: &Field, differences: &mut Vec<String>) {
    let name = &before.name;
    if before.value_type != after.value_type {
        differences.push(format!(
            "field {name} changes its type from {} to {}",
            before.value_type, after.value_type
        ));
    }
    if before.nullable != after.nullable {
        let change = if after.nullable { "begins to allow null" } else { "ceases to allow null" };
        differences.push(format!("field {name} {change}"));
    }
    for (attribute, was, is) in
        [("categorical", before.categorical, after.categorical), ("textual", before.textual, after.textual)]
    {
        if was != is {
            let change = if is { "becomes" } else { "is no longer" };
            differences.push(format!("field {name} {change} {attribute}"));
        }
    }
}
