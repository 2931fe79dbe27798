use std::time::Duration;

use restock::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::objects::RootFolder;
use crate::personalize::{Caller, Personalize, Plane, Settings, States};
use crate::refusal::{Exception, Refusal};

const ITEMS: &str = r#"{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"},
    {"name": "PRICE", "type": ["null", "float"]}]}"#;
const MORE: &str = r#"{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"},
    {"name": "PRICE", "type": ["null", "float"]}, {"name": "STOCK", "type": ["null", "int"]}]}"#;

/// A service over a store in memory, with a folder of objects.
struct Rig {
    store: Store,
    service: Personalize,
    folder: TempDir,
}

impl Rig {
    fn new(states: States) -> Rig {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("bucket")).unwrap();
        let store = Store::in_memory().unwrap();
        let service = open(&store, &folder, states);
        Rig { store, service, folder }
    }

    fn call(&self, operation: &str, input: Value) -> Result<Value, Refusal> {
        let caller = Caller { region: "us-east-1".to_owned(), request_id: "r".to_owned() };
        let answer = self.service.call(Plane::Control, operation, &input, &caller)?;
        Ok(answer.unwrap_or(Value::Null))
    }

    #[track_caller]
    fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
    }

    #[track_caller]
    fn refused(&self, operation: &str, input: Value) -> (Exception, String) {
        let refusal = self.call(operation, input).unwrap_err();
        (refusal.exception, refusal.message)
    }

    /// The group `shop` with items.
    fn stocked(self) -> Rig {
        self.ok("CreateDatasetGroup", json!({"name": "shop"}));
        self.ok("CreateSchema", json!({"name": "items", "schema": ITEMS}));
        let input = json!({
            "name": "catalogue", "schemaArn": arn("schema/items"), "datasetGroupArn": arn("dataset-group/shop"),
            "datasetType": "Items",
        });
        assert_eq!(self.ok("CreateDataset", input), json!({"datasetArn": arn("dataset/shop/ITEMS")}));
        self
    }

    fn import(&self, name: &str, mode: &str) -> Value {
        json!({
            "jobName": name, "datasetArn": arn("dataset/shop/ITEMS"), "importMode": mode,
            "dataSource": {"dataLocation": format!("s3://bucket/{name}.csv")},
        })
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join("bucket").join(name), text).unwrap();
    }
}

fn open(store: &Store, folder: &TempDir, states: States) -> Personalize {
    let objects = RootFolder::open(folder.path()).unwrap();
    let settings = Settings { states, ..Settings::default() };
    Personalize::open(store.clone(), settings, std::sync::Arc::new(objects)).unwrap()
}

fn arn(resource: &str) -> String {
    format!("arn:aws:personalize:us-east-1:123456789012:{resource}")
}

#[test]
fn a_dataset_is_the_stores_and_an_import_fills_it() {
    let rig = Rig::new(States::Instant).stocked();
    rig.write("one.csv", "ITEM_ID,PRICE\ni1,1.5\ni2,\n");
    rig.ok("CreateDatasetImportJob", rig.import("one", "FULL"));
    let job =
        rig.ok("DescribeDatasetImportJob", json!({"datasetImportJobArn": arn("dataset-import-job/one")}));
    let job = &job["datasetImportJob"];
    assert_eq!((&job["status"], &job["importMode"]), (&json!("ACTIVE"), &json!("FULL")), "{job}");
    assert!(job.get("failureReason").is_none() && job.get("roleArn").is_none());
    assert!(job["creationDateTime"].as_f64().unwrap() > 1.7e9);
    let counts = rig.store.snapshot().dataset("shop/items").unwrap().counts().unwrap();
    assert_eq!(counts.bulk, 2);
}

#[test]
fn an_incremental_needs_a_full_that_succeeded_or_is_under_way() {
    let rig = Rig::new(States::Instant).stocked();
    rig.write("bad.csv", "ITEM_ID,PRICE\ni1,cheap\n");
    rig.write("good.csv", "ITEM_ID,PRICE\ni1,1\n");
    rig.write("more.csv", "ITEM_ID,PRICE\ni2,2\n");
    let (exception, message) = rig.refused("CreateDatasetImportJob", rig.import("more", "INCREMENTAL"));
    assert!(exception == Exception::InvalidInput && message.contains("FULL"), "{message}");
    rig.ok("CreateDatasetImportJob", rig.import("bad", "FULL"));
    assert_eq!(
        rig.refused("CreateDatasetImportJob", rig.import("more", "INCREMENTAL")).0,
        Exception::InvalidInput
    );
    rig.ok("CreateDatasetImportJob", rig.import("good", "FULL"));
    rig.ok("CreateDatasetImportJob", rig.import("more", "INCREMENTAL"));
    // A job's name is never free again, whatever became of it.
    assert_eq!(
        rig.refused("CreateDatasetImportJob", rig.import("bad", "FULL")).0,
        Exception::ResourceAlreadyExists
    );
}

