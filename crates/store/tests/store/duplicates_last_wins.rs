//! S5: of equal record IDs in one import the last in order wins.

use restock_store::{ImportMode, ImportRequest};

use crate::rig::Rig;

#[test]
fn the_last_row_of_an_id_wins_within_and_across_batches() {
    for mode in [ImportMode::Full, ImportMode::Incremental] {
        let rig = Rig::in_memory();
        rig.full("items", &["a old 0", "z old 0"]);
        let request = ImportRequest { mode, ..Default::default() };
        let batches: [&[&str]; 3] = [&["a x 1", "b x 2", "a x 3"], &[], &["b y 4", "c y 5", "a y 6"]];
        let outcome = rig.import_batches("items", request, &batches).unwrap();
        assert_eq!(outcome.superseded, 3);
        let replaced = u64::from(mode == ImportMode::Incremental);
        assert_eq!((outcome.replaced, outcome.appended), (replaced, 3 - replaced));
        let new = ["b y 4.0", "c y 5.0", "a y 6.0"];
        let rows = rig.merged("items");
        assert_eq!(rows[rows.len() - 3..], new, "superseded rows leave no gap in the order");
        rig.verify();
    }
}

#[test]
fn rows_of_one_id_only_cost_no_square_of_their_number() {
    let rig = Rig::in_memory();
    let rows = vec!["same x 1"; 100_000];
    rig.full("items", &rows);
    let began = std::time::Instant::now();
    let outcome = rig.incremental("items", &rows);
    assert_eq!((outcome.superseded, outcome.replaced), (99_999, 1));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    rig.verify();
}

#[test]
fn of_equal_ids_in_one_put_the_last_wins() {
    let rig = Rig::in_memory();
    let report = rig.put("items", &["a x 1", "b x 2", "a x 3"]);
    assert_eq!((report.accepted, report.appended, report.replaced), (2, 2, 0));
    assert_eq!(rig.merged("items"), ["b x 2.0", "a x 3.0"]);
}
