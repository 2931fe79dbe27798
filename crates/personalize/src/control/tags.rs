//! Tags of resources (`personalize.md`, section 4.5).

use std::sync::Arc;

use serde_json::{Value, json};

use super::input::{TAGS_OF_RESOURCE, too_many_tags};
use super::{Answer, Call};
use crate::catalog::{Kind, Resource, ResourceId, Tag};
use crate::refusal::{Exception, Refusal};

impl Call<'_> {
    /// The resource whose tags a call is about: all but schemas have some.
    fn tagged(&self) -> Result<(ResourceId, Arc<Resource>), Refusal> {
        let arn = self.input.arn("resourceArn")?;
        let id = self.arns.parse(arn)?;
        if id.kind == Kind::Schema {
            return Err(Refusal::invalid(format!("The ARN {arn} is that of a schema; schemas have no tags")));
        }
        let resource = self.there(&id)?;
        Ok((id, resource))
    }

    fn change_tags(
        &self,
        id: &ResourceId,
        alter: impl FnOnce(&mut Vec<Tag>) -> Result<(), Refusal>,
    ) -> Answer {
        self.service.catalog().change(|change| {
            let mut changed = Resource::clone(change.get(id).ok_or_else(|| self.absent(id))?);
            alter(&mut changed.tags)?;
            change.keep(id.clone(), changed);
            Ok(())
        })?;
        Ok(Some(json!({})))
    }

    pub(super) fn tag(&self) -> Answer {
        let new = self.input.required_tags()?;
        let (id, _) = self.tagged()?;
        self.change_tags(&id, |tags| {
            for tag in new {
                match tags.iter_mut().find(|there| there.key == tag.key) {
                    Some(there) => *there = tag,
                    None => tags.push(tag),
                }
            }
            if tags.len() > TAGS_OF_RESOURCE { Err(too_many_tags(tags.len())) } else { Ok(()) }
        })
    }

    pub(super) fn untag(&self) -> Answer {
        let keys = self.input.tag_keys()?;
        if keys.len() > TAGS_OF_RESOURCE {
            let message =
                format!("At most {TAGS_OF_RESOURCE} tag keys can be given; these are {}", keys.len());
            return Err(Refusal::new(Exception::TooManyTagKeys, message));
        }
        let (id, _) = self.tagged()?;
        self.change_tags(&id, |tags| {
            tags.retain(|tag| !keys.contains(&tag.key.as_str()));
            Ok(())
        })
    }

    pub(super) fn list_tags(&self) -> Answer {
        let (_, resource) = self.tagged()?;
        let tags = resource.tags.iter().map(|tag| json!({"tagKey": tag.key, "tagValue": tag.value}));
        Ok(Some(json!({"tags": tags.collect::<Vec<Value>>()})))
    }
}
