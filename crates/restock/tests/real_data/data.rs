//! The data sets beside the repository, converted once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use restock::{Dataset, DatasetType, Schema, Store, View};

/// Where they are, if they are.
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

/// A converted data set.
pub(crate) struct Set(PathBuf);

impl Set {
    /// Converts a set into CSV files and schemas, or finds them converted; `None`, and a note, where it cannot.
    pub(crate) fn converted(name: &str, options: &[&str]) -> Option<Set> {
        let script = Path::new(SHARED).join(name).join("convert.py");
        if !script.exists() {
            println!("skipped: there is no {}", script.display());
            return None;
        }
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real-data");
        let done = home.join(format!("{name}{}", options.concat()));
        if !done.exists() {
            fs::create_dir_all(&home).unwrap();
            let aside = tempfile::tempdir_in(&home).unwrap();
            let Ok(output) = Command::new("python3").arg(&script).arg(aside.path()).args(options).output()
            else {
                println!("skipped: no python3");
                return None;
            };
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            // Another test may have been first; both have the same files.
            drop(fs::rename(aside.keep(), &done));
        }
        Some(Set(done))
    }

    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.join(path)
    }

    /// The part of the set in a folder of its own.
    pub(crate) fn part(&self, folder: &str) -> Set {
        Set(self.path(folder))
    }

    pub(crate) fn csv(&self, dataset_type: DatasetType) -> PathBuf {
        self.path(format!("{dataset_type}.csv"))
    }

    pub(crate) fn schema_file(&self, dataset_type: DatasetType) -> PathBuf {
        self.path(format!("schemas/{}.json", dataset_type.avro_name().unwrap()))
    }

    pub(crate) fn schema(&self, dataset_type: DatasetType) -> String {
        fs::read_to_string(self.schema_file(dataset_type)).unwrap()
    }

    /// An empty dataset for a part of the set.
    pub(crate) fn dataset(&self, store: &Store, dataset_type: DatasetType) -> Dataset {
        let schema = Schema::from_avro(&self.schema(dataset_type)).unwrap();
        store.create_dataset(&dataset_type.to_string(), dataset_type, schema).unwrap()
    }

    /// Exports the bulk rows and compares them with the file that was imported; the number of rows.
    pub(crate) fn compare(&self, dataset: &Dataset, options: &[&str]) -> u64 {
        let snapshot = dataset.snapshot().unwrap();
        let kind = snapshot.dataset_type();
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("export.csv");
        snapshot.export(&export).view(View::Bulk).run().unwrap();
        let mut script = Command::new("python3");
        script.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real_data/compare.py"));
        script
            .args([self.schema_file(kind), self.csv(kind), export])
            .args(snapshot.record_id())
            .args(options);
        let output = script.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
    }
}
