//! S6: an import is all or nothing, and leaves nothing behind.

use std::io::{self, Cursor, Read};

use restock::{Cancel, Dataset, ImportMode, OnError, View};

use crate::catalog::{Catalog, csv, full, put, rows};

/// A shop on disk with rows of both origins.
fn shop() -> Catalog {
    let shop = Catalog::on_disk();
    full(&shop.items, &["i1,Drama,1"]);
    put(&shop.items, "i2,Mine,2");
    shop
}

/// Runs what must fail; afterwards every file of the store is as it was, to the byte.
fn changes_nothing(shop: &Catalog, act: impl FnOnce(&Dataset)) {
    let (files, version) = (shop.files(), shop.store.snapshot().version());
    act(&shop.items);
    let names = |files: &[(std::path::PathBuf, Vec<u8>)]| -> Vec<_> {
        files.iter().map(|(path, _)| path.clone()).collect()
    };
    let now = shop.files();
    assert_eq!(names(&now), names(&files));
    assert!(now == files, "a file of the store changed");
    assert_eq!(shop.store.snapshot().version(), version);
    assert_eq!(rows(&shop.items, View::Merged), ["i1,Drama,1", "i2,Mine,2"]);
}

/// Many rows, then what the function does.
struct Then<F>(Cursor<String>, F);

impl<F: FnMut() -> io::Result<usize>> Read for Then<F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 => (self.1)(),
            read => Ok(read),
        }
    }
}

fn many(items: &Dataset) -> Cursor<String> {
    let lines: Vec<String> = (0..50_000).map(|row| format!("new{row},Drama,{row}")).collect();
    Cursor::new(csv(items, &lines.iter().map(String::as_str).collect::<Vec<_>>()))
}

#[test]
fn an_import_with_a_bad_row_changes_nothing() {
    changes_nothing(&shop(), |items| {
        let text = format!("{}bad,Drama,cheap\n", many(items).into_inner());
        items.import_reader(Cursor::new(text), "bad").run().unwrap_err();
    });
}

#[test]
fn an_import_whose_source_breaks_changes_nothing() {
    changes_nothing(&shop(), |items| {
        let source = Then(many(items), || Err(io::Error::other("the line went dead")));
        let error = items.import_reader(source, "broken").on_error(OnError::Skip).run().unwrap_err();
        assert!(error.to_string().contains("the line went dead"), "{error}");
    });
}

#[test]
fn a_cancelled_import_changes_nothing() {
    changes_nothing(&shop(), |items| {
        let cancel = Cancel::new();
        let flag = cancel.clone();
        let source = Then(many(items), move || {
            flag.cancel();
            Ok(0)
        });
        let error = items.import_reader(source, "cancelled").cancel(cancel).run().unwrap_err();
        assert!(error.is_cancelled(), "{error}");
    });
}

#[test]
fn a_dry_run_changes_nothing_and_says_what_the_import_would_do() {
    let shop = shop();
    let import = |items: &Dataset| items.import_reader(many(items), "new").mode(ImportMode::Full);
    let version = shop.store.snapshot().version();
    changes_nothing(&shop, |items| {
        let report = import(items).dry_run().unwrap();
        assert_eq!((report.appended, report.removed, report.gone), (50_000, 1, Some(1)));
        assert_eq!((report.version, report.dry_run), (version, true));
    });
    let report = import(&shop.items).run().unwrap();
    assert_eq!((report.appended, report.removed, report.gone), (50_000, 1, Some(1)));
}

#[test]
fn an_import_that_was_never_run_changes_nothing() {
    changes_nothing(&shop(), |items| drop(items.import_reader(many(items), "unused").mode(ImportMode::Full)));
}

#[test]
fn until_its_commit_nothing_of_an_import_is_visible() {
    let shop = shop();
    let items = shop.items.clone();
    let source = Then(many(&shop.items), move || {
        assert_eq!(rows(&items, View::Merged), ["i1,Drama,1", "i2,Mine,2"]);
        Ok(0)
    });
    let report = shop.items.import_reader(source, "watched").mode(ImportMode::Incremental).run().unwrap();
    assert_eq!(report.bulk_rows, 50_001);
    assert_eq!(rows(&shop.items, View::Merged).len(), 50_002);
}

#[test]
fn the_same_label_again_is_refused_as_done() {
    let shop = shop();
    let run = || shop.items.import_reader(many(&shop.items), "labelled").label("monday").run();
    run().unwrap();
    let error = run().unwrap_err().to_string();
    assert!(error.contains("`monday`") && error.contains("already done"), "{error}");
}
