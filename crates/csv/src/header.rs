//! Which column of the file is which field of the schema.

use restock_schema::{Schema, normalise};

use crate::error::{CsvError, CsvErrorKind};
use crate::options::{Limits, Options, Rename};
use crate::values::shown;

/// The outcome.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// For each field of the schema its column in the file.
    pub(crate) columns: Vec<usize>,
    /// Columns that no field takes, by name.
    pub(crate) ignored: Vec<String>,
    /// Renames that a field needed.
    pub(crate) renames: Vec<Rename>,
}

/// Finds every field of the schema by exact name, after the renames.
pub(crate) fn resolve(
    schema: &Schema,
    header: &[String],
    options: &Options,
    file: &str,
) -> Result<Resolved, CsvError> {
    let refuse = |message: String| Err(CsvError::new(CsvErrorKind::Header, file, message));
    if header.len() > options.limits.columns {
        return Err(too_many_columns(file, &header.len().to_string(), &options.limits));
    }
    check_renames(schema, options, file)?;

    let mut columns = Vec::with_capacity(schema.fields().len());
    let mut renames = Vec::new();
    let mut missing = Vec::new();
    for field in schema.fields() {
        let rename = options.renames.iter().find(|rename| rename.schema_name == field.name);
        let wanted = rename.map_or(&field.name, |rename| &rename.header);
        let mut found = header.iter().enumerate().filter(|(_, name)| *name == wanted);
        match (found.next(), found.next()) {
            (None, _) => missing.push((field.name.as_str(), wanted.as_str())),
            (Some((first, _)), Some((second, _))) => {
                let (first, second) = (first + 1, second + 1);
                return refuse(format!(
                    "columns {first} and {second} are both named {wanted}, which the schema asks for: rename one in the file"
                ));
            }
            (Some((column, _)), None) => {
                columns.push(column);
                renames.extend(rename.cloned());
            }
        }
    }
    if !missing.is_empty() {
        let message = missing_message(&missing, header, options.limits.value_shown);
        let shown = shown(header.join(",").as_bytes(), options.limits.value_shown * 4);
        let wanted = missing.iter().map(|(_, wanted)| (*wanted).to_owned()).collect();
        return Err(CsvError::new(CsvErrorKind::Header, file, message).showing(shown, "").missing(wanted));
    }
    let ignored = header.iter().enumerate().filter(|(column, _)| !columns.contains(column));
    let ignored = ignored.map(|(_, name)| name.clone()).collect();
    Ok(Resolved { columns, ignored, renames })
}

/// The error of a header, found before its names take memory.
#[cold]
pub(crate) fn too_many_columns(file: &str, columns: &str, limits: &Limits) -> CsvError {
    let message = format!("{columns} columns, over the limit columns ({})", limits.columns);
    CsvError::new(CsvErrorKind::Limit, file, message)
}

fn check_renames(schema: &Schema, options: &Options, file: &str) -> Result<(), CsvError> {
    for (place, rename) in options.renames.iter().enumerate() {
        let name = &rename.schema_name;
        if schema.field(name).is_none() {
            let message = format!("--rename {name}={}: the schema has no field {name}", rename.header);
            return Err(CsvError::new(CsvErrorKind::Options, file, message));
        }
        if options.renames.iter().skip(place + 1).any(|other| other.schema_name == *name) {
            let message = format!("--rename names the field {name} twice");
            return Err(CsvError::new(CsvErrorKind::Options, file, message));
        }
    }
    Ok(())
}

/// Lists every missing column, and for each the one header that only letter case or punctuation keeps apart.
fn missing_message(missing: &[(&str, &str)], header: &[String], value_shown: usize) -> String {
    let mut parts = Vec::new();
    for (name, wanted) in missing {
        let alike =
            |header: &&String| normalise(header) == normalise(wanted) && !normalise(header).is_empty();
        let mut near = header.iter().filter(alike);
        parts.push(match (near.next(), near.next()) {
            (Some(header), None) => format!("{wanted} (try {})", rename_option(name, header)),
            _ => (*wanted).to_owned(),
        });
    }
    let plural = if missing.len() == 1 { "column" } else { "columns" };
    let names = header;
    let header = shown(header.join(",").as_bytes(), value_shown * 4);
    format!("missing {plural} {}; the header has {header}{}", parts.join(", "), delimiter_hint(names))
}

/// The option that reads a field from a column, as it is typed in a shell.
#[must_use]
pub fn rename_option(field: &str, column: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    if column.chars().all(plain) {
        return format!("--rename {field}={column}");
    }
    format!("--rename {field}='{}'", column.replace('\'', r"'\''"))
}

/// A header of one name with separators in it was written for another delimiter.
fn delimiter_hint(header: &[String]) -> String {
    let [only] = header else { return String::new() };
    let delimiter = [(';', "';'"), ('\t', "tab"), ('|', "'|'")].into_iter().find(|(c, _)| only.contains(*c));
    delimiter
        .map(|(_, typed)| format!("; it looks delimited otherwise: try --delimiter {typed}"))
        .unwrap_or_default()
}
