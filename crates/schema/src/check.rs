//! Does a schema suit its dataset?

use ahash::AHashMap;

use crate::{
    DatasetType, Domain, Schema, SchemaError, ValueType, normalise,
    reserved::{Reserved, metadata_limit, reserved},
};

/// Holds a schema against a dataset type, the domain of its group and the record ID column that
/// was declared for it.
///
/// For `custom` only the record ID is checked: it must be a column without null of type string,
/// int or long. The five types may be given their own record ID only.
///
/// # Errors
/// [`SchemaError::Unsuited`], naming the field and the rule.
pub fn check(
    schema: &Schema,
    dataset_type: DatasetType,
    domain: Option<Domain>,
    record_id: Option<&str>,
) -> Result<(), SchemaError> {
    let result = if dataset_type == DatasetType::Custom {
        check_custom_record_id(schema, record_id)
    } else {
        check_record_id(dataset_type, record_id)
            .and_then(|()| check_type_in_domain(dataset_type, domain))
            .and_then(|()| check_name(schema, dataset_type))
            .and_then(|()| check_reserved(schema, reserved(dataset_type, domain)))
            .and_then(|()| check_alike(schema))
            .and_then(|()| check_textual(schema, dataset_type))
            .and_then(|()| check_metadata(schema, dataset_type, reserved(dataset_type, domain)))
    };
    result.map_err(|reason| SchemaError::unsuited(dataset_type, reason))
}

fn check_custom_record_id(schema: &Schema, record_id: Option<&str>) -> Result<(), String> {
    let Some(name) = record_id else { return Ok(()) };
    let Some((_, field)) = schema.field(name) else {
        let columns: Vec<_> = schema.fields().iter().map(|field| field.name.as_str()).collect();
        return Err(format!("the record ID {name:?} is not a field; the fields are {}", columns.join(", ")));
    };
    let keyed = matches!(field.value_type, ValueType::String | ValueType::Int | ValueType::Long);
    if field.nullable || !keyed {
        return Err(format!(
            "the record ID {name} is {field}; it must be a string, int or long, without null"
        ));
    }
    Ok(())
}

fn check_record_id(dataset_type: DatasetType, record_id: Option<&str>) -> Result<(), String> {
    match (dataset_type.record_id(), record_id) {
        (_, None) => Ok(()),
        (Some(own), Some(declared)) if own == declared => Ok(()),
        (Some(own), Some(declared)) => {
            Err(format!("its record ID is {own}, it cannot be {declared}; a custom dataset declares its own"))
        }
        (None, Some(declared)) => {
            Err(format!("it has no record ID, it cannot be {declared}; a custom dataset declares its own"))
        }
    }
}

fn check_type_in_domain(dataset_type: DatasetType, domain: Option<Domain>) -> Result<(), String> {
    match (dataset_type, domain) {
        (DatasetType::Actions | DatasetType::ActionInteractions, Some(domain)) => {
            Err(format!("a group with a domain ({domain}) cannot hold it; leave the domain out"))
        }
        _ => Ok(()),
    }
}

fn check_name(schema: &Schema, dataset_type: DatasetType) -> Result<(), String> {
    let Some(wanted) = dataset_type.avro_name() else { return Ok(()) };
    let name = schema.name().rsplit('.').next().unwrap_or_default();
    let normal = normalise(name);
    if normal == normalise(wanted) {
        return Ok(());
    }
    let hint = DatasetType::ALL
        .into_iter()
        .find(|other| other.avro_name().is_some_and(|avro_name| normalise(avro_name) == normal))
        .map(|other| format!("; it looks like a schema for --type {other}"))
        .unwrap_or_default();
    Err(format!(r#"its "name" is {name:?} and must be {wanted:?}{hint}"#))
}

fn check_reserved(schema: &Schema, rules: &[Reserved]) -> Result<(), String> {
    let mut missing = Vec::new();
    for rule in rules {
        let present: Vec<_> = schema.fields().iter().filter(|field| rule.is_named(&field.name)).collect();
        if rule.required && present.is_empty() {
            let alias = rule.alias.map(|alias| format!(" or {alias}")).unwrap_or_default();
            missing.push(format!("{}{alias} ({})", rule.name, rule.wanted()));
        }
        if let Some(field) = present.into_iter().find(|field| !rule.suits(field)) {
            let kind = if rule.required { "required" } else { "reserved" };
            return Err(format!("field {} is {kind} as {}, it is {field}", field.name, rule.wanted()));
        }
    }
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(format!("the required field {one} is missing")),
        several => Err(format!("the required fields {} are missing", several.join(", "))),
    }
}

/// The service tells fields apart by their letters and digits alone.
fn check_alike(schema: &Schema) -> Result<(), String> {
    let mut seen: AHashMap<String, &str> = AHashMap::new();
    for field in schema.fields() {
        let letters = field.name.chars().filter(char::is_ascii_alphanumeric).collect();
        if let Some(first) = seen.insert(letters, &field.name) {
            return Err(format!(
                "the fields {first} and {} are the same once all but letters and digits is removed",
                field.name
            ));
        }
    }
    Ok(())
}

fn check_textual(schema: &Schema, dataset_type: DatasetType) -> Result<(), String> {
    let textual: Vec<_> =
        schema.fields().iter().filter(|field| field.textual).map(|field| field.name.as_str()).collect();
    match textual.as_slice() {
        [first, ..] if dataset_type != DatasetType::Items => {
            Err(format!("field {first} is textual, and only items can have a textual field"))
        }
        [_, _, ..] => Err(format!("the fields {} are textual, and only one may be", textual.join(" and "))),
        _ => Ok(()),
    }
}

fn check_metadata(schema: &Schema, dataset_type: DatasetType, rules: &[Reserved]) -> Result<(), String> {
    let Some((most, reserved_count)) = metadata_limit(dataset_type) else { return Ok(()) };
    let is_metadata = |name: &str| match dataset_type.record_id() {
        Some(record_id) if reserved_count => name != record_id,
        _ => !rules.iter().any(|rule| rule.is_named(name)),
    };
    let count = schema.fields().iter().filter(|field| is_metadata(&field.name)).count();
    if let Some(record_id) = dataset_type.record_id()
        && count == 0
    {
        return Err(format!("it has no metadata field; add at least one field besides {record_id}"));
    }
    if count > most {
        let besides = if reserved_count { "" } else { " besides the required and reserved ones" };
        return Err(format!("it has {count} metadata fields{besides}, the most is {most}"));
    }
    Ok(())
}
