//! docs/limits.md says what the code says.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Name, value and place of each limit on the page.
fn page() -> Vec<(String, u64, String)> {
    let text = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let cells =
        |row: &str| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|row| {
        let [name, value, _, place] = &row[..] else { panic!("{row:?}") };
        let digits: String = value.chars().take_while(|c| *c != ' ').filter(char::is_ascii_digit).collect();
        (name.trim_matches('`').to_owned(), digits.parse().unwrap(), place.replace('`', ""))
    })
    .collect()
}

/// `1 << 20`, `100_000`.
fn value(expression: &str) -> u64 {
    let number = |text: &str| text.trim().replace('_', "").parse::<u64>().unwrap();
    match expression.split_once("<<") {
        Some((number_of, shift)) => number(number_of) << number(shift),
        None => number(expression),
    }
}

#[test]
fn each_limit_of_the_page_has_its_value_in_the_code() {
    let page = page();
    assert!(page.len() > 15);
    for (name, told, place) in page {
        let (file, constant) = place.split_once(' ').unwrap();
        let text = fs::read_to_string(root().join(file)).unwrap();
        let set = text.lines().find_map(|line| {
            let line = line.trim().trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
            let line = line.trim_start_matches("pub ").trim_start_matches("const ");
            let (_, expression) = line.strip_prefix(constant)?.strip_prefix(':')?.split_once(['=', ' '])?;
            let expression = expression.rsplit('=').next()?.trim().trim_end_matches([',', ';']);
            expression.starts_with(|first: char| first.is_ascii_digit()).then(|| value(expression))
        });
        assert_eq!(set, Some(told), "{name}: {constant} in {file}");
    }
}

#[test]
fn each_limit_that_a_message_names_is_on_the_page() {
    let names: Vec<String> = page().into_iter().map(|(name, ..)| name).collect();
    let mut found = 0;
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for named in text.split("(limit ").skip(1).chain(text.split("over the limit ").skip(1)) {
                    let word = |c: char| c.is_ascii_lowercase() || c == '_';
                    let name: String =
                        named.trim_start_matches('`').chars().take_while(|c| word(*c)).collect();
                    if name.contains('_') || ["files", "ids", "columns"].contains(&name.as_str()) {
                        assert!(names.contains(&name), "{name} in {}", path.display());
                        found += 1;
                    }
                }
            }
        }
    }
    assert!(found > 10, "{found}");
}
