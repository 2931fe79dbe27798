//! S8: what is deleted is gone from both origins, no undo brings it back, and `vacuum` leaves no byte of it.

use restock::{Durability, View, record};

use crate::catalog::{Catalog, full, incremental, put, rows};
use crate::shelf::Shelf;

#[test]
fn a_delete_removes_a_record_from_both_origins() {
    let shop = Catalog::in_memory();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2", "i3,Drama,3"]);
    put(&shop.items, "i1,Mine,10");
    put(&shop.items, "i4,Mine,40");
    let report = shop.items.delete(&["i1", "i4", "nobody", "i2", "i2"], false).unwrap();
    assert_eq!((report.deleted, report.missing), (3, vec!["nobody".to_owned()]));
    for view in [View::Merged, View::Newest, View::Bulk] {
        assert_eq!(rows(&shop.items, view), ["i3,Drama,3"]);
    }
    assert!(rows(&shop.items, View::Individual).is_empty());
}

#[test]
fn an_integer_id_that_is_written_in_two_ways_is_one_record() {
    let shop = Catalog::in_memory();
    let numbers = Shelf::of("numbers").create(&shop.store).unwrap();
    full(&numbers, &["seven,7,", "eight,8,"]);
    let report = numbers.delete(&["7", "007", "+7", "009", "9"], false).unwrap();
    assert_eq!((report.deleted, report.missing), (1, vec!["009".to_owned()]));
    assert_eq!(rows(&numbers, View::Merged), ["eight,8,"]);
}

#[test]
fn no_undo_brings_back_what_was_deleted_since() {
    let shop = Catalog::in_memory();
    shop.store.set_undo_depth(2).unwrap();
    full(&shop.items, &["i1,Drama,1", "i2,Drama,2"]);
    incremental(&shop.items, &["i1,Comedy,10"]);
    full(&shop.items, &["i3,Drama,3"]);
    // Neither is in the dataset now: they live only in what is kept for undo.
    let report = shop.items.delete(&["i1"], false).unwrap();
    assert_eq!(report.deleted, 0);
    shop.items.undo().unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), ["i2,Drama,2"]);
    shop.items.undo().unwrap();
    assert_eq!(rows(&shop.items, View::Bulk), ["i2,Drama,2"]);
}

#[test]
fn deleting_users_takes_their_interactions_along_and_stays_in_their_group() {
    let shop = Catalog::in_memory();
    let group = |name: &str, like: &restock::Dataset| {
        let kind = like.snapshot().unwrap().dataset_type();
        shop.store.create_dataset(name, kind, like.schema().unwrap()).unwrap()
    };
    let other_users = group("other/users", &shop.users);
    let other_interactions = group("other/interactions", &shop.interactions);
    for (users, interactions) in [(&shop.users, &shop.interactions), (&other_users, &other_interactions)] {
        full(users, &["u1,DE,", "u2,FR,"]);
        full(interactions, &["u1,i1,100", "u2,i1,200", "u1,i2,300"]);
        put(interactions, "u1,i3,400");
    }
    let report = shop.store.delete_users(None, &["u1", "nobody"], false).unwrap();
    let lost: Vec<_> = report.rows.iter().map(|(name, rows)| (name.to_string(), *rows)).collect();
    assert_eq!(report.users, 1);
    assert_eq!(lost, [("interactions".to_owned(), 3), ("users".to_owned(), 1)]);
    assert_eq!(rows(&shop.users, View::Merged), ["u2,FR,"]);
    assert_eq!(rows(&shop.interactions, View::Merged), ["u2,i1,200"]);
    assert_eq!(rows(&other_users, View::Merged).len(), 2);
    assert_eq!(rows(&other_interactions, View::Merged).len(), 4);
}

#[test]
fn after_deleting_a_user_and_vacuum_no_byte_of_them_is_left_in_any_file() {
    let shop = Catalog::on_disk();
    shop.store.set_undo_depth(3).unwrap();
    // In every place a row can be: replaced, kept, live, a dictionary, put, replaced by a put, flushed, in the log.
    full(&shop.users, &["secret-user,SecretCountry,secret note one", "u2,FR,"]);
    full(&shop.interactions, &["secret-user,secret-item-a,100", "u2,i1,200"]);
    incremental(&shop.users, &["secret-user,SecretRegion,secret note two"]);
    incremental(&shop.interactions, &["secret-user,secret-item-b,100"]);
    put(&shop.users, "secret-user,SecretCity,secret note three");
    put(&shop.interactions, "secret-user,secret-item-c,100");
    shop.store.compact(None).unwrap();
    put(&shop.users, "secret-user,SecretStreet,secret note four");
    put(&shop.interactions, "secret-user,secret-item-d,100");
    let buffered = record! { "USER_ID" => "secret-user", "ITEM_ID" => "secret-item-e", "TIMESTAMP" => 1 };
    shop.interactions.put_with([buffered], Durability::Buffered).unwrap();
    let holds = |needle: &str| {
        let found = |content: &[u8]| content.windows(needle.len()).any(|bytes| bytes == needle.as_bytes());
        shop.files().into_iter().filter(|(_, content)| found(content)).count()
    };
    assert!(holds("ecret") > 0, "the search finds what is there");

    shop.store.delete_users(None, &["secret-user"], false).unwrap();
    shop.store.vacuum().unwrap();
    for needle in ["secret", "Secret", "ecret"] {
        assert_eq!(holds(needle), 0, "files that hold {needle:?} after vacuum");
    }
    assert_eq!(rows(&shop.users, View::Merged), ["u2,FR,"]);
    assert_eq!(rows(&shop.interactions, View::Merged), ["u2,i1,200"]);
    assert!(shop.store.verify().unwrap().is_ok());
}
