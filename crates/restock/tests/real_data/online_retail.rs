//! A year of a shop: the first day FULL, 304 days INCREMENTAL.

use std::fs;
use std::time::Instant;

use restock::{Dataset, DatasetType, ImportMode, Record, Store, View, record};

use crate::data::Set;

/// Records put by hand: before the first day, and in the middle. Some of their IDs come with imports before and after.
fn put_by_hand() -> ([Vec<Record>; 2], [Vec<Record>; 2]) {
    let items = [
        vec![
            record! { "ITEM_ID" => "85123A", "DESCRIPTION" => "white heart, \"by hand\"\nsecond line", "PRICE" => 0.1 },
            record! { "ITEM_ID" => "hand-1", "DESCRIPTION" => "", "PRICE" => 1.0 },
        ],
        vec![
            record! { "ITEM_ID" => "POST", "DESCRIPTION" => None::<String>, "PRICE" => -18.5 },
            record! { "ITEM_ID" => "22423", "DESCRIPTION" => " REGENCY ", "PRICE" => 12.75 },
            record! { "ITEM_ID" => "hand-2", "DESCRIPTION" => "£", "PRICE" => 0.0 },
        ],
    ];
    let users = [
        vec![record! { "USER_ID" => "17850", "COUNTRY" => "By hand" }],
        vec![
            record! { "USER_ID" => "hand", "COUNTRY" => "" },
            record! { "USER_ID" => "12583", "COUNTRY" => "By hand" },
        ],
    ];
    (items, users)
}

fn replay(set: &Set, store: &Store) {
    let mut days: Vec<_> = fs::read_dir(set.path("by-day")).unwrap().map(|day| day.unwrap().path()).collect();
    days.sort();
    assert_eq!(days.len(), 305);
    let items = set.dataset(store, DatasetType::Items);
    let users = set.dataset(store, DatasetType::Users);
    let (item_records, user_records) = put_by_hand();
    let put = |turn: usize| {
        items.put(item_records[turn].clone()).unwrap();
        users.put(user_records[turn].clone()).unwrap();
    };

    let started = Instant::now();
    put(0);
    for (at, day) in days.iter().enumerate() {
        if at == days.len() / 2 {
            put(1);
        }
        let mode = if at == 0 { ImportMode::Full } else { ImportMode::Incremental };
        for (dataset, file) in [(&items, "items.csv"), (&users, "users.csv")] {
            dataset.import(day.join(file)).mode(mode).run().unwrap();
        }
    }
    println!("610 imports in {:.1} s", started.elapsed().as_secs_f64());
    check(set, &items, &item_records.concat());
    check(set, &users, &user_records.concat());
}

/// S2: the bulk rows are the last of each ID; S4: what was put is as it was put, and shows in the merged view.
fn check(set: &Set, dataset: &Dataset, put: &[Record]) {
    let snapshot = dataset.snapshot().unwrap();
    let counts = snapshot.counts().unwrap();
    assert_eq!(set.compare(dataset, &["--by-key"]), counts.bulk);
    assert_eq!(counts.individual, put.len() as u64);
    let id = snapshot.record_id().unwrap();
    let mut new = 0;
    for record in put {
        let id = record.get(id).unwrap().as_str().unwrap();
        for view in [View::Individual, View::Merged] {
            assert_eq!(snapshot.get_in(id, view).unwrap().as_ref(), Some(record), "{id}, {view:?}");
        }
        new += u64::from(snapshot.get_in(id, View::Bulk).unwrap().is_none());
    }
    assert_eq!(counts.merged, counts.bulk + new);
}

#[test]
fn a_year_of_increments_ends_as_the_last_values_in_memory() {
    let Some(set) = Set::converted("online-retail", &["--by-day"]) else { return };
    replay(&set, &Store::in_memory().unwrap());
}

#[test]
fn a_year_of_increments_ends_as_the_last_values_on_disk() {
    let Some(set) = Set::converted("online-retail", &["--by-day"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("retail.restock");
    replay(&set, &Store::create(&path).unwrap());

    // All of it is there again for another process, and no file is damaged.
    let store = Store::open_read_only(&path).unwrap();
    let (items, users) = put_by_hand();
    check(&set, &store.dataset("items").unwrap(), &items.concat());
    check(&set, &store.dataset("users").unwrap(), &users.concat());
    assert!(store.verify().unwrap().is_ok());
}

#[test]
fn all_of_the_year_at_once_reads_back_equal() {
    let Some(set) = Set::converted("online-retail", &["--by-day"]) else { return };
    crate::round_trip(
        &set,
        &[(DatasetType::Interactions, 406_829), (DatasetType::Items, 4_070), (DatasetType::Users, 4_372)],
    );
}
