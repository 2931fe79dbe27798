//! `properties`: a JSON object in a string, whose camelCase keys are columns (`personalize.md`, section 3.2).

use restock::Record;
use serde_json::value::RawValue;

use super::members::Members;
use crate::refusal::Refusal;

/// Reads `properties` of a record; without them there is none.
///
/// # Errors
/// It is no JSON object of plain values, with the service's words for that and what is wrong.
pub(super) fn read(members: &Members<'_>, chars: usize) -> Result<Record, Refusal> {
    let Some(text) = members.text("properties", chars)? else { return Ok(Record::new()) };
    serde_json::from_str::<Record>(text).map_err(|error| {
        let detail = match serde_json::from_str::<&RawValue>(text) {
            Ok(json) if json.get().starts_with('"') => {
                "it holds a JSON string and not an object: it was encoded twice".to_owned()
            }
            _ => error.to_string(),
        };
        Refusal::invalid(format!("Error parsing properties json: {}: {detail}", members.name("properties")))
    })
}
