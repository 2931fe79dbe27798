//! Every input that is checked in, through its target: without libFuzzer, with the ordinary tests.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use restock_fuzz::TARGETS;

/// The files of a folder, which may be missing.
fn inputs(kind: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn replay(name: &str) {
    let (_, run) = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
    let seeds = inputs("corpus", name);
    assert!(!seeds.is_empty(), "{name} has no seed");
    for path in seeds.into_iter().chain(inputs("regressions", name)) {
        // Shown if it fails.
        println!("{}", path.display());
        run(&fs::read(&path).unwrap());
    }
    run(&[]);
}

macro_rules! targets {
    ($($target:ident),*) => {
        /// The targets that have a test below.
        const TESTED: &[&str] = &[$(stringify!($target)),*];

        $(#[test]
        fn $target() {
            replay(stringify!($target));
        })*
    };
}

targets!(csv, avro, manifest, log, vectors, keys, segment, store);

#[test]
fn every_target_is_tested_and_every_folder_is_a_targets() {
    let targets: Vec<&str> = TARGETS.iter().map(|(target, _)| *target).collect();
    assert_eq!(targets, TESTED);
    for kind in ["corpus", "regressions"] {
        for folder in inputs(kind, "") {
            assert!(targets.iter().any(|target| folder.ends_with(target)), "{}", folder.display());
        }
    }
}
