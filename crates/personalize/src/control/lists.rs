//! Lists: newest first, page by page.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Answer, Call};
use crate::catalog::{Body, Kind, Resource, ResourceId};
use crate::refusal::{Exception, Refusal};

/// The most entries of a page, and how many it has unless fewer are asked for.
const PAGE: u64 = 100;
/// Bytes of a token's checksum.
const SUM_BYTES: usize = 8;

impl Call<'_> {
    /// A page of the resources of a kind, of one group or dataset if the input names it. A token says after which
    /// resource to go on: what is made meanwhile is newer and moves nothing.
    pub(super) fn list(
        &self,
        list: &'static str,
        kind: Kind,
        parent: Option<(&str, Kind)>,
        entry: impl Fn(&ResourceId, &Resource) -> Option<Value>,
    ) -> Answer {
        let size = self.input.number("maxResults", 1, PAGE)?.unwrap_or(PAGE);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let parent = match parent {
            Some((member, of)) => {
                self.input.optional_arn(member)?.map(|arn| self.arns.parse_kind(arn, of)).transpose()?
            }
            None => None,
        };
        let of = parent.as_ref().map_or_else(|| list.to_owned(), |parent| format!("{list} of {parent}"));
        let before = match self.input.token()? {
            Some(token) => read_token(token, &of).ok_or_else(invalid_token)?,
            None => u64::MAX,
        };
        let mut found: Vec<(ResourceId, Arc<Resource>)> = self.service.catalog().all(kind);
        found.retain(|(id, resource)| {
            let fits = parent.as_ref().is_none_or(|parent| is_of(id, resource, parent));
            resource.created_ms < before && fits && !self.is_gone(resource)
        });
        found.sort_by_key(|(_, resource)| std::cmp::Reverse(resource.created_ms));
        let more = found.len() > size;
        found.truncate(size);
        let mut answer = Map::new();
        if let Some((_, last)) = found.last().filter(|_| more) {
            answer.insert("nextToken".to_owned(), token(last.created_ms, &of).into());
        }
        let entries = found.iter().filter_map(|(id, resource)| entry(id, resource)).collect();
        answer.insert(list.to_owned(), Value::Array(entries));
        Ok(Some(Value::Object(answer)))
    }
}

/// Whether a resource belongs to a group or dataset.
fn is_of(id: &ResourceId, resource: &Resource, parent: &ResourceId) -> bool {
    match (&resource.body, parent.kind) {
        (Body::Job(job), _) => job.request.parent() == *parent,
        (Body::Dataset(dataset), Kind::DatasetGroup) => dataset.group == parent.name,
        (Body::EventTracker(tracker), Kind::DatasetGroup) => tracker.group == parent.name,
        _ => id == parent,
    }
}

/// The text that goes on behind what was made at this time, for this list and no other.
fn token(created_ms: u64, of: &str) -> String {
    let time = created_ms.to_be_bytes();
    let mut text = String::with_capacity(2 * (time.len() + SUM_BYTES));
    for byte in time.into_iter().chain(sum(time, of)) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn sum(time: [u8; 8], of: &str) -> [u8; SUM_BYTES] {
    let digest = Sha256::new().chain_update(time).chain_update(of).finalize();
    digest.first_chunk().copied().unwrap_or_default()
}

fn read_token(text: &str, of: &str) -> Option<u64> {
    let time = u64::from_str_radix(text.get(..16)?, 16).ok()?;
    (token(time, of) == text).then_some(time)
}

fn invalid_token() -> Refusal {
    let message = "The token is none that an earlier page of this list gave; begin again without nextToken";
    Refusal::new(Exception::InvalidNextToken, message)
}
