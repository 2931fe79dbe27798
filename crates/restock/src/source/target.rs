//! What an import makes of its sources, and how it may read them.

use std::sync::Arc;

use ahash::AHashMap;
use restock_csv::Rename;
use restock_schema::{Schema, TextLimit, ValueType, normalise};

use super::error::SourceError;
use super::format::Format;
use crate::record::Column;

/// The columns to make, in order, with the limits of their texts.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    schema: Schema,
    limits: Vec<Option<TextLimit>>,
    record_id: Option<usize>,
    csv: Arc<restock_csv::Target>,
}

impl Target {
    /// The columns of a schema; `limits` holds one limit a field, fields beyond it have none.
    pub(crate) fn new(schema: &Schema, mut limits: Vec<Option<TextLimit>>) -> Self {
        limits.resize(schema.fields().len(), None);
        let csv = Arc::new(restock_csv::Target::new(schema, limits.clone()));
        Self { schema: schema.clone(), limits, record_id: None, csv }
    }

    /// The column of the record ID, which may not be the empty string.
    pub(crate) fn with_record_id(mut self, name: Option<&str>) -> Self {
        self.record_id = name.and_then(|name| self.schema.field(name)).map(|(place, _)| place);
        let csv = restock_csv::Target::new(&self.schema, self.limits.clone()).with_record_id(name);
        self.csv = Arc::new(csv);
        self
    }

    /// What the store can hold as numbers comes as numbers from CSV, which the store alone understands.
    pub(crate) fn for_store(mut self) -> Self {
        let id =
            self.record_id.and_then(|place| self.schema.fields().get(place)).map(|field| field.name.clone());
        let csv = restock_csv::Target::new(&self.schema, self.limits.clone()).with_record_id(id.as_deref());
        self.csv = Arc::new(csv.with_affixes());
        self
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(super) fn csv(&self) -> Arc<restock_csv::Target> {
        Arc::clone(&self.csv)
    }

    pub(super) fn limit(&self, field: usize) -> Option<TextLimit> {
        self.limits.get(field).copied().flatten()
    }

    pub(super) fn columns(&self) -> Vec<Column> {
        let limits = self.limits.iter().copied();
        self.schema
            .fields()
            .iter()
            .zip(limits)
            .enumerate()
            .map(|(place, (field, limit))| {
                Column::new(field.clone(), limit).for_record_id(self.is_record_id(place))
            })
            .collect()
    }

    /// Whether a field is the record ID.
    pub(super) fn is_record_id(&self, field: usize) -> bool {
        self.record_id == Some(field)
    }

    /// The field whose values may be milliseconds where seconds are meant.
    pub(super) fn timestamp(&self) -> Option<usize> {
        let (place, field) = self.schema.field("TIMESTAMP")?;
        (field.value_type == ValueType::Long).then_some(place)
    }
}

/// What becomes of a key that names no column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum UnknownKeys {
    /// It is ignored and reported, as an import does with columns.
    #[default]
    Report,
    /// It is an error of its record, as in a put.
    Refuse,
}

/// How sources are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceOptions {
    /// The format of all inputs; without it each input's extension tells.
    pub(crate) format: Option<Format>,
    /// The CSV dialect; its renames and limits hold for every format.
    pub(crate) csv: Arc<restock_csv::Options>,
    /// Whether the user chose the delimiter, so that a `.tsv` can be read.
    pub(crate) delimiter_given: bool,
    pub(crate) unknown_keys: UnknownKeys,
}

/// The most errors of a chunk that are all described at once for a rejects file; of more, pieces are described one
/// after the other. Each takes some hundred bytes.
pub(super) const REJECTS_DESCRIBED: usize = 16 << 10;

/// The most characters of a column's name that a report holds.
const NAME_CHARS: usize = 256;

/// A name as a report holds it.
pub(super) fn cut_name(name: &str) -> &str {
    name.char_indices().nth(NAME_CHARS).map_or(name, |(end, _)| name.get(..end).unwrap_or_default())
}

/// The source's name for each field, after the renames.
pub(super) fn wanted<'a>(schema: &'a Schema, renames: &'a [Rename]) -> impl Iterator<Item = &'a str> {
    schema.fields().iter().map(|field| {
        let rename = renames.iter().find(|rename| rename.schema_name == field.name);
        rename.map_or(field.name.as_str(), |rename| rename.header.as_str())
    })
}

/// Renames that name no field, or a field twice, are mistakes in any format.
pub(super) fn check_renames(schema: &Schema, renames: &[Rename], file: &str) -> Result<(), SourceError> {
    let mut seen: AHashMap<&str, &str> = AHashMap::new();
    for Rename { schema_name, header } in renames {
        if schema.field(schema_name).is_none() {
            let detail = format!("--rename {schema_name}={header}: the schema has no field {schema_name}");
            return Err(SourceError::Columns { file: file.to_owned(), detail });
        }
        if seen.insert(schema_name, header).is_some() {
            let detail = format!("--rename names the field {schema_name} twice");
            return Err(SourceError::Columns { file: file.to_owned(), detail });
        }
    }
    Ok(())
}

/// Finds each field in a source's columns by exact name.
///
/// # Errors
/// One message that lists every missing column, with the rename that would find it; or a name that is there twice.
pub(super) fn find_columns(
    schema: &Schema,
    renames: &[Rename],
    names: &[String],
    file: &str,
) -> Result<Vec<usize>, SourceError> {
    check_renames(schema, renames, file)?;
    let mut places: AHashMap<&str, (usize, bool)> = AHashMap::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        places.entry(name).and_modify(|(_, doubled)| *doubled = true).or_insert((place, false));
    }
    let mut columns = Vec::with_capacity(schema.fields().len());
    let mut wrong = Vec::new();
    for (field, wanted) in schema.fields().iter().zip(wanted(schema, renames)) {
        match places.get(wanted) {
            Some((place, false)) => columns.push(*place),
            Some((_, true)) => wrong.push(format!("{wanted} is there twice")),
            None => {
                let mut alike = names.iter().filter(|name| normalise(name) == normalise(wanted));
                wrong.push(match (alike.next(), alike.next()) {
                    (Some(name), None) => format!("{wanted} is missing (try --rename {}={name})", field.name),
                    _ => format!("{wanted} is missing"),
                });
            }
        }
    }
    if wrong.is_empty() {
        return Ok(columns);
    }
    let there = restock_csv::values::shown(names.join(", ").as_bytes(), 320);
    let detail = format!("columns do not fit the schema: {}; the file has {there}", wrong.join(", "));
    Err(SourceError::Columns { file: file.to_owned(), detail })
}
