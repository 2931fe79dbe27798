use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::time::{Duration, SystemTime};

use super::Original;

#[test]
fn a_file_that_is_cut_extended_or_written_to_has_changed_and_a_replaced_one_has_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("items.csv");
    let open = || {
        fs::write(&path, "ITEM_ID\ni1\n").unwrap();
        let past = SystemTime::now() - Duration::from_secs(60);
        OpenOptions::new().write(true).open(&path).unwrap().set_modified(past).unwrap();
        Original::of(&File::open(&path).unwrap()).unwrap().unwrap()
    };
    let told = |original: Original| original.check("items.csv").unwrap_err().to_string();
    open().check("items.csv").unwrap();

    let original = open();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(8).unwrap();
    assert_eq!(
        told(original),
        "items.csv: it changed while it was read (it had 11 bytes and has 8): run the import again when nobody writes \
         to it"
    );
    let original = open();
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"i2\n").unwrap();
    assert!(told(original).contains("it had 11 bytes and has 14"));
    let original = open();
    OpenOptions::new().write(true).open(&path).unwrap().write_all(b"ITEM_ID\ni3\n").unwrap();
    assert!(told(original).contains("it was written to"));

    let original = open();
    let other = folder.path().join("other.csv");
    fs::write(&other, "ITEM_ID\n").unwrap();
    fs::rename(other, &path).unwrap();
    original.check("items.csv").unwrap();
}
