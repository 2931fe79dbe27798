//! Schemas by name.

use restock::Schema;
use serde_json::json;

use super::states::{object, text, times};
use super::{Answer, Call, body};
use crate::catalog::{Body, DatasetSchema, Kind, ResourceId, wire_domain};
use crate::personalize::Quotas;
use crate::refusal::{Exception, Refusal};

/// Schemas of an account and region (`personalize.md`, section 2.3).
const SCHEMAS_MAX: usize = 500;

impl Call<'_> {
    pub(super) fn create_schema(&self) -> Answer {
        let id = ResourceId::new(Kind::Schema, self.input.resource_name("name")?);
        let (avro, domain) = (self.input.avro()?, self.input.domain()?);
        // Whether it fits a type of dataset is known only when a dataset is made of it.
        Schema::from_avro(avro).map_err(|error| Refusal::invalid(error.to_string()))?;
        self.service.catalog().change(|change| {
            if change.get(&id).is_some() {
                return Err(self.taken(&id));
            }
            if self.service.settings().quotas == Quotas::On && change.all(id.kind).count() >= SCHEMAS_MAX {
                let message =
                    format!("An account has at most {SCHEMAS_MAX} schemas in a region; delete one first");
                return Err(Refusal::new(Exception::LimitExceeded, message));
            }
            change.make(
                id.clone(),
                Vec::new(),
                Body::Schema(DatasetSchema { text: avro.to_owned(), domain }),
            );
            Ok(())
        })?;
        Ok(Some(json!({"schemaArn": self.arns.of(&id)})))
    }

    pub(super) fn describe_schema(&self) -> Answer {
        let (id, resource) = self.named("schemaArn", Kind::Schema)?;
        let body = body!(self, id, resource, Schema)?;
        let members = [
            ("name", text(&id.name)),
            ("schemaArn", text(self.arns.of(&id))),
            ("schema", text(&body.text)),
            ("domain", body.domain.map(wire_domain).and_then(text)),
        ];
        Ok(Some(json!({"schema": object(members.into_iter().chain(times(&resource)))})))
    }

    pub(super) fn list_schemas(&self) -> Answer {
        self.list("schemas", Kind::Schema, None, |id, resource| {
            let Body::Schema(body) = &resource.body else { return None };
            let members = [
                ("name", text(&id.name)),
                ("schemaArn", text(self.arns.of(id))),
                ("domain", body.domain.map(wire_domain).and_then(text)),
            ];
            Some(object(members.into_iter().chain(times(resource))))
        })
    }

    pub(super) fn delete_schema(&self) -> Answer {
        let (id, _) = self.named("schemaArn", Kind::Schema)?;
        self.service.catalog().change(|change| {
            let of_schema = |resource: &crate::catalog::Resource| match &resource.body {
                Body::Dataset(dataset) => dataset.schema == id.name,
                _ => false,
            };
            let used = change
                .all(Kind::Dataset)
                .find(|(_, resource)| of_schema(resource) && !self.is_gone(resource));
            if let Some((dataset, _)) = used {
                return Err(self.in_use(&id, &format!("the dataset {} has it", self.arns.of(dataset))));
            }
            // The service deletes schemas at once, too (section 4.4).
            change.remove(id.clone());
            Ok(())
        })?;
        Ok(None)
    }
}
