//! A proposal for the schema of a file, from its header and some of its rows.

mod profile;

use ahash::AHashMap;
use profile::Profile;

use crate::{
    DatasetType, Field, Schema, SchemaError, ValueType,
    names::{cut, is_avro_name, normalise},
    reserved::{Reserved, metadata_limit, reserved},
};

/// A proposed schema, and what its reader should know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The proposal.
    pub schema: Schema,
    /// One sentence for each decision that the data did not make alone.
    pub notes: Vec<String>,
}

/// Proposes a schema for a file. It is a starting point for a person: an import never guesses.
///
/// A type is what all sampled values fit, null is allowed where an empty field was seen, strings
/// with few values are categorical, and the longest text of `items` is textual. Fields that the
/// dataset type requires or reserves get exactly their type, and are found under any spelling of
/// their name; required ones are added where the file has none.
///
/// In `rows`, `None` is an empty field and `Some("")` a quoted empty one; a short row counts as
/// filled up with empty fields.
///
/// # Errors
/// No column with a usable name, or more than fit into a schema.
pub fn draft(
    header: &[String],
    rows: impl Iterator<Item = Vec<Option<String>>>,
    dataset_type: DatasetType,
) -> Result<Draft, SchemaError> {
    let mut columns: Vec<Column<'_>> = header.iter().map(|name| Column::new(name)).collect();
    let mut row_count = 0_usize;
    for row in rows {
        row_count += 1;
        let mut values = row.iter();
        for column in &mut columns {
            column.profile.add(values.next().and_then(Option::as_deref));
        }
    }
    let mut drafting = Drafting { dataset_type, fields: Vec::new(), notes: Vec::new() };
    if row_count == 0 {
        drafting.note("no row was seen: every column is taken for a string");
    }
    let columns = drafting.leave_out_unnamed(columns);
    let mut columns = drafting.take_reserved(columns);
    drafting.drop_excess(&mut columns);
    drafting.take_rest(&columns);
    drafting.note_missing_metadata();
    let Drafting { mut fields, notes, .. } = drafting;
    fields.sort_by_key(|(position, _)| *position);
    let fields = fields.into_iter().map(|(_, field)| field).collect();
    Ok(Draft { schema: Schema::new(dataset_type.avro_name().unwrap_or("Custom"), fields)?, notes })
}

struct Column<'a> {
    header: &'a str,
    profile: Profile,
}

impl<'a> Column<'a> {
    fn new(header: &'a str) -> Self {
        Self { header, profile: Profile::default() }
    }
}

/// A column with its position in the file.
type Placed<'a> = (usize, Column<'a>);

struct Drafting {
    dataset_type: DatasetType,
    /// With their position in the file; required fields that it lacks come before all.
    fields: Vec<(Option<usize>, Field)>,
    notes: Vec<String>,
}

