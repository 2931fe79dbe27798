//! What a fixture's group is after it was seeded, and after a reset.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::{in_memory, seed};
use crate::catalog::{Body, Kind};
use crate::objects::{Depth, Location, Object, ObjectWriter, Objects, ObjectsError};
use crate::personalize::{Personalize, Settings};

/// No job of these tests runs.
struct Nowhere;

impl Objects for Nowhere {
    fn list(&self, location: &Location, _: Depth) -> Result<Vec<Object>, ObjectsError> {
        Err(ObjectsError::NotFound(location.to_string()))
    }

    fn open(&self, object: &Object) -> Result<Box<dyn Read + Send>, ObjectsError> {
        Err(ObjectsError::NotFound(object.location.to_string()))
    }

    fn create(&self, location: &Location) -> Result<Box<dyn ObjectWriter>, ObjectsError> {
        Err(ObjectsError::Denied(location.to_string()))
    }
}

#[test]
fn a_fixture_becomes_a_group_with_schemas_and_a_tracker() {
    let (personalize, group, _) =
        in_memory(Some(Path::new("rules")), Settings::default(), Arc::new(Nowhere)).unwrap();
    let group = group.unwrap();
    // Any tool that makes version 5 UUIDs gives it.
    assert_eq!(
        (group.name.as_str(), group.tracking_id.as_str()),
        ("rules", "6b843eac-2a04-5824-b32d-ebca16424ac6")
    );
    let catalog = personalize.catalog();
    assert_eq!(catalog.all(Kind::DatasetGroup).len(), 1);
    let datasets = catalog.all(Kind::Dataset).len();
    assert!(datasets > 0);
    assert_eq!(catalog.all(Kind::Schema).len(), datasets);
    let trackers = catalog.all(Kind::EventTracker);
    let [(id, tracker)] = trackers.as_slice() else { panic!("{trackers:?}") };
    assert_eq!(id.name, "6b843eac");
    let Body::EventTracker(tracker) = &tracker.body else { panic!("{tracker:?}") };
    assert_eq!((&tracker.group, &tracker.tracking_id), (&group.name, &group.tracking_id));
}

#[test]
fn a_group_that_was_seeded_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let open = |store| Personalize::open(store, Settings::default(), Arc::new(Nowhere)).unwrap();
    let personalize = open(restock::Store::open(&path).unwrap());
    let first = seed(&personalize, Path::new("rules")).unwrap();
    let version = personalize.store().snapshot().version();
    assert_eq!(seed(&personalize, Path::new("rules")).unwrap(), first);
    drop(personalize);
    let personalize = open(restock::Store::open(&path).unwrap());
    assert_eq!(seed(&personalize, Path::new("rules")).unwrap(), first);
    assert_eq!(personalize.catalog().all(Kind::EventTracker).len(), 1);
    assert!(personalize.store().snapshot().version() >= version);
}

#[test]
fn datasets_of_another_under_its_name_are_not_touched() {
    let (personalize, ..) = in_memory(None, Settings::default(), Arc::new(Nowhere)).unwrap();
    let schema = r#"{"type": "record", "name": "Items", "fields": [
        {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}]}"#;
    let schema = restock::Schema::from_avro(schema).unwrap();
    personalize.store().create_dataset("rules/items", restock::DatasetType::Items, schema).unwrap();
    let error = seed(&personalize, Path::new("rules")).unwrap_err();
    assert!(error.to_string().contains("rules/items"), "{error}");
    assert!(personalize.catalog().all(Kind::EventTracker).is_empty());
}

#[test]
fn a_reset_forgets_what_came_after_and_keeps_what_was_seeded() {
    let (personalize, _, reset) =
        in_memory(Some(Path::new("rules")), Settings::default(), Arc::new(Nowhere)).unwrap();
    let rows = |store: &restock::Store| {
        let info = store.info().unwrap();
        let rows = info.datasets.iter().map(|dataset| (dataset.name.to_string(), dataset.rows));
        rows.collect::<Vec<_>>()
    };
    let seeded = rows(personalize.store());
    assert!(!seeded.is_empty());
    let mut store = personalize.store().clone();
    for round in 0..3 {
        store.undo("rules/items", false).unwrap();
        assert_ne!(rows(&store), seeded, "round {round}");
        store = reset().unwrap().store().clone();
        assert_eq!(rows(&store), seeded, "round {round}");
        store.drop_dataset("rules/users").unwrap();
        store = reset().unwrap().store().clone();
        assert_eq!(rows(&store), seeded, "round {round}");
    }
}
