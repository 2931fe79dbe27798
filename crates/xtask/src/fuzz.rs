//! Runs the targets of `crates/fuzz` under libFuzzer, with the coverage counters that a stable compiler has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The targets and the longest input that each tries: what is read slowly gets less.
const TARGETS: [(&str, u32); 8] = [
    ("csv", 4096),
    ("avro", 8192),
    ("manifest", 16384),
    ("log", 8192),
    ("vectors", 8192),
    ("keys", 8192),
    ("segment", 16384),
    ("store", 32768),
];

/// What libFuzzer needs of the compiler: `cargo fuzz --sanitizer none` says the same.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// A file that hangs a reader or takes much memory is a finding, too.
const LIMITS: [&str; 4] =
    ["-timeout=20", "-rss_limit_mb=2048", "-malloc_limit_mb=512", "-print_final_stats=1"];

/// What `cargo xtask fuzz` was asked for.
struct Asked {
    targets: Vec<(&'static str, u32)>,
    minutes: u32,
    /// For libFuzzer, in the place of a run.
    rest: Vec<String>,
}

/// Runs the targets that `args` name.
pub fn run(args: &[String]) -> Result<(), String> {
    let asked = asked(args)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().map_err(|e| e.to_string())?;
    let program = build(&root)?;
    let mut figures = Vec::new();
    let mut found = 0;
    for (target, length) in &asked.targets {
        let (figure, crashes) = fuzz(&root, &program, target, *length, &asked)?;
        figures.push(figure);
        found += crashes;
    }
    println!("\n{}", figures.join("\n"));
    if found == 0 { Ok(()) } else { Err(format!("{found} inputs broke a promise")) }
}

fn asked(args: &[String]) -> Result<Asked, String> {
    let mut asked = Asked { targets: TARGETS.to_vec(), minutes: 10, rest: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "all" => asked.targets = TARGETS.to_vec(),
            "--minutes" => {
                let minutes = args.next().and_then(|minutes| minutes.parse().ok());
                // libFuzzer takes none for no end.
                let minutes = minutes.filter(|minutes| *minutes > 0);
                asked.minutes = minutes.ok_or("--minutes needs a whole number above 0")?;
            }
            "--" => asked.rest.extend(args.by_ref().cloned()),
            name => match TARGETS.iter().find(|(target, _)| *target == name) {
                Some(target) => asked.targets = vec![*target],
                None => return Err(format!("there is no target `{name}`; there is {}", names())),
            },
        }
    }
    Ok(asked)
}

fn names() -> String {
    TARGETS.map(|(name, _)| name).join(", ")
}

/// Builds the targets; where the program is.
fn build(root: &Path) -> Result<PathBuf, String> {
    let about = Command::new("rustc").arg("-vV").output().map_err(|e| format!("rustc -vV: {e}"))?;
    let about = String::from_utf8_lossy(&about.stdout).into_owned();
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc -vV names no host")?;
    let line = format!(
        "cargo build --locked --package restock-fuzz --bin fuzz --features libfuzzer --profile fuzz --target {host} \
         --target-dir target/fuzz"
    );
    eprintln!("\n$ RUSTFLAGS='{FLAGS}' {line}");
    let mut words = line.split_whitespace();
    let program = words.next().unwrap_or_default();
    // With `--target`, so that the flags reach neither build scripts nor macros.
    let built = Command::new(program).args(words).env("RUSTFLAGS", FLAGS).current_dir(root).status();
    match built {
        Ok(status) if status.success() => Ok(root.join("target/fuzz").join(host).join("fuzz/fuzz")),
        Ok(status) => Err(format!("the targets could not be built ({status})")),
        Err(error) => Err(format!("{line}: {error}")),
    }
}

/// Runs one target; its figures, and how many inputs it found.
fn fuzz(
    root: &Path,
    program: &Path,
    target: &str,
    length: u32,
    asked: &Asked,
) -> Result<(String, usize), String> {
    let failed = |error: std::io::Error| format!("{target}: {error}");
    let scratch = root.join("target/fuzz/runs").join(target);
    let (corpus, found) = (scratch.join("corpus"), scratch.join("found"));
    fs::create_dir_all(&corpus).map_err(failed)?;
    fs::create_dir_all(&found).map_err(failed)?;
    let output = scratch.join("output.txt");
    let mut command = Command::new(program);
    command.current_dir(root).env("RESTOCK_FUZZ_TARGET", target).stdin(Stdio::null());
    command.args(LIMITS).arg(format!("-max_len={length}"));
    command.arg(format!("-artifact_prefix={}/", found.display()));
    if !asked.rest.is_empty() {
        let status = command.args(&asked.rest).status().map_err(failed)?;
        return if status.success() {
            Ok((String::new(), 0))
        } else {
            Err(format!("{target} ended with {status}"))
        };
    }
    eprintln!("\n{target}: {} minutes; what libFuzzer says goes to {}", asked.minutes, output.display());
    let checked_in = ["corpus", "regressions"].map(|kind| root.join("crates/fuzz").join(kind).join(target));
    let before = files(&found);
    let started = Instant::now();
    let status = command
        .arg(format!("-max_total_time={}", 60 * asked.minutes))
        .arg(&corpus)
        .args(checked_in.iter().filter(|folder| folder.is_dir()))
        .stderr(fs::File::create(&output).map_err(failed)?)
        .status()
        .map_err(failed)?;
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    let said = String::from_utf8_lossy(&fs::read(&output).map_err(failed)?).into_owned();
    let crashes = files(&found).saturating_sub(before).max(usize::from(!status.success()));
    let figure = figures(target, minutes, &said, crashes);
    if asked.targets.len() > 1 {
        eprintln!("{figure}");
    }
    if crashes > 0 {
        eprintln!("see {} and {}", output.display(), found.display());
    }
    Ok((figure, crashes))
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

/// A line of what libFuzzer said.
fn figures(target: &str, minutes: f64, said: &str, crashes: usize) -> String {
    let after = |word: &str| {
        let at = said.rfind(word)?;
        said.get(at + word.len()..)?.split_whitespace().next()?.parse::<u64>().ok()
    };
    // A run that a finding ended has no last statistics, only the number in front of its last line.
    let pulse =
        said.lines().rev().find_map(|line| line.strip_prefix('#')?.split_whitespace().next()?.parse().ok());
    let executions = after("stat::number_of_executed_units:").or(pulse).unwrap_or(0);
    let rate = executions as f64 / (60.0 * minutes).max(1.0);
    let (edges, features) = (after(" cov: ").unwrap_or(0), after(" ft: ").unwrap_or(0));
    format!(
        "fuzz {target}: {minutes:.1} minutes, {executions} executions, {rate:.0} a second, \
         {edges} edges, {features} features, {crashes} findings"
    )
}