#[test]
fn lists_are_newest_first_and_their_tokens_stay_right() {
    let rig = Rig::new(States::Instant);
    for number in 0..5 {
        rig.ok("CreateSchema", json!({"name": format!("s{number}"), "schema": ITEMS}));
    }
    let names = |page: &Value| -> Vec<String> {
        let schemas = page["schemas"].as_array().unwrap().iter();
        schemas.map(|schema| schema["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = rig.ok("ListSchemas", json!({"maxResults": 2}));
    assert_eq!(names(&first), ["s4", "s3"]);
    rig.ok("CreateSchema", json!({"name": "new", "schema": ITEMS}));
    let second = rig.ok("ListSchemas", json!({"maxResults": 2, "nextToken": first["nextToken"]}));
    assert_eq!(names(&second), ["s2", "s1"]);
    let last = rig.ok("ListSchemas", json!({"maxResults": 2, "nextToken": second["nextToken"]}));
    assert_eq!(names(&last), ["s0"]);
    assert!(last.get("nextToken").is_none());
    for token in [json!("garbage"), json!(""), json!("0".repeat(32))] {
        let refused = rig.refused("ListSchemas", json!({"nextToken": token})).0;
        assert_eq!(refused, Exception::InvalidNextToken);
    }
    // A token of another list is foreign.
    let foreign = rig.refused("ListDatasetGroups", json!({"nextToken": first["nextToken"]})).0;
    assert_eq!(foreign, Exception::InvalidNextToken);
}

#[test]
fn a_schema_that_is_replaced_shows_in_the_dataset() {
    let rig = Rig::new(States::Instant).stocked();
    rig.ok("CreateSchema", json!({"name": "more", "schema": MORE}));
    let items = arn("dataset/shop/ITEMS");
    rig.ok("UpdateDataset", json!({"datasetArn": items, "schemaArn": arn("schema/more")}));
    let described = rig.ok("DescribeDataset", json!({"datasetArn": items}));
    let dataset = &described["dataset"];
    assert_eq!(dataset["schemaArn"], arn("schema/more"));
    assert_eq!(dataset["latestDatasetUpdate"]["status"], "ACTIVE");
    assert_eq!(rig.store.dataset("shop/items").unwrap().schema().unwrap().fields().len(), 3);
    rig.ok("DeleteSchema", json!({"schemaArn": arn("schema/items")}));
    let back = rig.refused("UpdateDataset", json!({"datasetArn": items, "schemaArn": arn("schema/items")}));
    assert_eq!(back.0, Exception::ResourceNotFound);
}

#[test]
fn what_was_made_is_there_after_a_restart_and_what_the_command_line_made_too() {
    let rig = Rig::new(States::Instant).stocked();
    let schema = restock::Schema::from_avro(ITEMS).unwrap();
    rig.store.create_dataset("by-hand/items", restock::DatasetType::Items, schema).unwrap();
    let before = rig.ok("ListDatasets", json!({}));
    assert_eq!(before["datasets"].as_array().unwrap().len(), 2);
    let Rig { store, service, folder } = rig;
    drop(service);
    let service = open(&store, &folder, States::Instant);
    let rig = Rig { store, service, folder };
    assert_eq!(rig.ok("ListDatasets", json!({})), before);
    rig.ok("DescribeSchema", json!({"schemaArn": arn("schema/by-hand-items")}));
}

#[test]
fn a_deleted_dataset_is_gone_from_the_store_and_may_be_made_again() {
    let rig = Rig::new(States::Instant).stocked();
    rig.ok("DeleteDataset", json!({"datasetArn": arn("dataset/shop/ITEMS")}));
    assert!(rig.store.datasets().is_empty());
    let gone = rig.refused("DescribeDataset", json!({"datasetArn": arn("dataset/shop/ITEMS")}));
    assert_eq!(gone.0, Exception::ResourceNotFound);
    rig.ok("DeleteSchema", json!({"schemaArn": arn("schema/items")}));
    rig.ok("DeleteDatasetGroup", json!({"datasetGroupArn": arn("dataset-group/shop")}));
    let _again = rig.stocked();
}

#[test]
fn paced_resources_show_every_state_and_cannot_be_used_before_they_are_active() {
    let pace = Duration::from_millis(200);
    let rig = Rig::new(States::Paced(pace));
    rig.ok("CreateDatasetGroup", json!({"name": "shop"}));
    rig.ok("CreateSchema", json!({"name": "items", "schema": ITEMS}));
    let group = json!({"datasetGroupArn": arn("dataset-group/shop")});
    let status = || {
        rig.call("DescribeDatasetGroup", group.clone()).map(|group| group["datasetGroup"]["status"].clone())
    };
    assert_eq!(status().unwrap(), "CREATE PENDING");
    let dataset = json!({
        "name": "d", "schemaArn": arn("schema/items"), "datasetGroupArn": arn("dataset-group/shop"),
        "datasetType": "ITEMS",
    });
    assert_eq!(rig.refused("CreateDataset", dataset).0, Exception::ResourceInUse);
    std::thread::sleep(pace);
    assert_eq!(status().unwrap(), "CREATE IN_PROGRESS");
    std::thread::sleep(pace);
    assert_eq!(status().unwrap(), "ACTIVE");
    rig.ok("DeleteDatasetGroup", group.clone());
    assert_eq!(status().unwrap(), "DELETE PENDING");
    assert_eq!(
        rig.refused("CreateDatasetGroup", json!({"name": "shop"})).0,
        Exception::ResourceAlreadyExists
    );
    std::thread::sleep(2 * pace);
    assert_eq!(status().unwrap_err().exception, Exception::ResourceNotFound);
    rig.ok("CreateDatasetGroup", json!({"name": "shop"}));
}

#[test]
fn inputs_of_another_type_are_told_so() {
    let rig = Rig::new(States::Instant);
    for (operation, input) in [
        ("CreateDatasetGroup", json!([])),
        ("CreateDatasetGroup", json!({"name": 7})),
        ("ListSchemas", json!({"maxResults": "many"})),
        ("CreateDatasetGroup", json!({"name": "g", "tags": {}})),
    ] {
        assert_eq!(rig.refused(operation, input).0, Exception::Serialization, "{operation}");
    }
    let (exception, message) = rig.refused("CreateDatasetGroup", json!({"name": null}));
    assert!(exception == Exception::InvalidInput && message.contains("'name'"), "{message}");
    assert_eq!(rig.refused("MakeCoffee", json!({})).0, Exception::UnknownOperation);
}
