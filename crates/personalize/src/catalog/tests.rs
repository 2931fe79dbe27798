use std::time::Duration;

use restock::{DatasetType, ImportMode, Schema};

use super::*;
use crate::refusal::Exception;

const ITEMS: &str = r#"{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"},
    {"name": "PRICE", "type": "float"}]}"#;

fn import(name: &str) -> (ResourceId, Body) {
    let request = JobRequest::Import {
        dataset: "shop/ITEMS".to_owned(),
        location: "s3://b/k.csv".to_owned(),
        role_arn: None,
        mode: ImportMode::Full,
        publish_metrics: Some(false),
    };
    (ResourceId::new(Kind::ImportJob, name), Body::Job(Job::new(request)))
}

fn make(catalog: &Catalog, name: &str) -> ResourceId {
    let (id, body) = import(name);
    catalog.change(|change| Ok(change.make(id.clone(), Vec::new(), body))).unwrap();
    id
}

#[test]
fn what_was_kept_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::create(&path).unwrap();
    let catalog = Catalog::open(&store).unwrap();
    let (first, second) = (make(&catalog, "first"), make(&catalog, "second"));
    catalog.fail_job(&first, "no such file").unwrap();
    let before = [catalog.get(&first), catalog.get(&second)];
    drop((catalog, store));
    let store = Store::open(&path).unwrap();
    assert!(store.datasets().is_empty(), "the dataset of resources is hidden");
    let catalog = Catalog::open(&store).unwrap();
    assert_eq!([catalog.get(&first), catalog.get(&second)], before);
    let third = make(&catalog, "third");
    let created = |id| catalog.job(id).unwrap().created_ms;
    assert!(created(&first) < created(&second) && created(&second) < created(&third));
    assert_eq!(catalog.job(&first).unwrap().job.failure_reason.as_deref(), Some("no such file"));
}

#[test]
fn a_removed_resource_is_gone_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::create(&path).unwrap();
    let catalog = Catalog::open(&store).unwrap();
    let id = make(&catalog, "job");
    catalog
        .change(|change| {
            change.remove(id.clone());
            Ok(())
        })
        .unwrap();
    assert_eq!(catalog.get(&id), None);
    drop((catalog, store));
    assert_eq!(Catalog::open(&Store::open(&path).unwrap()).unwrap().get(&id), None);
}

#[test]
fn a_refused_change_changes_nothing() {
    let catalog = Catalog::open(&Store::in_memory().unwrap()).unwrap();
    let (id, body) = import("job");
    let refused = catalog.change(|change| {
        change.make(id.clone(), Vec::new(), body);
        Err::<(), _>(Refusal::invalid("no"))
    });
    assert_eq!(refused.unwrap_err().exception, Exception::InvalidInput);
    assert_eq!(catalog.get(&id), None);
}

#[test]
fn unfinished_jobs_come_in_the_order_of_creation() {
    let catalog = Catalog::open(&Store::in_memory().unwrap()).unwrap();
    let ids: Vec<_> = ["z", "m", "a"].map(|name| make(&catalog, name)).to_vec();
    catalog.start_job(&ids[0]).unwrap();
    catalog.finish_job(&ids[1], None).unwrap();
    let left: Vec<_> = catalog.unfinished_jobs().into_iter().map(|job| job.id.name).collect();
    assert_eq!(left, ["z", "a"]);
}

#[test]
fn who_waits_for_a_job_hears_of_its_end() {
    let catalog = Arc::new(Catalog::open(&Store::in_memory().unwrap()).unwrap());
    let id = make(&catalog, "job");
    assert!(!catalog.wait_for_job(&id, Duration::from_millis(5)));
    let (other, other_id) = (catalog.clone(), id.clone());
    let ends = std::thread::spawn(move || other.finish_job(&other_id, None).unwrap());
    assert!(catalog.wait_for_job(&id, Duration::from_secs(60)));
    ends.join().unwrap();
}

#[test]
fn datasets_of_groups_are_adopted_and_let_go() {
    let store = Store::in_memory().unwrap();
    let schema = Schema::from_avro(ITEMS).unwrap();
    for name in ["shop/items", "items", "loud/catalog"] {
        store.create_dataset(name, DatasetType::Items, schema.clone()).unwrap();
    }
    store.create_dataset("shop/notes", DatasetType::Custom, schema).unwrap();
    let catalog = Catalog::open(&store).unwrap();
    catalog.adopt(&store).unwrap();
    let names = |kind| catalog.all(kind).into_iter().map(|(id, _)| id.name).collect::<Vec<_>>();
    assert_eq!(names(Kind::DatasetGroup), ["loud", "shop"]);
    assert_eq!(names(Kind::Dataset), ["loud/ITEMS", "shop/ITEMS"]);
    assert_eq!(names(Kind::Schema), ["loud-catalog", "shop-items"]);
    store.drop_dataset("shop/items").unwrap();
    catalog.adopt(&store).unwrap();
    assert_eq!(names(Kind::Dataset), ["loud/ITEMS"]);
}
