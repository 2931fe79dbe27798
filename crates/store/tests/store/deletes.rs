//! S8: deletes reach both origins and what is kept for undo; deleted users leave no byte behind.

use restock_store::{Cancel, Error, Storage, View};

use crate::rig::{Double, Op, Rig, name, new_dataset};

#[test]
fn a_record_is_removed_from_both_origins() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1", "b x 2", "c x 3"]);
    rig.put("items", &["b mine 4", "d mine 5"]);
    let ids = ["b", "d", "a", "nobody", "b"];
    let foreseen = rig.store.delete(&name("items"), &ids, true).unwrap();
    assert_eq!((foreseen.deleted, foreseen.missing.as_slice()), (3, ["nobody".to_owned()].as_slice()));
    assert_eq!(rig.merged("items").len(), 4, "a dry run changes nothing");
    let done = rig.store.delete(&name("items"), &ids, false).unwrap();
    assert_eq!((done.deleted, done.missing), (foreseen.deleted, foreseen.missing));
    assert_eq!(done.version, foreseen.version + 1);
    for view in [View::Merged, View::Newest, View::Bulk] {
        assert_eq!(rig.rows("items", view), ["c x 3.0"]);
    }
    assert_eq!(rig.rows("items", View::Individual), [""; 0]);
    assert_eq!(rig.get("items", "b", View::Merged), None);
    rig.verify();
    let rig = rig.reopen();
    assert_eq!(rig.merged("items"), ["c x 3.0"]);
    rig.put("items", &["b again 6"]);
    assert_eq!(rig.merged("items"), ["c x 3.0", "b again 6.0"], "an ID may come again");
    assert_eq!(rig.rows("items", View::Bulk), ["c x 3.0"], "and its bulk row does not");
    rig.verify();
}

#[test]
fn deleting_what_is_not_there_makes_no_version() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    let version = rig.store.snapshot().version();
    let report = rig.store.delete(&name("items"), &["z", "y"], false).unwrap();
    assert_eq!((report.version, report.deleted, report.missing.len()), (version, 0, 2));
    let error = rig.store.delete(&name("interactions"), &["z"], false).unwrap_err();
    assert!(error.to_string().contains("`interactions` has no record ID"), "{error}");
}

#[test]
fn no_undo_brings_back_what_was_deleted_since() {
    for compacted in [false, true] {
        let rig = Rig::on_disk();
        rig.full("items", &["a x 1", "b x 2", "c x 3"]);
        rig.full("items", &["d y 4"]);
        if compacted {
            rig.compact();
        }
        // Of these b lives only in what is kept for undo: there is nothing to report, and something to do.
        let report = rig.store.delete(&name("items"), &["b", "d"], false).unwrap();
        assert_eq!((report.deleted, report.missing.as_slice()), (1, ["b".to_owned()].as_slice()));
        let rig = rig.reopen();
        rig.undo("items").unwrap();
        assert_eq!(rig.merged("items"), ["a x 1.0", "c x 3.0"]);
        rig.verify();
    }
}

/// Design section 4: `delete` does not reach rows of an import that commits after it.
#[test]
fn a_delete_does_not_reach_an_import_that_commits_after_it() {
    let rig = Rig::in_memory();
    rig.full("items", &["a old 1", "b old 2"]);
    let request =
        restock_store::ImportRequest { mode: restock_store::ImportMode::Incremental, ..Default::default() };
    let mut import = rig.store.import(&name("items"), request).unwrap();
    import.append(import.encoder().encode(&rig.batch("items", &["a new 3"])).unwrap()).unwrap();
    assert_eq!(rig.delete("items", &["a"]), 1);
    let outcome = import.commit().unwrap();
    assert_eq!((outcome.replaced, outcome.appended), (0, 1), "a had no live row any more");
    assert_eq!(rig.merged("items"), ["b old 2.0", "a new 3.0"]);
    rig.verify();
}

fn with_users() -> Rig {
    let rig = Rig::on_disk();
    rig.full("users", &["anna DE likes-zebras", "bert FR plain", "carl DE plain"]);
    rig.full(
        "interactions",
        &["anna i1 1 view", "bert i1 2 view", "anna i2 3 secret-event", "carl i9 4 view"],
    );
    rig.put("users", &["anna AQ zebra-note", "dora DE plain"]);
    rig.put("interactions", &["anna i3 5 view", "dora i1 6 buy"]);
    rig
}

