//! Repository tasks, in Rust so that they run wherever Restock builds.
//!
//! `cargo xtask test` is the one command that tests everything; CI runs it and nothing else.

use std::process::{Command, ExitCode};
use std::time::Instant;

mod clients;
mod fuzz;
mod links;
mod trust;

const HELP: &str = "\
Usage: cargo xtask TASK

  test    formatting, lints, every test, doctests, examples, benches (compiled), links of the documents,
          and clients of AWS from the Python package index against the endpoint
  lint    formatting and lints only
  links   links of the documents only
  clients those clients only, once the binary is built
  trust   the long forms of the tests behind docs/durability.md, with their figures (half an hour);
          `cargo xtask trust FORM` runs one: crash, failures, damage, interleavings,
          processes, hostile, kills
  fuzz    the fuzz targets, 10 minutes each; `cargo xtask fuzz TARGET --minutes N` runs one (crates/fuzz/README.md)";

/// A scheduler's locks in the place of the system's: built and run apart from all other tests.
const INTERLEAVINGS: &str = "--workspace --locked --features restock-store/shuttle --test interleavings";

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    let done = match task.as_str() {
        "test" => lint().and_then(|()| test()),
        "lint" => lint(),
        "links" => links::check(),
        "clients" => clients::run(),
        "fuzz" => fuzz::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        "trust" => trust::run(std::env::args().nth(2).as_deref()),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("xtask: {failed}");
            ExitCode::FAILURE
        }
    }
}

fn lint() -> Result<(), String> {
    run("cargo fmt --all --check")?;
    run("cargo clippy --workspace --all-targets --locked -- -D warnings")?;
    run(&format!("cargo clippy {INTERLEAVINGS} -- -D warnings"))
}

fn test() -> Result<(), String> {
    links::check()?;
    // Built first and apart, so that a log shows what took the time.
    run("cargo test --workspace --all-targets --locked --no-run")?;
    // nextest runs tests beside each other across binaries; where it is missing cargo's own runner does.
    let nextest = Command::new("cargo").args(["nextest", "--version"]).output();
    if nextest.is_ok_and(|output| output.status.success()) {
        run("cargo nextest run --workspace --locked --no-fail-fast")?;
    } else {
        run("cargo test --workspace --locked --tests --lib --bins --no-fail-fast")?;
    }
    run(&format!("cargo test {INTERLEAVINGS}"))?;
    run("cargo test --workspace --locked --doc")?;
    run_example("item_to_item")?;
    clients::run()
}

/// Runs an example that was built with the tests. `cargo run` of one package would build its dependencies again, with its
/// own choice of their features.
fn run_example(name: &str) -> Result<(), String> {
    let this = std::env::current_exe().map_err(|error| format!("cannot find the build folder: {error}"))?;
    let program = this.parent().ok_or("xtask stands in no folder")?.join("examples").join(name);
    execute(&mut Command::new(&program), &program.display().to_string())
}

/// Runs a command of plain words, shown before it runs.
fn run(line: &str) -> Result<(), String> {
    let mut words = line.split(' ');
    let program = words.next().unwrap_or_default();
    execute(Command::new(program).args(words), line)
}

fn execute(command: &mut Command, line: &str) -> Result<(), String> {
    eprintln!("\n$ {line}");
    let started = Instant::now();
    let status = command.status().map_err(|e| format!("{line}: {e}"))?;
    eprintln!("({:.0} s)", started.elapsed().as_secs_f64());
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}
