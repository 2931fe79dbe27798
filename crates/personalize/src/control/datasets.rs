//! Datasets of groups: the store's datasets, and what the service knows of them beside.

use restock::{DatasetName, DatasetType, LimitSet, Schema};
use serde_json::{Value, json};

use super::states::{ACTIVE, object, seconds, text, times};
use super::{Answer, Call, body};
use crate::catalog::{
    Body, DatasetBody, DatasetSchema, Kind, Resource, ResourceId, SchemaUpdate, now_ms, tracking_id,
    wire_domain, wire_type,
};
use crate::refusal::Refusal;

/// The name of a dataset that the service keeps events in, which clients that clean up delete, too.
const EVENT_INTERACTIONS: &str = "EVENT_INTERACTIONS";

impl Call<'_> {
    pub(super) fn create_dataset(&self) -> Answer {
        let name = self.input.resource_name("name")?;
        let dataset_type = self.input.dataset_type()?;
        let tags = self.input.tags()?.unwrap_or_default();
        let (group_id, group) = self.named("datasetGroupArn", Kind::DatasetGroup)?;
        let (schema_id, schema) = self.named("schemaArn", Kind::Schema)?;
        let (group_body, schema_body) =
            (body!(self, group_id, group, DatasetGroup)?, body!(self, schema_id, schema, Schema)?);
        self.active(&group_id, &group)?;
        let dataset_type = known_type(dataset_type)?;
        let is_action = matches!(dataset_type, DatasetType::Actions | DatasetType::ActionInteractions);
        if let Some(domain) = group_body.domain.filter(|_| is_action) {
            return Err(Refusal::invalid(format!(
                "The dataset group {} has the domain {}; {dataset_type} datasets are for groups without one",
                group_id.name,
                wire_domain(domain)
            )));
        }
        self.same_domain(&group_id, group_body.domain, &schema_id, schema_body)?;

        // Nobody else makes datasets of this group meanwhile, nor adopts this one before it has its resource.
        let _hold = self.service.catalog().hold(vec![group_id.clone()]);
        let id = ResourceId::dataset(&group_id.name, dataset_type);
        if self.service.catalog().get(&id).is_some_and(|there| !self.is_gone(&there)) {
            return Err(self.taken(&id));
        }
        let avro =
            Schema::from_avro(&schema_body.text).map_err(|error| Refusal::invalid(error.to_string()))?;
        let stored = format!("{}/{}", group_id.name, dataset_type.as_str());
        let mut made =
            self.service.store().new_dataset(&stored, dataset_type, avro).limits(LimitSet::Personalize);
        if let Some(domain) = group_body.domain {
            made = made.domain(domain);
        }
        let made = made.create()?;
        let body = DatasetBody {
            name: name.to_owned(),
            group: group_id.name,
            dataset_type,
            stored: made.name().clone(),
            schema: schema_id.name,
            update: None,
            tracking_id: tracking_id(dataset_type),
        };
        self.service.catalog().change(|change| {
            change.make(id.clone(), tags, Body::Dataset(body));
            Ok(())
        })?;
        Ok(Some(json!({"datasetArn": self.arns.of(&id)})))
    }

    fn same_domain(
        &self,
        group_id: &ResourceId,
        domain: Option<restock::Domain>,
        schema_id: &ResourceId,
        schema: &DatasetSchema,
    ) -> Result<(), Refusal> {
        if schema.domain == domain {
            return Ok(());
        }
        let name =
            |domain: Option<restock::Domain>| domain.map_or_else(|| "no domain".to_owned(), wire_domain);
        Err(Refusal::invalid(format!(
            "The schema {} was created with {}, the dataset group {} with {}; they must be the same",
            schema_id.name,
            name(schema.domain),
            group_id.name,
            name(domain)
        )))
    }

    pub(super) fn describe_dataset(&self) -> Answer {
        let (id, resource) = self.named("datasetArn", Kind::Dataset)?;
        let body = body!(self, id, resource, Dataset)?;
        let schema_arn = |name: &str| text(self.arns.named(Kind::Schema, name));
        let update = body.update.as_ref().map(|update| {
            let status = self.update_status(update.created_ms).unwrap_or(ACTIVE);
            object([
                ("schemaArn", schema_arn(&update.schema)),
                ("status", text(status)),
                ("creationDateTime", Some(seconds(update.created_ms))),
                ("lastUpdatedDateTime", Some(seconds(update.created_ms))),
            ])
        });
        let more = [
            ("datasetGroupArn", text(self.arns.named(Kind::DatasetGroup, &body.group))),
            ("schemaArn", schema_arn(&body.schema)),
            ("latestDatasetUpdate", update),
            ("trackingId", body.tracking_id.clone().and_then(text)),
        ];
        let members =
            self.dataset_members(&id, &resource, body).into_iter().chain(more).chain(times(&resource));
        Ok(Some(json!({"dataset": object(members)})))
    }

    pub(super) fn list_datasets(&self) -> Answer {
        self.list("datasets", Kind::Dataset, Some(("datasetGroupArn", Kind::DatasetGroup)), |id, resource| {
            let Body::Dataset(body) = &resource.body else { return None };
            Some(object(self.dataset_members(id, resource, body).into_iter().chain(times(resource))))
        })
    }

    fn dataset_members(
        &self,
        id: &ResourceId,
        resource: &Resource,
        body: &DatasetBody,
    ) -> [(&'static str, Option<Value>); 4] {
        [
            ("name", text(&body.name)),
            ("datasetArn", text(self.arns.of(id))),
            ("datasetType", text(wire_type(body.dataset_type))),
            ("status", text(self.status(resource))),
        ]
    }

    pub(super) fn update_dataset(&self) -> Answer {
        let (id, resource) = self.named("datasetArn", Kind::Dataset)?;
        let (schema_id, schema) = self.named("schemaArn", Kind::Schema)?;
        let (body, schema_body) =
            (body!(self, id, resource, Dataset)?, body!(self, schema_id, schema, Schema)?);
        if !matches!(body.dataset_type, DatasetType::Items | DatasetType::Users) {
            return Err(Refusal::invalid(format!(
                "The schema of a dataset of {} cannot be replaced; that of items and of users can",
                body.dataset_type
            )));
        }
        let group_id = ResourceId::new(Kind::DatasetGroup, &body.group);
        let _hold = self.service.catalog().hold(vec![group_id.clone()]);
        self.active(&id, &resource)?;
        self.idle(&id)?;
        let group = self.there(&group_id)?;
        self.same_domain(
            &group_id,
            body!(self, group_id, group, DatasetGroup)?.domain,
            &schema_id,
            schema_body,
        )?;
        let avro =
            Schema::from_avro(&schema_body.text).map_err(|error| Refusal::invalid(error.to_string()))?;
        self.service.store().dataset(&body.stored.to_string())?.alter(&avro)?;
        self.service.catalog().change(|change| {
            let mut changed = Resource::clone(change.get(&id).ok_or_else(|| self.absent(&id))?);
            let created_ms = now_ms();
            changed.updated_ms = created_ms;
            if let Body::Dataset(body) = &mut changed.body {
                body.schema.clone_from(&schema_id.name);
                body.update = Some(SchemaUpdate { schema: schema_id.name.clone(), created_ms });
            }
            change.keep(id.clone(), changed);
            Ok(())
        })?;
        Ok(Some(json!({"datasetArn": self.arns.of(&id)})))
    }

    pub(super) fn delete_dataset(&self) -> Answer {
        let id = self.arns.parse_kind(self.input.arn("datasetArn")?, Kind::Dataset)?;
        if let Some((group, EVENT_INTERACTIONS)) = id.name.split_once('/') {
            self.there(&ResourceId::new(Kind::DatasetGroup, group))?;
            return Ok(None);
        }
        let resource = self.there(&id)?;
        let body = body!(self, id, resource, Dataset)?;
        let _hold = self.service.catalog().hold(vec![ResourceId::new(Kind::DatasetGroup, &body.group)]);
        self.active(&id, &resource)?;
        self.idle(&id)?;
        if body.dataset_type == DatasetType::Interactions
            && let Some((tracker, _)) = self.tracker_of(&body.group)
        {
            let why = format!("delete the event tracker {} first", self.arns.of(&tracker));
            return Err(self.in_use(&id, &why));
        }
        // The rows go first: a resource without them goes at the next look, rows without a resource would come back.
        self.drop_stored(&body.stored)?;
        if let Some(tracking_id) = &body.tracking_id {
            self.service.events().forget_tracker(tracking_id)?;
        }
        self.delete(&id)
    }

    fn drop_stored(&self, stored: &DatasetName) -> Result<(), Refusal> {
        if self.service.store().datasets().contains(stored) {
            self.service.store().drop_dataset(&stored.to_string())?;
        }
        Ok(())
    }
}

/// The type that a client names, in any case.
fn known_type(name: &str) -> Result<DatasetType, Refusal> {
    let known = [
        DatasetType::Interactions,
        DatasetType::Items,
        DatasetType::Users,
        DatasetType::Actions,
        DatasetType::ActionInteractions,
    ];
    let found = known.into_iter().find(|known| wire_type(*known).eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        Refusal::invalid(format!(
            "datasetType is {name:?}; expected Interactions, Items, Users, Actions or Action_Interactions"
        ))
    })
}
