//! Unmodified clients of AWS against the endpoint: `crates/personalize/clients`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::execute;

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Installs the clients into the build folder, unless they are there, and runs their tests against the binary that was
/// built with all others.
pub(crate) fn run() -> Result<(), String> {
    let this = std::env::current_exe().map_err(|error| format!("cannot find the build folder: {error}"))?;
    let built = this.parent().ok_or("xtask stands in no folder")?;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../personalize/clients/python");
    let packages = packages(built, &tests.join("requirements.txt"))?;
    let mut command = Command::new(PYTHON);
    command.args(["-m", "unittest", "discover", "--verbose"]).current_dir(&tests);
    command.env("RESTOCK_BIN", built.join(format!("restock{}", std::env::consts::EXE_SUFFIX)));
    command.env("PYTHONPATH", packages);
    execute(&mut command, "python3 -m unittest discover, in crates/personalize/clients/python")
}

/// The folder of the packages that are required.
fn packages(built: &Path, requirements: &Path) -> Result<PathBuf, String> {
    let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let folder = built.join("clients-python");
    // Written last: what it names is there.
    let installed = folder.join("installed.txt");
    let wanted = fs::read_to_string(requirements).map_err(|error| told(requirements, error))?;
    if fs::read_to_string(&installed).is_ok_and(|there| there == wanted) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| told(&folder, error))?;
    }
    let mut install = Command::new(PYTHON);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    install.arg(&folder).arg("-r").arg(requirements);
    execute(&mut install, "python3 -m pip install -r crates/personalize/clients/python/requirements.txt")?;
    fs::write(&installed, wanted).map_err(|error| told(&installed, error))?;
    Ok(folder)
}
