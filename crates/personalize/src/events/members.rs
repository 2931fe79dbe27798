//! The members of a call's input, read with the constraints of `personalize.md`, sections 5.4 to 5.6.

use restock::Value;
use serde_json::{Map, Value as Json};

use crate::refusal::Refusal;

/// The most records of a call (section 3.1).
const RECORDS_MAX: usize = 10;

/// An object of the input, and what messages call it.
#[derive(Clone, Debug)]
pub(super) struct Members<'a> {
    object: &'a Map<String, Json>,
    /// `eventList[0].`, or nothing for the input itself.
    place: String,
}

impl<'a> Members<'a> {
    /// Reads an object; `place` is what stands before its members' names in messages.
    pub fn of(json: &'a Json, place: &str) -> Result<Members<'a>, Refusal> {
        match json {
            Json::Object(object) => Ok(Members { object, place: place.to_owned() }),
            other => {
                let whole = if place.is_empty() { "the input" } else { place.trim_end_matches('.') };
                Err(Refusal::invalid(format!("{whole} is {}; expected an object", kind(other))))
            }
        }
    }

    /// A member's name with the place before it.
    pub fn name(&self, member: &str) -> String {
        format!("{}{member}", self.place)
    }

    /// What messages call the object itself.
    pub fn whole(&self) -> &str {
        if self.place.is_empty() { "the input" } else { self.place.trim_end_matches('.') }
    }

    /// The length of the object as JSON, in bytes.
    pub fn json_bytes(&self) -> usize {
        serde_json::to_string(self.object).map_or(0, |text| text.len())
    }

    fn get(&self, member: &str) -> Option<&'a Json> {
        self.object.get(member).filter(|json| !json.is_null())
    }

    fn required<T>(&self, member: &str, found: Option<T>) -> Result<T, Refusal> {
        found.ok_or_else(|| Refusal::invalid(format!("{} is missing; it is required", self.name(member))))
    }

    fn wrong<T>(&self, member: &str, found: &Json, expected: &str) -> Result<T, Refusal> {
        Err(Refusal::invalid(format!("{} is {}; expected {expected}", self.name(member), kind(found))))
    }

    /// A text of 1 to `most` characters, if it is there.
    pub fn text(&self, member: &str, most: usize) -> Result<Option<&'a str>, Refusal> {
        match self.get(member) {
            None => Ok(None),
            Some(Json::String(text)) => {
                check_chars(&self.name(member), text, most)?;
                Ok(Some(text))
            }
            Some(other) => self.wrong(member, other, &format!("a string of 1 to {most} characters")),
        }
    }

    /// As [`text`](Self::text), and it must be there.
    pub fn required_text(&self, member: &str, most: usize) -> Result<&'a str, Refusal> {
        self.required(member, self.text(member, most)?)
    }

    /// A time in epoch seconds, its fraction dropped, as clients do before they send it (section 5.2).
    pub fn required_time(&self, member: &str) -> Result<i64, Refusal> {
        let expected = "a number: seconds since 1970-01-01 UTC";
        match self.required(member, self.get(member))? {
            Json::Number(number) => {
                let float = || number.as_f64().map(f64::trunc).filter(|seconds| seconds.abs() < 1e15);
                let seconds = number.as_i64().or_else(|| float().map(|seconds| seconds as i64));
                seconds.ok_or_else(|| {
                    Refusal::invalid(format!("{} is {number}; expected {expected}", self.name(member)))
                })
            }
            other => self.wrong(member, other, expected),
        }
    }

    /// A number, if it is there.
    pub fn number(&self, member: &str) -> Result<Option<Value>, Refusal> {
        match self.get(member) {
            None => Ok(None),
            Some(Json::Number(number)) => {
                let value = number.as_i64().map(Value::Int).or_else(|| number.as_f64().map(Value::Float));
                Ok(value)
            }
            Some(other) => self.wrong(member, other, "a number"),
        }
    }

    /// A list of 1 to `most` IDs as one text, joined by `|`, if it is there.
    pub fn joined_ids(&self, member: &str, most: usize, chars: usize) -> Result<Option<String>, Refusal> {
        let Some(json) = self.get(member) else { return Ok(None) };
        let expected = format!("a list of 1 to {most} IDs");
        let Json::Array(list) = json else { return self.wrong(member, json, &expected) };
        if list.is_empty() || list.len() > most {
            let message = format!("{} has {} elements; expected {expected}", self.name(member), list.len());
            return Err(Refusal::invalid(message));
        }
        let mut ids = Vec::with_capacity(list.len());
        for (number, id) in list.iter().enumerate() {
            let element = format!("{member}[{number}]");
            let Json::String(id) = id else { return self.wrong(&element, id, "a string") };
            check_chars(&self.name(&element), id, chars)?;
            if id.contains('|') {
                let message = format!(
                    "{} is {id:?}; an ID there holds no |, which separates them",
                    self.name(&element)
                );
                return Err(Refusal::invalid(message));
            }
            ids.push(id.as_str());
        }
        Ok(Some(ids.join("|")))
    }

    /// An object, if it is there.
    pub fn object(&self, member: &str) -> Result<Option<Members<'a>>, Refusal> {
        self.get(member).map(|json| Members::of(json, &format!("{}.", self.name(member)))).transpose()
    }

    /// The records of the call.
    pub fn records(&self, member: &str) -> Result<Vec<Members<'a>>, Refusal> {
        let json = self.required(member, self.get(member))?;
        let expected = format!("a list of 1 to {RECORDS_MAX} records");
        let Json::Array(list) = json else { return self.wrong(member, json, &expected) };
        if list.is_empty() || list.len() > RECORDS_MAX {
            let message = format!("{} has {} elements; expected {expected}", self.name(member), list.len());
            return Err(Refusal::invalid(message));
        }
        let records = list.iter().enumerate();
        records
            .map(|(number, json)| Members::of(json, &format!("{}[{number}].", self.name(member))))
            .collect()
    }
}

fn check_chars(name: &str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Refusal::invalid(format!("{name} is empty; expected 1 to {most} characters")));
    }
    // No string has more characters than bytes.
    if text.len() > most && text.chars().nth(most).is_some() {
        let chars = text.chars().count();
        return Err(Refusal::invalid(format!("{name} has {chars} characters; expected 1 to {most}")));
    }
    Ok(())
}

/// What a JSON value is, for messages.
fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
