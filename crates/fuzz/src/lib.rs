//! Fuzz targets: each takes any bytes, and panics where a reader breaks a promise. `README.md` says how to run them.

mod avro;

use restock_store::fuzzing;

/// What runs a target.
pub type Run = fn(&[u8]);

/// Each target's name, and what runs it.
pub const TARGETS: &[(&str, Run)] = &[
    ("csv", restock_csv::fuzzing::csv),
    ("avro", avro::avro),
    ("manifest", fuzzing::manifest),
    ("log", fuzzing::log),
    ("vectors", fuzzing::vectors),
    ("keys", fuzzing::keys),
    ("segment", fuzzing::segment),
    ("store", fuzzing::store),
];
