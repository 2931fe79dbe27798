//! Command lines to be copied into a shell.

use std::ffi::OsString;

/// `restock WORD...`, with quotes where a shell needs them.
pub(crate) fn command(words: impl IntoIterator<Item = OsString>) -> String {
    let words = words.into_iter().map(|word| quoted(&word.to_string_lossy()));
    std::iter::once("restock".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,=@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_shell_reads_the_words_back() {
        assert_eq!(command(["undo".into(), "shop.restock".into()]), "restock undo shop.restock");
        assert_eq!(
            command(["undo".into(), "my shop".into(), "it's".into()]),
            r"restock undo 'my shop' 'it'\''s'"
        );
        assert_eq!(command(["scan".into(), "".into(), "a*".into()]), "restock scan '' 'a*'");
    }
}
