//! Event trackers.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::states::{object, text, times};
use super::{Answer, Call, body};
use crate::catalog::{Body, EventTracker, Kind, Resource, ResourceId};

impl Call<'_> {
    pub(super) fn create_tracker(&self) -> Answer {
        let name = self.input.resource_name("name")?;
        let tags = self.input.tags()?.unwrap_or_default();
        let (group_id, group) = self.named("datasetGroupArn", Kind::DatasetGroup)?;
        self.active(&group_id, &group)?;
        let _hold = self.service.catalog().hold(vec![group_id.clone()]);
        if let Some((there, _)) = self.tracker_of(&group_id.name) {
            return Err(self.taken(&there));
        }
        let tracking_id = Uuid::new_v4().to_string();
        let id = self.service.catalog().change(|change| {
            let mut number = Uuid::new_v4().as_fields().0;
            let id = loop {
                let id = ResourceId::new(Kind::EventTracker, format!("{number:08x}"));
                if change.get(&id).is_none() {
                    break id;
                }
                number = number.wrapping_add(1);
            };
            let tracker = EventTracker {
                name: name.to_owned(),
                group: group_id.name.clone(),
                tracking_id: tracking_id.clone(),
            };
            change.make(id.clone(), tags, Body::EventTracker(tracker));
            Ok(id)
        })?;
        Ok(Some(json!({"eventTrackerArn": self.arns.of(&id), "trackingId": tracking_id})))
    }

    /// The tracker of a group, which has one at most.
    pub(super) fn tracker_of(&self, group: &str) -> Option<(ResourceId, Arc<Resource>)> {
        let trackers = self.service.catalog().all(Kind::EventTracker).into_iter();
        trackers.filter(|(_, resource)| !self.is_gone(resource)).find(|(_, resource)| match &resource.body {
            Body::EventTracker(tracker) => tracker.group == group,
            _ => false,
        })
    }

    pub(super) fn describe_tracker(&self) -> Answer {
        let (id, resource) = self.named("eventTrackerArn", Kind::EventTracker)?;
        let body = body!(self, id, resource, EventTracker)?;
        let more = [
            ("accountId", text(self.arns.account())),
            ("trackingId", text(&body.tracking_id)),
            ("datasetGroupArn", text(self.arns.named(Kind::DatasetGroup, &body.group))),
        ];
        let members =
            self.tracker_members(&id, &resource, body).into_iter().chain(more).chain(times(&resource));
        Ok(Some(json!({"eventTracker": object(members)})))
    }

    pub(super) fn list_trackers(&self) -> Answer {
        let parent = Some(("datasetGroupArn", Kind::DatasetGroup));
        self.list("eventTrackers", Kind::EventTracker, parent, |id, resource| {
            let Body::EventTracker(body) = &resource.body else { return None };
            Some(object(self.tracker_members(id, resource, body).into_iter().chain(times(resource))))
        })
    }

    fn tracker_members(
        &self,
        id: &ResourceId,
        resource: &Resource,
        body: &EventTracker,
    ) -> [(&'static str, Option<Value>); 3] {
        [
            ("name", text(&body.name)),
            ("eventTrackerArn", text(self.arns.of(id))),
            ("status", text(self.status(resource))),
        ]
    }

    pub(super) fn delete_tracker(&self) -> Answer {
        let (id, resource) = self.named("eventTrackerArn", Kind::EventTracker)?;
        let body = body!(self, id, resource, EventTracker)?;
        self.active(&id, &resource)?;
        let deleted = self.delete(&id)?;
        self.service.events().forget_tracker(&body.tracking_id)?;
        Ok(deleted)
    }
}
