//! The long forms of the tests behind `docs/durability.md`, and the figures that they print.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// A long form: what it is called, and what runs.
struct Form {
    name: &'static str,
    /// How much of it, more than in `cargo xtask test`.
    amount: &'static [(&'static str, &'static str)],
    command: &'static str,
}

/// Each test prints a line that begins with one of these words, then how many it tried.
const FIGURES: [&str; 6] =
    ["crash points: ", "failures: ", "damage: ", "interleavings: ", "kills: ", "processes: "];

/// The same of a run on hostile input; the number is how many megabytes it took.
const HOSTILE: &str = "hostile: ";

const FORMS: [Form; 7] = [
    Form {
        name: "crash",
        amount: &[("RESTOCK_CRASH_POINTS", "4000")],
        command: "cargo test --workspace --locked --test semantics crash:: -- --nocapture --skip crash::failures",
    },
    Form {
        name: "failures",
        amount: &[("RESTOCK_FAILURES", "600")],
        command: "cargo test --workspace --locked --test semantics crash::failures -- --nocapture",
    },
    Form {
        name: "damage",
        amount: &[("RESTOCK_FLIPS", "8000")],
        command: "cargo test --workspace --locked --test store damage:: -- --nocapture",
    },
    Form {
        name: "interleavings",
        amount: &[("RESTOCK_INTERLEAVINGS", "20000"), ("SHUTTLE_SILENCE_WARNINGS", "1")],
        command: "cargo test --workspace --locked --features restock-store/shuttle --test interleavings -- --nocapture",
    },
    Form {
        name: "processes",
        amount: &[("RESTOCK_READERS", "8"), ("RESTOCK_PROCESSES_SECONDS", "60")],
        command: "cargo test --workspace --locked --test processes -- --nocapture",
    },
    Form {
        name: "hostile",
        amount: &[("RESTOCK_HOSTILE", "full")],
        command: "cargo test --workspace --locked --test cli hostile:: -- --nocapture",
    },
    Form {
        name: KILLS,
        amount: &[("RESTOCK_KILLS", "400")],
        command: "cargo test --workspace --locked --test cli kills:: -- --nocapture",
    },
];

/// The form whose processes run the release build.
const KILLS: &str = "kills";

/// Runs the long form of that name, or all.
pub fn run(name: Option<&str>) -> Result<(), String> {
    let forms: Vec<&Form> = FORMS.iter().filter(|form| name.is_none_or(|name| name == form.name)).collect();
    if forms.is_empty() {
        let names: Vec<&str> = FORMS.iter().map(|form| form.name).collect();
        return Err(format!("there is no such form; there is {}", names.join(", ")));
    }
    let mut figures = Vec::new();
    for form in forms {
        figures.extend(run_form(form)?);
    }
    println!();
    for figure in FIGURES {
        let lines: Vec<&str> = figures.iter().filter_map(|line| line.strip_prefix(figure)).collect();
        for line in &lines {
            println!("{figure}{line}");
        }
        if lines.len() > 1 {
            println!("{figure}{} in all", lines.iter().filter_map(|line| number(line)).sum::<u64>());
        }
    }
    let hostile: Vec<u64> = figures.iter().filter_map(|line| number(line.strip_prefix(HOSTILE)?)).collect();
    if let Some(most) = hostile.iter().max() {
        println!("{HOSTILE}{} runs, none with more than {most} MB", hostile.len());
    }
    Ok(())
}

/// The number that a line begins with.
fn number(line: &str) -> Option<u64> {
    line.split(' ').next()?.parse().ok()
}

/// Runs one; the lines with its figures.
fn run_form(form: &Form) -> Result<Vec<String>, String> {
    let amount: Vec<String> = form.amount.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let line = format!("{} {}", amount.join(" "), form.command);
    eprintln!("\n$ {line}");
    let failed = |error: std::io::Error| format!("{line}: {error}");
    let started = Instant::now();
    let mut words = form.command.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).envs(form.amount.iter().copied()).stdout(Stdio::piped());
    if form.name == KILLS {
        crate::run("cargo build --release --locked --bin restock")?;
        command.env("RESTOCK_BIN", release_binary().map_err(failed)?);
    }
    let mut child = command.spawn().map_err(failed)?;
    let mut figures = Vec::new();
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let line = line.map_err(failed)?;
        println!("{line}");
        // Tests that run beside each other share the output: a figure may stand behind another test's name.
        let at = FIGURES.iter().chain([&HOSTILE]).filter_map(|figure| line.find(figure)).min();
        figures.extend(at.and_then(|at| line.get(at..)).map(str::to_owned));
    }
    let status = child.wait().map_err(failed)?;
    eprintln!("({:.0} s)", started.elapsed().as_secs_f64());
    if status.success() { Ok(figures) } else { Err(format!("`{line}` failed ({status})")) }
}

/// Where cargo puts the release build: beside this program's own folder.
fn release_binary() -> std::io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).ok_or(std::io::ErrorKind::NotFound)?;
    Ok(target.join("release").join(format!("restock{}", std::env::consts::EXE_SUFFIX)))
}