impl Drafting {
    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// An import cannot address a column whose header is empty or occurs twice.
    fn leave_out_unnamed<'a>(&mut self, columns: Vec<Column<'a>>) -> Vec<Placed<'a>> {
        let mut times: AHashMap<&str, usize> = AHashMap::new();
        for column in &columns {
            *times.entry(column.header).or_default() += 1;
        }
        let mut kept = Vec::with_capacity(columns.len());
        for (position, column) in columns.into_iter().enumerate() {
            if column.header.is_empty() {
                self.note(format!("column {} has no name in the header and is left out", position + 1));
            } else if times.get(column.header).is_some_and(|times| *times > 1) {
                self.note(format!(
                    "column {}, {:?}, is left out: the header has that name more than once",
                    position + 1,
                    cut(column.header)
                ));
            } else {
                kept.push((position, column));
            }
        }
        kept
    }

    /// Takes the required and reserved fields and returns the other columns.
    fn take_reserved<'a>(&mut self, mut columns: Vec<Placed<'a>>) -> Vec<Placed<'a>> {
        for rule in reserved(self.dataset_type, None) {
            let found = [Some(rule.name), rule.alias].into_iter().flatten().find_map(|name| {
                let exact = columns.iter().position(|(_, column)| column.header == name);
                let alike =
                    || columns.iter().position(|(_, column)| normalise(column.header) == normalise(name));
                exact.or_else(alike).map(|index| (name, index))
            });
            match found {
                Some((name, index)) => {
                    let (position, column) = columns.remove(index);
                    self.take_as(rule, name, position, &column);
                }
                None if rule.required => {
                    self.note(format!(
                        "{name} is required and the file has no such column: import with --rename \
                         {name}=HEADER if it has another name",
                        name = rule.name
                    ));
                    self.fields.push((None, rule.to_field()));
                }
                None => {}
            }
        }
        columns
    }

    fn take_as(&mut self, rule: &Reserved, name: &str, position: usize, column: &Column<'_>) {
        let profile = &column.profile;
        let has_null = profile.has_null(rule.value_type);
        let field = Field { name: name.to_owned(), nullable: rule.nullable && has_null, ..rule.to_field() };
        self.note_renamed(name, column.header);
        let kind = if rule.required { "required" } else { "reserved" };
        if !profile.fits(field.value_type) {
            self.note(format!(
                "{name} is {kind} as {}, and some of its values are not: they would be refused",
                rule.value_type
            ));
        }
        if has_null && !field.nullable {
            self.note(format!(
                "{name} is {kind} without null, and some of its values are empty: they would be refused"
            ));
        }
        self.fields.push((Some(position), field));
    }

    fn note_renamed(&mut self, name: &str, header: &str) {
        if name != header {
            self.note(format!(
                "column {:?} becomes {name}: import with --rename '{name}={header}'",
                cut(header)
            ));
        }
    }

    /// Leaves out the last columns where the type allows fewer.
    fn drop_excess(&mut self, columns: &mut Vec<Placed<'_>>) {
        let Some((most, reserved_count)) = metadata_limit(self.dataset_type) else { return };
        let is_record_id = |field: &Field| Some(field.name.as_str()) == self.dataset_type.record_id();
        let taken = if reserved_count {
            self.fields.iter().filter(|(_, field)| !is_record_id(field)).count()
        } else {
            0
        };
        let room = most.saturating_sub(taken);
        if columns.len() <= room {
            return;
        }
        let left_out: Vec<_> = columns.drain(room..).map(|(_, column)| cut(column.header)).collect();
        let reserved = if reserved_count { "" } else { " besides the required and reserved ones" };
        self.note(format!(
            "{} can have {most} metadata fields{reserved}; left out: {}",
            self.dataset_type,
            left_out.join(", ")
        ));
    }

    fn take_rest(&mut self, columns: &[Placed<'_>]) {
        let textual = self.textual(columns);
        for (position, column) in columns {
            let profile = &column.profile;
            let name = self.free_name(column.header, *position);
            self.note_renamed(&name, column.header);
            let value_type = profile.value_type();
            if profile.values == 0 {
                self.note(format!("{name} is empty in every row seen and is taken for a string"));
            } else if let Some(no_value) = profile.no_value
                && profile.type_but_for_no_values() != ValueType::String
            {
                self.note(format!(
                    "{name} is taken for a string because of {no_value:?} ({} of {} values), else it is \
                     {}: only an empty field is null",
                    profile.no_values,
                    profile.values,
                    profile.type_but_for_no_values()
                ));
            } else if profile.leading_zero && profile.type_but_for_no_values() != ValueType::String {
                self.note(format!("{name} has numbers with leading zeros and is taken for a string"));
            }
            let is_string = value_type == ValueType::String;
            let is_textual = textual == Some(*position);
            let field = Field {
                name,
                value_type,
                nullable: profile.has_null(value_type),
                categorical: is_string && !is_textual && profile.is_categorical(),
                textual: is_textual,
            };
            self.fields.push((Some(*position), field));
        }
    }

    /// The position of the column with the longest text; only items have a textual field.
    fn textual(&self, columns: &[Placed<'_>]) -> Option<usize> {
        if self.dataset_type != DatasetType::Items {
            return None;
        }
        let texts = columns.iter().filter(|(_, column)| {
            column.profile.value_type() == ValueType::String && !column.profile.is_categorical()
        });
        texts
            .filter_map(|(position, column)| column.profile.text_chars().map(|chars| (chars, *position)))
            .max_by_key(|(chars, position)| (*chars, std::cmp::Reverse(*position)))
            .map(|(_, position)| position)
    }

    /// The header as an Avro name that no other field has, nor resembles.
    fn free_name(&self, header: &str, position: usize) -> String {
        let mut name: String =
            header.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if !name.contains(|c: char| c.is_ascii_alphanumeric()) {
            name = format!("COLUMN_{}", position + 1);
        }
        if !is_avro_name(&name) {
            name.insert(0, '_');
        }
        let is_taken = |name: &str| {
            self.fields.iter().any(|(_, field)| normalise(&field.name) == normalise(name))
                || reserved(self.dataset_type, None).iter().any(|rule| rule.is_named(name))
        };
        let numbered = (2_usize..).map(|number| format!("{name}_{number}"));
        std::iter::once(name.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(name)
    }

    fn note_missing_metadata(&mut self) {
        if let Some(record_id) = self.dataset_type.record_id()
            && self.fields.len() < 2
        {
            self.note(format!("{} need at least one field besides {record_id}", self.dataset_type));
        }
    }
}
