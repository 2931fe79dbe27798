//! Scans: projection, filters, limits, masks.

use restock_store::{FilterValue, Scan, View};

use crate::rig::{Rig, text};

fn rows(scan: Scan) -> Vec<String> {
    scan.batches().unwrap().flat_map(|batch| text(&batch.unwrap())).collect()
}

fn prepared() -> Rig {
    let rig = Rig::in_memory();
    rig.full("items", &["a x 1", "b y 2.5", "c - -", "d x 4"]);
    rig.put("items", &["b x 20", "e y -"]);
    rig
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let rig = prepared();
    let scan = || rig.dataset("items").scan();
    assert_eq!(rows(scan().columns(["PRICE", "ITEM_ID"])), ["1.0 a", "- c", "4.0 d", "20.0 b", "- e"]);
    let none: Vec<_> = scan().columns([""; 0]).batches().unwrap().collect();
    assert_eq!(none.iter().map(|batch| batch.as_ref().unwrap().num_rows()).sum::<usize>(), 5);
    let error = scan().columns(["PRIZE"]).batches().unwrap_err().to_string();
    assert!(error.contains("no column `PRIZE`; there is `PRICE`"), "{error}");
}

#[test]
fn filters_compare_as_the_columns_type_and_never_meet_null() {
    let rig = prepared();
    let scan = || rig.dataset("items").scan();
    assert_eq!(rows(scan().filter("CATEGORY", ["x"])), ["a x 1.0", "d x 4.0", "b x 20.0"]);
    assert_eq!(rows(scan().filter("ITEM_ID", ["b", "d", "nobody"])), ["d x 4.0", "b x 20.0"]);
    assert_eq!(rows(scan().filter("ITEM_ID", ["b"]).view(View::Bulk)), ["b y 2.5"]);
    assert_eq!(rows(scan().filter("PRICE", ["2.5"]).view(View::Bulk)), ["b y 2.5"]);
    assert_eq!(rows(scan().between("PRICE", 1.0, 4.0)), ["a x 1.0", "d x 4.0"]);
    assert_eq!(rows(scan().range("PRICE", Some(4.0), None)), ["d x 4.0", "b x 20.0"]);
    assert_eq!(rows(scan().between("ITEM_ID", "b", "d")), ["c - -", "d x 4.0", "b x 20.0"]);
    let both = scan().filter("CATEGORY", ["x"]).range::<FilterValue>("PRICE", None, Some(4.0.into()));
    assert_eq!(rows(both), ["a x 1.0", "d x 4.0"]);
    for refused in [
        scan().filter("PRICE", ["cheap"]),
        scan().filter("CATEGORY", [1i64]),
        scan().between("PRICE", "a", "b"),
    ] {
        assert!(refused.batches().is_err());
    }
}

#[test]
fn a_limit_ends_the_scan() {
    let rig = prepared();
    let scan = || rig.dataset("items").scan();
    assert_eq!(rows(scan().limit(2)), ["a x 1.0", "c - -"]);
    assert_eq!(rows(scan().limit(4)).len(), 4);
    assert_eq!(rows(scan().limit(0)), [""; 0]);
    assert_eq!(rows(scan().filter("CATEGORY", ["x"]).limit(3)).len(), 3);
}

#[test]
fn masked_batches_lie_as_in_the_segments() {
    let rig = prepared();
    let masked: Vec<_> = rig.dataset("items").scan().masked().unwrap().map(Result::unwrap).collect();
    let shown: Vec<usize> = masked
        .iter()
        .map(|batch| batch.mask.as_ref().map_or(batch.batch.num_rows(), |mask| mask.count_set_bits()))
        .collect();
    assert_eq!((masked[0].batch.num_rows(), shown), (4, vec![3, 2]));
}

/// Above the size where every batch is looked at: a lookup by ID through the filter.
#[test]
fn a_filter_on_the_record_id_finds_rows_in_any_batch() {
    let rig = Rig::in_memory();
    let all: Vec<String> = (0..5000).map(|n| format!("i{n} c{} {n}", n % 300)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let batches: Vec<&[&str]> = all.chunks(64).collect();
    rig.import_batches("items", Default::default(), &batches).unwrap();
    let scan = || rig.dataset("items").scan();
    for n in [0, 63, 64, 2500, 4999] {
        let expected = vec![format!("i{n} c{} {n}.0", n % 300)];
        assert_eq!(rows(scan().filter("ITEM_ID", [format!("i{n}")])), expected);
        assert_eq!(
            rig.get("items", &format!("i{n}"), View::Merged).into_iter().collect::<Vec<_>>(),
            expected
        );
    }
    assert_eq!(rows(scan().filter("CATEGORY", ["c7"])).len(), 17);
}
