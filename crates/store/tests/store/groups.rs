//! Names, groups and domains.

use restock_schema::{DatasetName, DatasetType, Domain, LimitSet, Schema};
use restock_store::{Error, NewDataset};

use crate::rig::{Rig, name, new_dataset, schema};

#[test]
fn a_group_holds_one_dataset_of_each_type_and_names_are_unique() {
    let rig = Rig::in_memory();
    let create = |dataset: &str, kind| rig.store.create_dataset(new_dataset(dataset, kind));
    create("shop/items", DatasetType::Items).unwrap();
    create("shop/users", DatasetType::Users).unwrap();
    create("cinema/items", DatasetType::Items).unwrap();
    create("more-items", DatasetType::Items).unwrap();
    let twice = create("shop/other", DatasetType::Items).unwrap_err().to_string();
    assert!(twice.contains("group `shop`") && twice.contains("`shop/items`"), "{twice}");
    let taken = create("items", DatasetType::Items).unwrap_err().to_string();
    assert!(taken.contains("`items` already"), "{taken}");
    let near = rig.store.snapshot().dataset(&name("shop/itmes")).unwrap_err();
    assert!(matches!(&near, Error::NoDataset { there, .. } if there.listed()[0] == "shop/items"), "{near:?}");
}

#[test]
fn a_group_has_one_domain() {
    let rig = Rig::in_memory();
    let avro = r#"{"type":"record","name":"Users","fields":[
        {"name":"USER_ID","type":"string"},{"name":"SUBSCRIPTION_MODEL","type":"string","categorical":true}]}"#;
    let users = |group: &str, domain| NewDataset {
        name: name(&format!("{group}/users")),
        schema: Schema::from_avro(avro).unwrap(),
        domain,
        ..new_dataset("x", DatasetType::Users)
    };
    rig.store.create_dataset(users("tv", Some(Domain::VideoOnDemand))).unwrap();
    let error = rig.store.create_dataset(new_dataset("tv/clicks", DatasetType::Interactions)).unwrap_err();
    assert!(error.to_string().contains("cannot hold a dataset with no domain"), "{error}");
    rig.store.create_dataset(users("plain", None)).unwrap();
    let dataset = rig.dataset("tv/users");
    assert_eq!((dataset.domain(), dataset.limits()), (Some(Domain::VideoOnDemand), LimitSet::None));
}

#[test]
fn the_record_id_is_the_types_own_or_declared() {
    let rig = Rig::in_memory();
    let refused = |new: NewDataset| rig.store.create_dataset(new).unwrap_err().to_string();
    let other = NewDataset { record_id: Some("PRICE".into()), ..new_dataset("i", DatasetType::Items) };
    assert!(refused(other).contains("is ITEM_ID, not PRICE"));
    let none =
        NewDataset { record_id: Some("USER_ID".into()), ..new_dataset("c", DatasetType::Interactions) };
    assert!(refused(none).contains("has no record ID"));
    let same = NewDataset { record_id: Some("ITEM_ID".into()), ..new_dataset("i", DatasetType::Items) };
    rig.store.create_dataset(same).unwrap();
    let custom = NewDataset {
        name: name("free"),
        dataset_type: DatasetType::Custom,
        schema: schema(DatasetType::Interactions),
        ..new_dataset("x", DatasetType::Interactions)
    };
    rig.store.create_dataset(custom).unwrap();
    assert_eq!(rig.dataset("free").record_id(), None);
}

/// Design section 1: hidden names are in no list and no history, and vacuum, compact and verify see them.
#[test]
fn hidden_datasets_are_not_listed_and_live_as_others_do() {
    let rig = Rig::on_disk();
    let hidden = DatasetName::hidden(".jobs").unwrap();
    let new = NewDataset { name: hidden.clone(), ..new_dataset("x", DatasetType::Items) };
    rig.store.create_dataset(new).unwrap();
    let batch = rig.batch("items", &["job-1 x 1"]);
    rig.store.put(&hidden, &batch, restock_store::Durability::Synced).unwrap();
    rig.compact();
    let rig = rig.reopen();
    let snapshot = rig.store.snapshot();
    assert_eq!(snapshot.names(), [name("interactions"), name("items"), name("users")]);
    assert_eq!(snapshot.info().unwrap().datasets.len(), 3);
    assert_eq!(rig.store.history().len(), 3);
    assert_eq!(snapshot.dataset(&hidden).unwrap().counts().unwrap().individual, 1);
    rig.verify();
}
