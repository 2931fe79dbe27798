//! libFuzzer over the target that the environment names; `cargo xtask fuzz` builds and runs it.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use restock_fuzz::{Run, TARGETS};

static TARGET: OnceLock<Run> = OnceLock::new();

fuzz_target!(init: TARGET.get_or_init(named), |data: &[u8]| {
    TARGET.get_or_init(named)(data);
});

fn named() -> Run {
    let name = std::env::var("RESTOCK_FUZZ_TARGET").unwrap_or_default();
    match TARGETS.iter().find(|(target, _)| *target == name) {
        Some((_, run)) => *run,
        None => {
            eprintln!("RESTOCK_FUZZ_TARGET is `{name}`, which is no target");
            std::process::exit(2);
        }
    }
}
