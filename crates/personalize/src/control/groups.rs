//! Dataset groups.

use serde_json::json;

use super::states::{object, text, times};
use super::{Answer, Call, body};
use crate::catalog::{Body, DatasetGroup, Kind, Resource, ResourceId, wire_domain};
use crate::personalize::Quotas;
use crate::refusal::{Exception, Refusal};

/// Groups of an account and region (`personalize.md`, section 2.3).
const GROUPS_MAX: usize = 5;

impl Call<'_> {
    pub(super) fn create_group(&self) -> Answer {
        let input = &self.input;
        let id = ResourceId::new(Kind::DatasetGroup, input.resource_name("name")?);
        let body = DatasetGroup {
            domain: input.domain()?,
            role_arn: input.optional_role("roleArn")?.map(str::to_owned),
            kms_key_arn: input.optional_key("kmsKeyArn")?.map(str::to_owned),
        };
        let tags = input.tags()?.unwrap_or_default();
        let domain = body.domain.map(wire_domain);
        self.service.catalog().change(|change| {
            if change.get(&id).is_some() {
                return Err(self.taken(&id));
            }
            if self.service.settings().quotas == Quotas::On && change.all(id.kind).count() >= GROUPS_MAX {
                let message = format!(
                    "An account has at most {GROUPS_MAX} dataset groups in a region; delete one first"
                );
                return Err(Refusal::new(Exception::LimitExceeded, message));
            }
            change.make(id.clone(), tags, Body::DatasetGroup(body));
            Ok(())
        })?;
        Ok(Some(object([("datasetGroupArn", text(self.arns.of(&id))), ("domain", domain.and_then(text))])))
    }

    pub(super) fn describe_group(&self) -> Answer {
        let (id, resource) = self.named("datasetGroupArn", Kind::DatasetGroup)?;
        let body = body!(self, id, resource, DatasetGroup)?;
        let role = [
            ("roleArn", body.role_arn.clone().map(Into::into)),
            ("kmsKeyArn", body.kms_key_arn.clone().map(Into::into)),
        ];
        let group =
            object(self.group_members(&id, &resource, body).into_iter().chain(role).chain(times(&resource)));
        Ok(Some(json!({"datasetGroup": group})))
    }

    pub(super) fn list_groups(&self) -> Answer {
        self.list("datasetGroups", Kind::DatasetGroup, None, |id, resource| match &resource.body {
            Body::DatasetGroup(body) => {
                Some(object(self.group_members(id, resource, body).into_iter().chain(times(resource))))
            }
            _ => None,
        })
    }

    fn group_members(
        &self,
        id: &ResourceId,
        resource: &Resource,
        body: &DatasetGroup,
    ) -> [(&'static str, Option<serde_json::Value>); 4] {
        [
            ("name", text(&id.name)),
            ("datasetGroupArn", text(self.arns.of(id))),
            ("status", text(self.status(resource))),
            ("domain", body.domain.map(wire_domain).and_then(text)),
        ]
    }

    pub(super) fn delete_group(&self) -> Answer {
        let (id, resource) = self.named("datasetGroupArn", Kind::DatasetGroup)?;
        let _hold = self.service.catalog().hold(vec![id.clone()]);
        self.active(&id, &resource)?;
        self.idle(&id)?;
        let of_group = |kind| {
            let all = self.service.catalog().all(kind).into_iter();
            all.filter(|(_, resource)| !self.is_gone(resource)).find(|(_, resource)| match &resource.body {
                Body::Dataset(dataset) => dataset.group == id.name,
                Body::EventTracker(tracker) => tracker.group == id.name,
                _ => false,
            })
        };
        if let Some((left, _)) = of_group(Kind::EventTracker).or_else(|| of_group(Kind::Dataset)) {
            let why = format!("delete its {} {} first", left.kind.words(), self.arns.of(&left));
            return Err(self.in_use(&id, &why));
        }
        self.delete(&id)
    }
}
