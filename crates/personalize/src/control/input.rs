//! The members of a call's input, with the constraints of `personalize.md`, section 5.6.

use restock::Domain;
use serde_json::{Map, Value};

use crate::catalog::Tag;
use crate::refusal::{Exception, Refusal};

/// The longest ARN.
const ARN_MAX: usize = 256;
/// The most tags in a list, and those that a resource may have (`personalize.md`, section 4.5).
const TAGS_MAX: usize = 200;
pub(super) const TAGS_OF_RESOURCE: usize = 50;

/// An object of the input, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Input<'a> {
    members: &'a Map<String, Value>,
    place: String,
}

impl<'a> Input<'a> {
    pub fn of(input: &'a Value) -> Result<Input<'a>, Refusal> {
        let members = input.as_object();
        let members = members.ok_or_else(|| serialization("the input", input, "an object"))?;
        Ok(Input { members, place: String::new() })
    }

    /// The first member whose name ends so, if it is a text.
    pub fn ending(&self, end: &str) -> Option<&'a str> {
        self.members.iter().find(|(name, _)| name.ends_with(end)).and_then(|(_, value)| value.as_str())
    }

    fn get(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member).filter(|value| !value.is_null())
    }

    fn name(&self, member: &str) -> String {
        format!("{}{member}", self.place)
    }

    fn required<T>(&self, member: &str, found: Option<T>) -> Result<T, Refusal> {
        found.ok_or_else(|| self.broken(member, "null", "Member must not be null"))
    }

    /// The refusal of a value that breaks a constraint, in the words of the service's own validation.
    fn broken(&self, member: &str, value: &str, rule: &str) -> Refusal {
        let shown: String = value.chars().take(100).collect();
        let name = self.name(member);
        Refusal::invalid(format!(
            "1 validation error detected: Value '{shown}' at '{name}' failed to satisfy constraint: {rule}"
        ))
    }

    fn text(&self, member: &str) -> Result<Option<&'a str>, Refusal> {
        let text = |value: &'a Value| {
            value.as_str().ok_or_else(|| serialization(&self.name(member), value, "a string"))
        };
        self.get(member).map(text).transpose()
    }

    /// A text of so many characters, in a form that `fits` knows and `pattern` tells.
    fn fitting(
        &self,
        member: &str,
        (least, most): (usize, usize),
        pattern: &str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<Option<&'a str>, Refusal> {
        let Some(text) = self.text(member)? else { return Ok(None) };
        let chars = text.chars().count();
        if chars < least {
            let rule = format!("Member must have length greater than or equal to {least}");
            return Err(self.broken(member, text, &rule));
        }
        if chars > most {
            let rule = format!("Member must have length less than or equal to {most}");
            return Err(self.broken(member, text, &rule));
        }
        if !fits(text) {
            let rule = format!("Member must satisfy regular expression pattern: {pattern}");
            return Err(self.broken(member, text, &rule));
        }
        Ok(Some(text))
    }

    fn one_of(&self, member: &str, values: &[&'static str]) -> Result<Option<&'static str>, Refusal> {
        let Some(text) = self.text(member)? else { return Ok(None) };
        let found = values.iter().copied().find(|value| *value == text).ok_or_else(|| {
            let rule = format!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.broken(member, text, &rule)
        })?;
        Ok(Some(found))
    }

    /// The name of a resource.
    pub fn resource_name(&self, member: &str) -> Result<&'a str, Refusal> {
        let fits = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphanumeric())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        self.required(member, self.fitting(member, (1, 63), r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*", fits)?)
    }

    /// The ARN of a resource of Personalize, if it is there.
    pub fn optional_arn(&self, member: &str) -> Result<Option<&'a str>, Refusal> {
        let fits = |text: &str| {
            let mut parts = text.splitn(6, ':');
            let (arn, partition, service) = (parts.next(), parts.next(), parts.next());
            let is_partition = |text: &str| {
                !text.is_empty()
                    && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            };
            arn == Some("arn")
                && partition.is_some_and(is_partition)
                && service == Some("personalize")
                && parts.nth(2).is_some_and(|resource| !resource.is_empty())
        };
        self.fitting(member, (0, ARN_MAX), r"arn:([a-z\d-]+):personalize:.*:.*:.+", fits)
    }

    pub fn arn(&self, member: &str) -> Result<&'a str, Refusal> {
        self.required(member, self.optional_arn(member)?)
    }

    /// The ARN of an IAM role.
    pub fn optional_role(&self, member: &str) -> Result<Option<&'a str>, Refusal> {
        let fits = |text: &str| {
            let Some((partition, rest)) =
                text.strip_prefix("arn:").and_then(|rest| rest.split_once(":iam::"))
            else {
                return false;
            };
            let Some((account, role)) = rest.split_once(":role") else { return false };
            let role = role.strip_prefix('/').unwrap_or(role);
            !partition.is_empty()
                && partition.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && !role.is_empty()
                && role.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c))
        };
        let pattern = r"arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
        self.fitting(member, (0, 256), pattern, fits)
    }

    pub fn role(&self, member: &str) -> Result<&'a str, Refusal> {
        self.required(member, self.optional_role(member)?)
    }

    /// The ARN of a key.
    pub fn optional_key(&self, member: &str) -> Result<Option<&'a str>, Refusal> {
        let fits = |text: &str| {
            let Some((before, _)) = text.split_once(":key/") else { return false };
            let account = before.rsplit(':').next().unwrap_or_default();
            text.starts_with("arn:aws")
                && before.contains(":kms:")
                && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
        };
        self.fitting(member, (0, 2048), r"arn:aws.*:kms:.*:[0-9]{12}:key/.*", fits)
    }

    /// Where data is, or is to go. What is no location of S3 is known before anything is read.
    pub fn location(&self, member: &str) -> Result<&'a str, Refusal> {
        let fits = |text: &str| {
            let schemes = ["s3://", "http://", "https://"].into_iter();
            schemes.filter_map(|scheme| text.strip_prefix(scheme)).any(|rest| !rest.is_empty())
        };
        let location = self.fitting(member, (0, 256), "(s3|http|https)://.+", fits)?;
        let location = self.required(member, location)?;
        if !location.starts_with("s3://") {
            return Err(Refusal::invalid(format!(
                "Invalid Data location. {} is {location}; expected s3://<bucket>/<key>",
                self.name(member)
            )));
        }
        Ok(location)
    }

    pub fn domain(&self) -> Result<Option<Domain>, Refusal> {
        Ok(self.one_of("domain", &["ECOMMERCE", "VIDEO_ON_DEMAND"])?.map(|domain| match domain {
            "ECOMMERCE" => Domain::Ecommerce,
            _ => Domain::VideoOnDemand,
        }))
    }

    /// One of a few words, if it is there.
    pub fn word(&self, member: &str, words: &[&'static str]) -> Result<Option<&'static str>, Refusal> {
        self.one_of(member, words)
    }

    /// A schema's Avro JSON.
    pub fn avro(&self) -> Result<&'a str, Refusal> {
        self.required("schema", self.fitting("schema", (0, 20_000), ".*", |_| true)?)
    }

    pub fn dataset_type(&self) -> Result<&'a str, Refusal> {
        let fits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
        self.required("datasetType", self.fitting("datasetType", (0, 256), "^[A-Za-z_]+$", fits)?)
    }

    pub fn boolean(&self, member: &str) -> Result<Option<bool>, Refusal> {
        let boolean = |value: &Value| {
            value.as_bool().ok_or_else(|| serialization(&self.name(member), value, "true or false"))
        };
        self.get(member).map(boolean).transpose()
    }

    /// A whole number from `least` to `most`.
    pub fn number(&self, member: &str, least: u64, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let Some(number) = value.as_i64() else {
            return Err(serialization(&self.name(member), value, "a whole number"));
        };
        let rule = match u64::try_from(number) {
            Ok(number) if number > most => format!("Member must have value less than or equal to {most}"),
            Ok(number) if number >= least => return Ok(Some(number)),
            _ => format!("Member must have value greater than or equal to {least}"),
        };
        Err(self.broken(member, &number.to_string(), &rule))
    }

    /// A token of a list.
    pub fn token(&self) -> Result<Option<&'a str>, Refusal> {
        self.fitting("nextToken", (0, 1500), r"\p{ASCII}{0,1500}", str::is_ascii)
    }

    /// An object.
    pub fn object(&self, member: &str) -> Result<Input<'a>, Refusal> {
        let value = self.required(member, self.get(member))?;
        let members = value.as_object();
        let members = members.ok_or_else(|| serialization(&self.name(member), value, "an object"))?;
        Ok(Input { members, place: format!("{}.", self.name(member)) })
    }

    fn list(&self, member: &str) -> Result<Option<&'a [Value]>, Refusal> {
        let list = |value: &'a Value| {
            value.as_array().ok_or_else(|| serialization(&self.name(member), value, "a list"))
        };
        let Some(list) = self.get(member).map(list).transpose()? else { return Ok(None) };
        if list.len() > TAGS_MAX {
            let rule = format!("Member must have length less than or equal to {TAGS_MAX}");
            return Err(self.broken(member, &format!("{} elements", list.len()), &rule));
        }
        Ok(Some(list))
    }

    /// Tags, each key once.
    pub fn tags(&self) -> Result<Option<Vec<Tag>>, Refusal> {
        let Some(list) = self.list("tags")? else { return Ok(None) };
        if list.len() > TAGS_OF_RESOURCE {
            return Err(too_many_tags(list.len()));
        }
        let mut tags: Vec<Tag> = Vec::with_capacity(list.len());
        for (number, tag) in list.iter().enumerate() {
            let place = format!("tags.{}.member.", number + 1);
            let members = tag.as_object();
            let members = members.ok_or_else(|| serialization(&place, tag, "an object"))?;
            let input = Input { members, place };
            let key = input.required("tagKey", input.tag_text("tagKey", 1, 128)?)?;
            let value = input.required("tagValue", input.tag_text("tagValue", 0, 256)?)?;
            if tags.iter().any(|tag| tag.key == key) {
                return Err(Refusal::invalid(format!("The tag key {key:?} is given twice")));
            }
            tags.push(Tag { key: key.to_owned(), value: value.to_owned() });
        }
        Ok(Some(tags))
    }

    pub fn required_tags(&self) -> Result<Vec<Tag>, Refusal> {
        self.required("tags", self.tags()?)
    }

    /// Keys of tags.
    pub fn tag_keys(&self) -> Result<Vec<&'a str>, Refusal> {
        let list = self.required("tagKeys", self.list("tagKeys")?)?;
        let keys = list
            .iter()
            .map(|key| key.as_str().ok_or_else(|| serialization("tagKeys", key, "a list of strings")));
        keys.collect()
    }

    fn tag_text(&self, member: &str, least: usize, most: usize) -> Result<Option<&'a str>, Refusal> {
        let fits = |text: &str| {
            text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
        };
        self.fitting(member, (least, most), r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", fits)
    }
}

/// The refusal of more tags than a resource can have.
pub(super) fn too_many_tags(tags: usize) -> Refusal {
    let message = format!("A resource can have at most {TAGS_OF_RESOURCE} tags; these are {tags}");
    Refusal::new(Exception::TooManyTags, message)
}

/// The refusal of JSON of another type.
fn serialization(name: &str, value: &Value, expected: &str) -> Refusal {
    let shown: String = value.to_string().chars().take(100).collect();
    Refusal::new(Exception::Serialization, format!("{name} is {shown}; expected {expected}"))
}
