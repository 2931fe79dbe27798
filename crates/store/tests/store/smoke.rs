//! Everything once, in one store on disk.

use restock_store::View;

use crate::rig::Rig;

#[test]
fn a_store_goes_through_its_whole_life() {
    let rig = Rig::on_disk();
    assert_eq!(rig.full("items", &["a x 1.5", "b y 2.5", "c - -"]).bulk_rows, 3);
    assert_eq!(rig.incremental("items", &["b z 9.0", "d x 4.0"]).replaced, 1);
    rig.full("interactions", &["u1 a 100 view", "u2 b 200 click"]);
    rig.put("items", &["a mine 7.0"]);
    rig.put("interactions", &["u1 c 300 buy"]);
    let merged = ["c - -", "b z 9.0", "d x 4.0", "a mine 7.0"];
    assert_eq!(rig.merged("items"), merged);
    assert_eq!(rig.get("items", "a", View::Bulk).unwrap(), "a x 1.5");
    assert_eq!(rig.get("items", "a", View::Merged).unwrap(), "a mine 7.0");
    rig.verify();
    let rig = rig.reopen();
    assert_eq!(rig.merged("items"), merged);
    rig.undo("items").unwrap();
    assert_eq!(rig.merged("items"), ["b y 2.5", "c - -", "a mine 7.0"]);
    assert_eq!(rig.delete("items", &["c", "nobody"]), 1);
    rig.compact();
    rig.vacuum();
    rig.verify();
    let rig = rig.reopen();
    assert_eq!(rig.merged("items"), ["b y 2.5", "a mine 7.0"]);
    assert_eq!(rig.merged("interactions"), ["u1 a 100 view", "u2 b 200 click", "u1 c 300 buy"]);
    rig.verify();
}
