//! Avro schema JSON, read as users write it and written in one form.

use serde_json::{Map, Value, json};

use crate::{Field, Schema, SchemaError, ValueType, names};

/// The parts of a record before they are checked together.
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) fields: Vec<Field>,
}

/// Reads a record. Attributes that mean nothing here (`doc`, `default`, ...) are passed over.
pub(crate) fn read_record(value: &Value) -> Result<Record, SchemaError> {
    let Value::Object(object) = value else {
        return Err(SchemaError::record(format!(
            "an Avro record is a JSON object, this is {}",
            json_kind(value)
        )));
    };
    match object.get("type") {
        Some(Value::String(kind)) if kind == "record" => {}
        Some(other) => {
            return Err(SchemaError::record(format!(r#""type" must be "record", it is {}"#, shown(other))));
        }
        None => return Err(SchemaError::record(r#"it has no "type"; it must be "record""#)),
    }
    let name = match object.get("name") {
        Some(Value::String(name)) => name.clone(),
        Some(other) => {
            return Err(SchemaError::record(format!(r#""name" must be a string, it is {}"#, shown(other))));
        }
        None => return Err(SchemaError::record(r#"it has no "name""#)),
    };
    let namespace = match object.get("namespace") {
        None | Some(Value::Null) => None,
        Some(Value::String(namespace)) => Some(namespace.clone()).filter(|namespace| !namespace.is_empty()),
        Some(other) => {
            let reason = format!(r#""namespace" must be a string, it is {}"#, shown(other));
            return Err(SchemaError::record(reason));
        }
    };
    let version = match object.get("version") {
        None | Some(Value::Null) => None,
        Some(Value::String(version)) => Some(version.clone()),
        Some(Value::Number(version)) => Some(version.to_string()),
        Some(other) => {
            let reason = format!(r#""version" must be a string, it is {}"#, shown(other));
            return Err(SchemaError::record(reason));
        }
    };
    let fields = match object.get("fields") {
        Some(Value::Array(fields)) => fields
            .iter()
            .enumerate()
            .map(|(index, field)| read_field(field, index))
            .collect::<Result<_, _>>()?,
        Some(other) => {
            let reason = format!(r#""fields" must be an array, it is {}"#, json_kind(other));
            return Err(SchemaError::record(reason));
        }
        None => return Err(SchemaError::record(r#"it has no "fields""#)),
    };
    Ok(Record { name, namespace, version, fields })
}

/// Reads one field; `index` (from 0) names it in messages until its name is known.
pub(crate) fn read_field(value: &Value, index: usize) -> Result<Field, SchemaError> {
    let place = || format!("number {}", index + 1);
    let Value::Object(object) = value else {
        let reason = format!("a field is a JSON object, this is {}", shown(value));
        return Err(SchemaError::field(place(), reason));
    };
    let name = match object.get("name") {
        Some(Value::String(name)) => name.clone(),
        Some(other) => {
            let reason = format!(r#""name" must be a string, it is {}"#, shown(other));
            return Err(SchemaError::field(place(), reason));
        }
        None => return Err(SchemaError::field(place(), r#"it has no "name""#)),
    };
    let Some(declared) = object.get("type") else {
        return Err(SchemaError::field(name, r#"it has no "type""#));
    };
    let refuse = |reason| SchemaError::field(&name, reason);
    let (value_type, nullable) = read_type(declared).map_err(refuse)?;
    let categorical = read_flag(object, "categorical").map_err(refuse)?;
    let textual = read_flag(object, "textual").map_err(refuse)?;
    check_default(object.get("default"), value_type, nullable).map_err(refuse)?;
    Ok(Field { name, value_type, nullable, categorical, textual })
}

/// A plain type, a union of one, or a union of a plain type and null in either order.
fn read_type(declared: &Value) -> Result<(ValueType, bool), String> {
    let Value::Array(branches) = declared else {
        return match read_plain(declared)? {
            Some(value_type) => Ok((value_type, false)),
            None => Err(only_null()),
        };
    };
    let mut value_type = None;
    let mut nullable = false;
    for branch in branches {
        match read_plain(branch)? {
            None if nullable => return Err("its union names null twice".to_owned()),
            None => nullable = true,
            Some(found) => match value_type.replace(found) {
                None => {}
                Some(first) if first == found => return Err(format!("its union names {found} twice")),
                Some(first) => {
                    return Err(format!(
                        "its union has the types {first} and {found}; a field has one type, and may allow null"
                    ));
                }
            },
        }
    }
    match value_type {
        Some(value_type) => Ok((value_type, nullable)),
        None if nullable => Err(only_null()),
        None => Err("its union is empty; name the type of the values".to_owned()),
    }
}

fn only_null() -> String {
    r#"its type is null alone; name the type of the values too, as in ["null", "string"]"#.to_owned()
}

/// One branch of a type; `None` is null.
fn read_plain(declared: &Value) -> Result<Option<ValueType>, String> {
    let name = match declared {
        Value::String(name) => name,
        // `{"type": "string"}` is another spelling of `"string"`.
        Value::Object(object) => match (object.get("type"), object.get("logicalType")) {
            (Some(Value::String(name)), Some(logical)) if !is_nested(name) => {
                return Err(format!(
                    "its type {name} has the logicalType {}; logical types are not supported, declare \
                     the plain type",
                    shown(logical)
                ));
            }
            (Some(Value::String(name)), _) => name,
            (Some(_), _) => return Err(nested("a nested type")),
            (None, _) => return Err(format!(r#"its type {} has no "type""#, shown(declared))),
        },
        Value::Array(_) => return Err(nested("a union in a union")),
        other => return Err(format!("its type must be a name or a union, it is {}", shown(other))),
    };
    if name == "null" {
        return Ok(None);
    }
    match ValueType::from_name(name) {
        Some(value_type) => Ok(Some(value_type)),
        None if is_nested(name) => Err(nested(&format!("the nested type {name}"))),
        None => Err(format!("its type {} is unknown; {PLAIN_TYPES}", shown(&json!(name)))),
    }
}

const PLAIN_TYPES: &str = "a field is a string, int, long, float, double or boolean, and may allow null";

fn nested(what: &str) -> String {
    format!("it has {what}, and a schema must be flat; {PLAIN_TYPES}")
}

fn is_nested(name: &str) -> bool {
    matches!(name, "record" | "error" | "array" | "map" | "enum" | "fixed")
}

fn read_flag(field: &Map<String, Value>, attribute: &str) -> Result<bool, String> {
    match field.get(attribute) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(format!(r#""{attribute}" must be true or false, it is {}"#, shown(other))),
    }
}

/// Avro demands that a default fit the type; beyond that it is not used.
fn check_default(default: Option<&Value>, value_type: ValueType, nullable: bool) -> Result<(), String> {
    let fits = match (default, value_type) {
        (None, _) => true,
        (Some(Value::Null), _) => nullable,
        (Some(Value::String(_)), ValueType::String) | (Some(Value::Bool(_)), ValueType::Boolean) => true,
        (Some(Value::Number(number)), ValueType::Int) => {
            number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
        }
        (Some(Value::Number(number)), ValueType::Long) => number.is_i64(),
        (Some(Value::Number(number)), ValueType::Float | ValueType::Double) => {
            !number.is_u64() || number.is_i64()
        }
        _ => false,
    };
    match default {
        Some(default) if !fits => {
            let null = if nullable { " or null" } else { "" };
            Err(format!("its default {} is no {value_type}{null}", shown(default)))
        }
        _ => Ok(()),
    }
}

fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A piece of the user's JSON as a message shows it.
fn shown(value: &Value) -> String {
    names::cut(&value.to_string())
}

/// The one form we write: null first, attributes only where they are true.
pub(crate) fn write_record(schema: &Schema) -> Value {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("record"));
    object.insert("name".to_owned(), json!(schema.name()));
    if let Some(namespace) = schema.namespace() {
        object.insert("namespace".to_owned(), json!(namespace));
    }
    object.insert("fields".to_owned(), schema.fields().iter().map(write_field).collect());
    if let Some(version) = schema.version() {
        object.insert("version".to_owned(), json!(version));
    }
    Value::Object(object)
}

/// One field as in [`write_record`].
pub(crate) fn write_field(field: &Field) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(field.name));
    let value_type = field.value_type.name();
    object.insert(
        "type".to_owned(),
        if field.nullable { json!(["null", value_type]) } else { json!(value_type) },
    );
    for (attribute, set) in [("categorical", field.categorical), ("textual", field.textual)] {
        if set {
            object.insert(attribute.to_owned(), json!(true));
        }
    }
    Value::Object(object)
}
