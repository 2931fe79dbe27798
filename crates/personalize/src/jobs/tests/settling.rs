use std::path::Path;

use super::*;

const ROWS: &str = "ITEM_ID,PRICE,GENRES\ni1,1,\n";

/// What a server leaves in a folder that is killed after `leave`.
fn left(path: &Path, leave: impl FnOnce(&Store, &Catalog)) {
    let store = Store::open(path).unwrap();
    if store.datasets().is_empty() {
        make_datasets(&store);
    }
    let catalog = Catalog::open(&store).unwrap();
    catalog.adopt(&store).unwrap();
    leave(&store, &catalog);
}

fn restarted(path: &Path, objects: &Fake) -> Rig {
    Rig::open(Store::open(path).unwrap(), objects.clone(), Settings::default())
}

fn job(kind: Kind, name: &str) -> ResourceId {
    ResourceId::new(kind, name)
}

#[test]
fn an_import_is_settled_by_its_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    left(&path, |store, catalog| {
        let items = store.dataset("shop/items").unwrap();
        for (name, committed) in [("before", false), ("done", true), ("running", false)] {
            let id = create(catalog, name, full("ITEMS", "s3://b/1.csv"));
            if name != "before" {
                catalog.start_job(&id).unwrap();
            }
            if committed {
                items.import_reader(ROWS.as_bytes(), "1.csv").label(id.to_string()).run().unwrap();
            }
        }
        // The same label in another dataset is another's.
        let users = store.dataset("shop/users").unwrap();
        users
            .import_reader("USER_ID,AGE\nu,1\n".as_bytes(), "u")
            .label("dataset-import-job/running")
            .run()
            .unwrap();
    });
    let rig = restarted(&path, &Fake::default());
    let status = |name: &str| rig.record(&job(Kind::ImportJob, name)).job.status();
    assert_eq!(["before", "done", "running"].map(status), ["CREATE FAILED", "ACTIVE", "CREATE FAILED"]);
    let reason = rig.record(&job(Kind::ImportJob, "running")).job.failure_reason.unwrap();
    assert!(reason.contains("stopped") && reason.contains("as before"), "{reason}");
    assert_eq!(rig.record(&job(Kind::ImportJob, "done")).job.failure_reason, None);
    assert_eq!(rig.rows("shop/items"), ["i1,1.0,"]);
    assert!(rig.catalog.unfinished_jobs().is_empty());
    // What was settled stays so.
    let before = rig.catalog.jobs(Kind::ImportJob);
    drop(rig);
    assert_eq!(restarted(&path, &Fake::default()).catalog.jobs(Kind::ImportJob), before);
}

#[test]
fn an_export_is_settled_by_its_object() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let objects = Fake::default();
    left(&path, |_, catalog| {
        for name in ["waiting", "whole", "absent"] {
            let id = create(catalog, name, export("ITEMS", "s3://out", IngestionMode::Put));
            if name != "waiting" {
                catalog.start_job(&id).unwrap();
            }
        }
    });
    objects.put("out/whole/part-00000.csv", "ITEM_ID,PRICE,GENRES\n");
    objects.put("out/waiting/part-00000.csv", "somebody's");
    let rig = restarted(&path, &objects);
    let status = |name: &str| rig.record(&job(Kind::ExportJob, name)).job.status();
    assert_eq!(["waiting", "whole", "absent"].map(status), ["CREATE FAILED", "ACTIVE", "CREATE FAILED"]);
}

#[test]
fn a_deletion_is_settled_by_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    left(&path, |store, catalog| {
        let users = store.dataset("shop/users").unwrap();
        users.put((0..5).map(|user| record! { "USER_ID" => format!("u{user}"), "AGE" => 1 })).unwrap();
        let plans = Plans::open(store).unwrap();
        // Of an earlier job, before the plan of the next.
        store.delete_users(Some("shop"), &["u0"], false).unwrap();
        for name in ["waiting", "planned", "done"] {
            let id = create(catalog, name, deletion("s3://b/"));
            if name == "waiting" {
                continue;
            }
            catalog.start_job(&id).unwrap();
            if name == "planned" {
                continue;
            }
            let foreseen = store.delete_users(Some("shop"), &["u1", "u2", "none"], true).unwrap();
            plans.keep(&id, &deletion::Plan::of(&foreseen)).unwrap();
            store.delete_users(Some("shop"), &["u1", "u2", "none"], false).unwrap();
        }
        let id = create(catalog, "undone", deletion("s3://b/"));
        catalog.start_job(&id).unwrap();
        let foreseen = store.delete_users(Some("shop"), &["u3"], true).unwrap();
        plans.keep(&id, &deletion::Plan::of(&foreseen)).unwrap();
    });
    let rig = restarted(&path, &Fake::default());
    let outcome = |name: &str| {
        let job = rig.record(&job(Kind::DeletionJob, name)).job;
        (job.status(), job.num_deleted)
    };
    assert_eq!(outcome("done"), ("COMPLETED", Some(2)));
    for name in ["waiting", "planned", "undone"] {
        assert_eq!(outcome(name), ("FAILED", None), "{name}");
    }
    assert_eq!(rig.rows("shop/users"), ["u3,1", "u4,1"]);
}

#[test]
fn names_and_jobs_go_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    left(&path, |_, _| {});
    let objects = Fake::default();
    objects.put("b/1.csv", ROWS);
    let rig = restarted(&path, &objects);
    rig.run("first", full("ITEMS", "s3://b/1.csv")).unwrap();
    drop(rig);
    let rig = restarted(&path, &objects);
    assert_eq!(rig.record(&job(Kind::ImportJob, "first")).job.status(), "ACTIVE");
    rig.run("second", import("ITEMS", "s3://b/1.csv", ImportMode::Incremental)).unwrap();
}
