use restock::{DatasetType, ImportMode, Schema, record};

use super::*;
use crate::catalog::{IngestionMode, JobRecord, JobState};
use crate::personalize::Quotas;

mod deletions;
mod exports;
mod fake;
mod imports;
mod queue;
mod settling;

use fake::Fake;

const ITEMS: &str = r#"{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"},
    {"name": "PRICE", "type": "float"}, {"name": "GENRES", "type": ["null", "string"], "categorical": true}]}"#;
const USERS: &str = r#"{"type": "record", "name": "Users", "fields": [{"name": "USER_ID", "type": "string"},
    {"name": "AGE", "type": ["null", "int"]}]}"#;
const INTERACTIONS: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}, {"name": "DEVICE", "type": ["null", "string"]}]}"#;

/// How long a test waits for what must happen.
const LONG: Duration = Duration::from_secs(60);

/// A store with the group `shop`, its jobs, and objects in memory.
struct Rig {
    store: Store,
    catalog: Arc<Catalog>,
    objects: Fake,
    jobs: Jobs,
}

impl Rig {
    fn new() -> Rig {
        Rig::with(Settings::default())
    }

    fn with(settings: Settings) -> Rig {
        let store = Store::in_memory().unwrap();
        make_datasets(&store);
        Rig::open(store, Fake::default(), settings)
    }

    fn open(store: Store, objects: Fake, settings: Settings) -> Rig {
        let catalog = Arc::new(Catalog::open(&store).unwrap());
        catalog.adopt(&store).unwrap();
        let shared: Arc<dyn Objects> = Arc::new(objects.clone());
        let jobs = Jobs::open(&store, &catalog, &shared, &Arc::new(settings)).unwrap();
        Rig { store, catalog, objects, jobs }
    }

    /// Makes a job as a call does, without running it.
    fn create(&self, name: &str, request: JobRequest) -> ResourceId {
        create(&self.catalog, name, request)
    }

    /// Makes a job and submits it.
    fn submit(&self, name: &str, request: JobRequest) -> ResourceId {
        let id = self.create(name, request);
        self.jobs.submit(&id);
        id
    }

    fn record(&self, id: &ResourceId) -> JobRecord {
        self.catalog.job(id).unwrap()
    }

    fn state(&self, id: &ResourceId) -> JobState {
        self.record(id).job.state
    }

    /// Runs a job to its end: done, or the reason why not.
    fn run(&self, name: &str, request: JobRequest) -> Result<JobRecord, String> {
        let id = self.submit(name, request);
        assert!(self.catalog.wait_for_job(&id, LONG));
        let record = self.record(&id);
        match record.job.failure_reason.clone() {
            None => {
                assert_eq!(record.job.state, JobState::Finished);
                Ok(record)
            }
            Some(reason) => {
                assert_eq!(record.job.state, JobState::Failed);
                Err(reason)
            }
        }
    }

    /// The rows of a dataset in the merged view, as CSV without header.
    fn rows(&self, dataset: &str) -> Vec<String> {
        let mut rows = Vec::new();
        for batch in self.store.snapshot().dataset(dataset).unwrap().scan().batches().unwrap() {
            for record in restock::records(&batch.unwrap()).unwrap() {
                let values = record.iter().map(|(_, value)| match value {
                    restock::Value::Null => String::new(),
                    restock::Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                rows.push(values.collect::<Vec<_>>().join(","));
            }
        }
        rows
    }

    fn put(&self, dataset: &str, records: Vec<restock::Record>) {
        self.store.dataset(dataset).unwrap().put(records).unwrap();
    }
}

fn make_datasets(store: &Store) {
    let datasets = [
        ("shop/items", DatasetType::Items, ITEMS),
        ("shop/users", DatasetType::Users, USERS),
        ("shop/interactions", DatasetType::Interactions, INTERACTIONS),
    ];
    for (name, dataset_type, schema) in datasets {
        let dataset = store.new_dataset(name, dataset_type, Schema::from_avro(schema).unwrap());
        dataset.limits(restock::LimitSet::Personalize).create().unwrap();
    }
}

fn create(catalog: &Catalog, name: &str, request: JobRequest) -> ResourceId {
    let id = ResourceId::new(request.kind(), name);
    let body = Body::Job(Job::new(request));
    catalog.change(|change| Ok(change.make(id.clone(), Vec::new(), body))).unwrap();
    id
}

fn import(wire_type: &str, location: &str, mode: ImportMode) -> JobRequest {
    JobRequest::Import {
        dataset: format!("shop/{wire_type}"),
        location: location.to_owned(),
        role_arn: None,
        mode,
        publish_metrics: None,
    }
}

fn full(wire_type: &str, location: &str) -> JobRequest {
    import(wire_type, location, ImportMode::Full)
}

fn export(wire_type: &str, path: &str, mode: IngestionMode) -> JobRequest {
    JobRequest::Export {
        dataset: format!("shop/{wire_type}"),
        path: path.to_owned(),
        kms_key_arn: None,
        role_arn: "arn:aws:iam::000000000000:role/r".to_owned(),
        mode,
    }
}

fn deletion(location: &str) -> JobRequest {
    JobRequest::Deletion {
        group: "shop".to_owned(),
        location: location.to_owned(),
        role_arn: "arn:aws:iam::000000000000:role/r".to_owned(),
    }
}

fn interaction(user: &str, item: &str, timestamp: i64) -> restock::Record {
    record! { "USER_ID" => user, "ITEM_ID" => item, "TIMESTAMP" => timestamp, "DEVICE" => "view" }
}

/// Waits for what must come.
fn until(what: &str, come: impl Fn() -> bool) {
    let end = Instant::now() + LONG;
    while !come() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}
