//! Labels: an import is done at most once under one.

use restock_store::{Error, ImportMode, ImportOutcome, ImportRequest};

use crate::rig::Rig;

fn labelled(rig: &Rig, dataset: &str, label: &str) -> Result<ImportOutcome, Error> {
    let request =
        ImportRequest { mode: ImportMode::Full, label: Some(label.to_owned()), ..ImportRequest::default() };
    let row = if dataset == "items" { "a x 1" } else { "u x y" };
    rig.import_batches(dataset, request, &[&[row]])
}

#[test]
fn the_same_label_again_is_refused_as_done_also_after_reopening() {
    let rig = Rig::on_disk();
    let version = labelled(&rig, "items", "job-1").unwrap().version;
    let done = |rig: &Rig| {
        let error = labelled(rig, "items", "job-1").unwrap_err();
        assert!(matches!(&error, Error::LabelDone { version: v, .. } if *v == version), "{error}");
        assert!(error.to_string().contains("`job-1`"), "{error}");
    };
    done(&rig);
    labelled(&rig, "items", "job-2").unwrap();
    labelled(&rig, "users", "job-1").unwrap();
    let rig = rig.reopen();
    done(&rig);
    let last = rig.store.info().unwrap().datasets[1].last_import.clone().unwrap();
    assert_eq!((last.label.as_deref(), last.mode), (Some("job-2"), ImportMode::Full));
    assert_eq!(rig.store.history()[3].label.as_deref(), Some("job-1"));
}

#[test]
fn a_label_counts_only_when_its_import_was_committed() {
    let rig = Rig::in_memory();
    let request = ImportRequest { label: Some("job".into()), ..ImportRequest::default() };
    drop(rig.store.import(&crate::rig::name("items"), request).unwrap());
    labelled(&rig, "items", "job").unwrap();
}

/// Two retries at once: the second waits for the first, and then finds it done.
#[test]
fn of_two_imports_at_once_under_one_label_one_is_done() {
    let rig = Rig::in_memory();
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..4).map(|_| scope.spawn(|| labelled(&rig, "items", "job").is_ok())).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|done| **done).count(), 1);
}

/// A label stays done when its import is undone: the error says so, exactly.
#[test]
fn a_label_whose_import_was_taken_back_is_told_as_such() {
    let rig = Rig::in_memory();
    rig.store.set_undo_depth(5).unwrap();
    let undone = |label: &str| match labelled(&rig, "items", label).unwrap_err() {
        error @ Error::LabelDone { undone, .. } => (undone, error.to_string().contains("another label")),
        other => panic!("{other}"),
    };
    labelled(&rig, "items", "one").unwrap();
    labelled(&rig, "users", "other").unwrap();
    labelled(&rig, "items", "two").unwrap();
    let first = rig.undo("items").unwrap().version;
    labelled(&rig, "items", "three").unwrap();
    rig.store.flush().unwrap();
    rig.undo("users").unwrap();
    assert_eq!(
        [undone("one"), undone("two"), undone("three")],
        [(None, false), (Some(first), true), (None, false)]
    );
    let third = rig.undo("items").unwrap().version;
    let second = rig.undo("items").unwrap().version;
    assert_eq!(
        [undone("one").0, undone("two").0, undone("three").0],
        [Some(second), Some(first), Some(third)]
    );
}
