//! S2: an INCREMENTAL import replaces whole bulk records by ID and appends the others.

use restock_store::View;

use crate::rig::Rig;

#[test]
fn a_record_of_the_same_id_is_replaced_whole_without_a_merge_of_columns() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1", "b y 2", "c z 3"]);
    let outcome = rig.incremental("items", &["b - 20", "d w 40"]);
    assert_eq!((outcome.replaced, outcome.appended, outcome.removed, outcome.bulk_rows), (1, 1, 0, 4));
    assert_eq!(outcome.gone, None);
    assert_eq!(rig.merged("items"), ["a x 1.0", "c z 3.0", "b - 20.0", "d w 40.0"]);
    rig.verify();
}

#[test]
fn rows_without_record_id_are_appended() {
    let rig = Rig::in_memory();
    rig.full("interactions", &["u1 a 1 view"]);
    let outcome = rig.incremental("interactions", &["u1 a 1 view", "u2 b 2 buy"]);
    assert_eq!((outcome.replaced, outcome.appended, outcome.bulk_rows), (0, 2, 3));
    assert_eq!(rig.merged("interactions"), ["u1 a 1 view", "u1 a 1 view", "u2 b 2 buy"]);
    rig.verify();
}

#[test]
fn an_import_without_rows_is_a_commit_that_changes_no_row() {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1"]);
    let outcome = rig.incremental("items", &[]);
    assert_eq!((outcome.replaced, outcome.appended, outcome.bulk_rows), (0, 0, 1));
    assert_eq!(rig.merged("items"), ["a x 1.0"]);
    rig.verify();
}

/// A hundred imports, each replacing some IDs of those before: rows, order and counts as a naive table has
/// them, whatever segments the merging leaves.
#[test]
fn many_imports_give_what_a_naive_table_gives() {
    let rig = Rig::in_memory();
    rig.full("items", &["i0 x 0"]);
    let mut table: Vec<(String, String)> = vec![("i0".into(), "i0 x 0.0".into())];
    for round in 1..100u64 {
        let rows: Vec<String> =
            (0..7).map(|k| format!("i{} r{round} {round}", (round * 13 + k * 7) % 61)).collect();
        rig.incremental("items", &rows.iter().map(String::as_str).collect::<Vec<_>>());
        for row in rows {
            let id = row.split(' ').next().unwrap().to_owned();
            table.retain(|(other, _)| *other != id);
            table.push((id, format!("{row}.0")));
        }
        let expected: Vec<&String> = table.iter().map(|(_, row)| row).collect();
        assert_eq!(rig.rows("items", View::Bulk).iter().collect::<Vec<_>>(), expected, "round {round}");
    }
    rig.verify();
    let segments = rig.store.info().unwrap().datasets[1].segments;
    assert!(segments <= 16, "100 imports left {segments} segments");
}
