use restock::{LimitSet, Schema};
use serde_json::json;

use super::*;
use crate::catalog::EventTracker;
use crate::personalize::{Caller, Settings};

mod individuals;
mod input;
mod sessions;

const INTERACTIONS: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"},
    {"name": "EVENT_VALUE", "type": ["float", "null"]}, {"name": "IMPRESSION", "type": ["string", "null"]},
    {"name": "RECOMMENDATION_ID", "type": ["null", "string"]},
    {"name": "EVENT_ATTRIBUTION_SOURCE", "type": ["null", "string"]},
    {"name": "NUM_RATINGS", "type": ["null", "int"]},
    {"name": "device_type", "type": ["null", "string"], "categorical": true}]}"#;
const BARE_INTERACTIONS: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}]}"#;
const USERS: &str = r#"{"type": "record", "name": "Users", "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "MEMBERSHIP_TYPE", "type": ["null", "string"], "categorical": true}]}"#;
const ITEMS: &str = r#"{"type": "record", "name": "Items", "fields": [
    {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"},
    {"name": "NUMBER_OF_RATINGS", "type": ["null", "long"]},
    {"name": "DESCRIPTION", "type": ["null", "string"], "textual": true}]}"#;
const ACTIONS: &str = r#"{"type": "record", "name": "Actions", "fields": [
    {"name": "ACTION_ID", "type": "string"}, {"name": "VALUE", "type": ["null", "long"]}]}"#;
const ACTION_INTERACTIONS: &str = r#"{"type": "record", "name": "ActionInteractions", "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "ACTION_ID", "type": "string"},
    {"name": "EVENT_TYPE", "type": "string"}, {"name": "TIMESTAMP", "type": "long"}]}"#;

/// The tracking IDs of the groups `shop` and `bare`.
const SHOP: &str = "11111111-2222-3333-4444-555555555555";
const BARE: &str = "66666666-2222-3333-4444-555555555555";

/// A store with two groups, and what its events plane does.
struct Rig {
    store: Store,
    events: Events,
    settings: Settings,
}

impl Rig {
    fn new() -> Rig {
        Rig::over(Store::in_memory().unwrap())
    }

    /// Over a store that is new.
    fn over(store: Store) -> Rig {
        let datasets = [
            ("shop/interactions", DatasetType::Interactions, INTERACTIONS),
            ("shop/users", DatasetType::Users, USERS),
            ("shop/items", DatasetType::Items, ITEMS),
            ("shop/actions", DatasetType::Actions, ACTIONS),
            ("shop/action-interactions", DatasetType::ActionInteractions, ACTION_INTERACTIONS),
            ("bare/interactions", DatasetType::Interactions, BARE_INTERACTIONS),
        ];
        for (name, dataset_type, schema) in datasets {
            let schema = Schema::from_avro(schema).unwrap();
            store.new_dataset(name, dataset_type, schema).limits(LimitSet::Personalize).create().unwrap();
        }
        let rig = Rig::open(store);
        for (group, tracking_id, id) in [("shop", SHOP, "00000001"), ("bare", BARE, "00000002")] {
            let tracker = EventTracker {
                name: "tracker".to_owned(),
                group: group.to_owned(),
                tracking_id: tracking_id.to_owned(),
            };
            let make = |change: &mut crate::catalog::Change<'_>| {
                let id = ResourceId::new(Kind::EventTracker, id);
                Ok(change.make(id, Vec::new(), Body::EventTracker(tracker)))
            };
            rig.events.catalog.change(make).unwrap();
        }
        rig
    }

    /// Over a store that a rig was over before.
    fn open(store: Store) -> Rig {
        let catalog = Arc::new(Catalog::open(&store).unwrap());
        catalog.adopt(&store).unwrap();
        let events = Events::open(&store, &catalog).unwrap();
        Rig { store, events, settings: Settings::default() }
    }

    fn call(&self, operation: &str, input: &Value) -> Result<(), Refusal> {
        let caller = Caller { region: "eu-central-1".to_owned(), request_id: "r".to_owned() };
        self.events.call(operation, input, &Arns::new(&self.settings, &caller))
    }

    /// The message of a call that is refused as an invalid input.
    fn invalid(&self, operation: &str, input: &Value) -> String {
        let version = self.store.snapshot().version();
        let refusal = self.call(operation, input).unwrap_err();
        assert_eq!(refusal.exception, Exception::InvalidInput, "{refusal}");
        assert_eq!(self.store.snapshot().version(), version, "a refused call changed something");
        refusal.message
    }

    /// The tracking ID of the action interactions dataset.
    fn action_tracking_id(&self) -> String {
        let id = ResourceId::dataset("shop", DatasetType::ActionInteractions);
        self.events.dataset_body(&id).unwrap().tracking_id.unwrap()
    }

    /// The rows of a dataset as JSON, null columns left out.
    fn rows(&self, dataset: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        for batch in self.store.snapshot().dataset(dataset).unwrap().scan().batches().unwrap() {
            for record in restock::records(&batch.unwrap()).unwrap() {
                let Value::Object(mut row) = serde_json::to_value(&record).unwrap() else {
                    panic!("no object")
                };
                row.retain(|_, value| !value.is_null());
                rows.push(Value::Object(row));
            }
        }
        rows
    }

    /// The items of the rows of a group's interactions, each with its user: `u1:i1`.
    fn seen_by(&self, group: &str) -> Vec<String> {
        let rows = self.rows(&format!("{group}/interactions"));
        let text = |row: &Value, column: &str| row[column].as_str().unwrap().to_owned();
        rows.iter().map(|row| format!("{}:{}", text(row, "USER_ID"), text(row, "ITEM_ID"))).collect()
    }
}

/// A call of one event per item, with an `eventId` where there is one behind the item: `i1#e1`.
fn events(tracking_id: &str, user: Option<&str>, session: &str, items: &[&str]) -> Value {
    let list = items.iter().enumerate().map(|(second, item)| {
        let (item, id) = item.split_once('#').map_or((*item, None), |(item, id)| (item, Some(id)));
        json!({"eventType": "view", "itemId": item, "sentAt": 1000 + second, "eventId": id})
    });
    let list: Vec<Value> = list.collect();
    json!({"trackingId": tracking_id, "userId": user, "sessionId": session, "eventList": list})
}

/// A call of one event.
fn event(event: Value) -> Value {
    json!({"trackingId": SHOP, "userId": "u1", "sessionId": "s1", "eventList": [event]})
}

/// `arn:...:dataset/shop/<TYPE>`
fn arn(wire_type: &str) -> String {
    format!("arn:aws:personalize:us-east-1:000000000000:dataset/shop/{wire_type}")
}
