//! Unmodified clients of AWS against the endpoint: `crates/personalize/clients`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::execute;

/// Installs the clients into the build folder, unless they are there, and runs their tests against the binary that was
/// built with all others.
pub(crate) fn run() -> Result<(), String> {
    let this = std::env::current_exe().map_err(|error| format!("cannot find the build folder: {error}"))?;
    let built = this.parent().ok_or("xtask stands in no folder")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
    let tests = root.join("crates/personalize/clients/python");
    let python = python(&root, &tests.join("requirements.txt"))?;
    let mut command = Command::new(&python);
    command.args(["-m", "unittest", "discover", "--verbose"]).current_dir(&tests);
    command.env("RESTOCK_BIN", built.join(format!("restock{}", std::env::consts::EXE_SUFFIX)));
    // Compiled modules beside the tests would be taken for a part of the sources.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    execute(&mut command, "python -m unittest discover, in crates/personalize/clients/python")
}

/// The Python of a virtual environment that has what is required.
fn python(root: &Path, requirements: &Path) -> Result<PathBuf, String> {
    let environment = root.join("target/clients/venv");
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !python.exists() {
        let mut made = Command::new(if cfg!(windows) { "python" } else { "python3" });
        execute(made.args(["-m", "venv"]).arg(&environment), "python3 -m venv target/clients/venv")?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(requirements);
    execute(&mut install, "pip install -r crates/personalize/clients/python/requirements.txt")?;
    Ok(python)
}
