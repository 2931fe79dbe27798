//! S5: of equal record IDs within one import the last in order wins.

use restock::{ImportMode, View};

use crate::catalog::{Catalog, csv, full, rows};

#[test]
fn the_last_row_of_an_id_wins_and_the_others_are_counted() {
    let shop = Catalog::in_memory();
    let report = full(&shop.items, &["i1,Drama,1", "i2,Drama,2", "i1,Comedy,3", "i1,,4"]);
    assert_eq!((report.accepted, report.superseded, report.appended), (4, 2, 2));
    assert_eq!(rows(&shop.items, View::Bulk), ["i2,Drama,2", "i1,,4"]);
}

#[test]
fn over_several_files_the_order_of_the_sources_decides_whatever_the_number_of_threads() {
    for threads in [1, 2, 8] {
        let shop = Catalog::in_memory();
        let names: Vec<String> = (0..40).map(|number| format!("part-{number}.csv")).collect();
        // Every file has the same ID; the last one given wins, whichever is parsed first.
        let paths = names.iter().enumerate().map(|(number, name)| {
            let padding: Vec<String> =
                (0..40 - number).map(|row| format!("f{number}-{row},Drama,1")).collect();
            let mut lines: Vec<&str> = padding.iter().map(String::as_str).collect();
            let last = format!("same,File,{number}");
            lines.push(&last);
            shop.file(name, csv(&shop.items, &lines))
        });
        let paths: Vec<_> = paths.collect();
        let import = shop.items.import_all(&paths).mode(ImportMode::Full).threads(threads);
        assert_eq!(import.run().unwrap().superseded, 39);
        let same = shop.items.snapshot().unwrap().get("same").unwrap().unwrap();
        assert_eq!(same.get("PRICE"), Some(&39.0.into()), "with {threads} threads");
    }
}
