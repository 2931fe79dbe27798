//! S4: imports leave individual rows alone; what each view shows.

use restock_store::View;

use crate::rig::Rig;

const VIEWS: [View; 4] = [View::Merged, View::Newest, View::Bulk, View::Individual];

/// The four views of `items`, and that point reads agree with the scans.
fn views(rig: &Rig) -> [Vec<String>; 4] {
    VIEWS.map(|view| {
        let rows = rig.rows("items", view);
        for id in ["a", "b", "c", "d", "e"] {
            let mut found = rows.iter().filter(|row| row.starts_with(&format!("{id} ")));
            assert_eq!(rig.get("items", id, view).as_ref(), found.next(), "{id} in {view:?}");
            assert_eq!(found.next(), None, "{id} appears once in {view:?}");
        }
        rows
    })
}

fn strings(rows: &[&str]) -> Vec<String> {
    rows.iter().map(|row| (*row).to_owned()).collect()
}

/// Runs a check on the rows in the log, flushed, and opened again.
fn in_every_state(check: impl Fn(&Rig, &str)) {
    for state in ["in the log", "flushed", "reopened", "compacted"] {
        let rig = Rig::on_disk();
        rig.full("items", &["a bulk 1", "b bulk 2", "c bulk 3"]);
        rig.put("items", &["b mine 20", "d mine 40"]);
        let rig = match state {
            "flushed" => {
                rig.store.flush().unwrap();
                rig
            }
            "compacted" => {
                rig.compact();
                rig
            }
            "reopened" => rig.reopen(),
            _ => rig,
        };
        check(&rig, state);
        rig.verify();
    }
}

#[test]
fn the_individual_row_shadows_the_bulk_row_wherever_it_is_stored() {
    in_every_state(|rig, state| {
        let [merged, newest, bulk, individual] = views(rig);
        assert_eq!(merged, ["a bulk 1.0", "c bulk 3.0", "b mine 20.0", "d mine 40.0"], "{state}");
        assert_eq!(newest, merged, "{state}: the put came after the import");
        assert_eq!(bulk, ["a bulk 1.0", "b bulk 2.0", "c bulk 3.0"], "{state}");
        assert_eq!(individual, ["b mine 20.0", "d mine 40.0"], "{state}");
    });
}

#[test]
fn an_import_after_the_put_is_newer_and_still_shadowed() {
    in_every_state(|rig, state| {
        rig.incremental("items", &["b again 200", "d again 400"]);
        let [merged, newest, bulk, individual] = views(rig);
        assert_eq!(merged, ["a bulk 1.0", "c bulk 3.0", "b mine 20.0", "d mine 40.0"], "{state}");
        assert_eq!(newest, ["a bulk 1.0", "c bulk 3.0", "b again 200.0", "d again 400.0"], "{state}");
        assert_eq!(bulk, newest, "{state}");
        assert_eq!(individual, ["b mine 20.0", "d mine 40.0"], "{state}");
        rig.put("items", &["b newest 2"]);
        let [merged, newest, ..] = views(rig);
        assert_eq!(merged, ["a bulk 1.0", "c bulk 3.0", "d mine 40.0", "b newest 2.0"], "{state}");
        assert_eq!(newest, ["a bulk 1.0", "c bulk 3.0", "d again 400.0", "b newest 2.0"], "{state}");
    });
}

/// The commits that `newest` compares survive flushes, compactions and undo.
#[test]
fn what_is_newest_outlives_compaction_and_undo() {
    let rig = Rig::on_disk();
    rig.full("items", &["a bulk 1"]);
    rig.put("items", &["a mine 10", "b mine 20"]);
    rig.incremental("items", &["b bulk 2"]);
    let newest = ["a mine 10.0".to_owned(), "b bulk 2.0".to_owned()];
    let sorted = |rig: &Rig| {
        let mut rows = rig.rows("items", View::Newest);
        rows.sort();
        rows
    };
    assert_eq!(sorted(&rig), newest);
    rig.compact();
    assert_eq!(sorted(&rig), newest);
    rig.full("items", &["b later 3"]);
    rig.undo("items").unwrap();
    assert_eq!(sorted(&rig), newest);
    let rig = rig.reopen();
    rig.compact();
    rig.vacuum();
    assert_eq!(sorted(&rig), newest);
    rig.verify();
}

#[test]
fn without_record_id_merged_and_newest_are_all_rows() {
    let rig = Rig::in_memory();
    rig.full("interactions", &["u a 1 view"]);
    rig.put("interactions", &["u a 1 view"]);
    rig.incremental("interactions", &["u a 1 view"]);
    let all = strings(&["u a 1 view"; 3]);
    assert_eq!(rig.rows("interactions", View::Merged), all);
    assert_eq!(rig.rows("interactions", View::Newest), all);
}
