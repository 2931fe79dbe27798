//! Help that shows how, and completions that know every command.

use crate::shop::Shop;

const COMMANDS: [&str; 26] = [
    "init",
    "create",
    "import",
    "put",
    "get",
    "scan",
    "export",
    "delete",
    "delete-users",
    "info",
    "schema",
    "alter",
    "drop",
    "history",
    "undo",
    "vacuum",
    "compact",
    "verify",
    "copy",
    "config",
    "load",
    "draft-schema",
    "demo",
    "bench",
    "serve",
    "completions",
];

#[test]
fn every_command_has_a_help_with_an_example() {
    let shop = Shop::empty();
    let all = shop.run(["--help"]).ok().stdout;
    for command in COMMANDS {
        assert!(all.contains(&format!("\n  {command} ")), "{command} is not in the list");
        let help = shop.run([command, "--help"]).ok().stdout;
        assert!(
            help.contains("Example") && help.contains(&format!("restock {command} ")),
            "{command}: {help}"
        );
        assert!(help.contains("--json"), "{command}");
    }
    let listed =
        all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let listed: Vec<_> =
        listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert_eq!(listed, COMMANDS);
}

#[test]
fn the_command_line_page_names_every_command_and_option() {
    let page = include_str!("../../../../docs/cli.md");
    let shop = Shop::empty();
    for command in COMMANDS {
        assert!(page.contains(&format!("\n## {command}\n")), "docs/cli.md has no section {command}");
        let section = page.split(&format!("\n## {command}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
        let help = shop.run([command, "--help"]).ok().stdout;
        let options = help.split_whitespace().filter(|word| word.starts_with("--"));
        for option in options.map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphabetic())) {
            let everywhere = ["--json", "--help", "--version"].contains(&option);
            assert!(everywhere || section.contains(option), "docs/cli.md: {command} lacks {option}");
        }
    }
}

#[test]
fn completions_are_there_for_every_shell() {
    let shop = Shop::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = shop.run(["completions", shell]).ok().stdout;
        assert!(COMMANDS.iter().all(|command| script.contains(command)), "{shell}");
    }
}

#[test]
fn the_version_is_told() {
    let told = Shop::empty().run(["--version"]).ok().stdout;
    assert_eq!(told, format!("restock {}\n", env!("CARGO_PKG_VERSION")));
}