#[test]
fn deleting_users_takes_all_they_did_in_one_commit() {
    let rig = with_users();
    let foreseen = rig.store.delete_users(None, &["anna", "ghost"], true, &Cancel::new()).unwrap();
    let before = rig.store.snapshot().version();
    let done = rig.delete_users(&["anna", "ghost"]);
    assert_eq!((done.version, done.users), (before + 1, 1));
    assert_eq!(done.rows, [(name("interactions"), 3), (name("users"), 2)]);
    assert_eq!((foreseen.users, &foreseen.rows), (done.users, &done.rows));
    assert_eq!(rig.merged("users"), ["bert FR plain", "carl DE plain", "dora DE plain"]);
    assert_eq!(rig.merged("interactions"), ["bert i1 2 view", "carl i9 4 view", "dora i1 6 buy"]);
    rig.verify();
    rig.undo("users").unwrap();
    rig.undo("interactions").unwrap();
    assert_eq!(rig.merged("users"), ["dora DE plain"]);
    assert_eq!(rig.merged("interactions"), ["dora i1 6 buy"]);
    rig.verify();
}

#[test]
fn deleting_users_keeps_to_one_group() {
    use restock_schema::DatasetType::{Interactions, Users};
    let rig = with_users();
    for (dataset, kind) in [("shop/users", Users), ("shop/clicks", Interactions)] {
        rig.store.create_dataset(new_dataset(dataset, kind)).unwrap();
    }
    rig.full("shop/users", &["anna DE plain"]);
    rig.full("shop/clicks", &["anna i1 1 view", "bert i1 1 view"]);
    let report = rig.store.delete_users(Some("shop"), &["anna"], false, &Cancel::new()).unwrap();
    assert_eq!(report.rows, [(name("shop/clicks"), 1), (name("shop/users"), 1)]);
    assert_eq!(rig.merged("shop/clicks"), ["bert i1 1 view"]);
    assert_eq!(rig.merged("users").len(), 4, "datasets without a group are another place");
    let nowhere = rig.store.delete_users(Some("cinema"), &["anna"], false, &Cancel::new());
    assert!(matches!(nowhere, Err(Error::Refused(text)) if text.contains("`cinema`")));
}

/// Design section 4: deleting users waits for a running import, whose rows it then reaches.
#[test]
fn deleting_users_waits_for_a_running_import() {
    let rig = with_users();
    let request =
        restock_store::ImportRequest { mode: restock_store::ImportMode::Incremental, ..Default::default() };
    let mut import = rig.store.import(&name("interactions"), request).unwrap();
    let batch = import.encoder().encode(&rig.batch("interactions", &["anna i1 99 view"])).unwrap();
    import.append(batch).unwrap();
    std::thread::scope(|scope| {
        let deleting = scope.spawn(|| rig.delete_users(&["anna"]));
        std::thread::sleep(std::time::Duration::from_millis(30));
        assert!(!deleting.is_finished());
        import.commit().unwrap();
        assert_eq!(deleting.join().unwrap().rows[0], (name("interactions"), 4));
    });
    assert!(rig.merged("interactions").iter().all(|row| !row.contains("anna")));
}

/// A dry run tells what the deletion does, whatever of it is still in the log, and writes nothing.
#[test]
fn a_dry_run_of_deleting_users_finds_rows_of_the_log_and_writes_nothing() {
    let rig = with_users();
    rig.store.flush().unwrap();
    rig.put("users", &["anna AQ again", "emil FR plain"]);
    rig.put("interactions", &["anna i4 7 view", "emil i4 8 view"]);
    rig.delete("users", &["emil"]);
    let (files, version) = (rig.files(), rig.store.snapshot().version());
    let users = ["anna", "emil", "dora", "ghost"];
    let foreseen = rig.store.delete_users(None, &users, true, &Cancel::new()).unwrap();
    assert_eq!(foreseen.version, version);
    assert!(files == rig.files(), "no file was changed");
    let done = rig.delete_users(&users);
    assert_eq!((foreseen.users, &foreseen.rows), (done.users, &done.rows));
    assert_eq!(done.rows, [(name("interactions"), 6), (name("users"), 3)]);
    rig.verify();
}

/// S8: vacuum promises that no byte is left, so a file that it cannot remove is an error that names it.
#[test]
fn vacuum_fails_if_a_file_with_deleted_rows_stays() {
    let storage = Double::new();
    let rig = Rig::on(storage.clone()).with_datasets();
    rig.full("items", &["a secret 1", "b x 2"]);
    rig.delete("items", &["a"]);
    storage.rule(|op, path| {
        let stuck = op == Op::Remove && path.ends_with(".arrow");
        if stuck { Err(std::io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    });
    let error = rig.store.vacuum(&Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("cannot remove segments/") && error.contains("deleted rows"), "{error}");
    storage.allow_all();
    rig.vacuum();
    rig.verify();
    let memory = storage.memory();
    for file in memory.list("segments").unwrap() {
        let content = memory.read(&format!("segments/{file}")).unwrap();
        assert!(!content.windows(6).any(|bytes| bytes == b"secret"), "{file}");
    }
}
