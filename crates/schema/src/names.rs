//! Rules for names, and names compared as people mean them.

/// A name reduced to what the service compares: letters and digits only, lower case.
///
/// `"Item ID"`, `"item_id"` and `"ITEM_ID"` are all `"itemid"`. It is what a proposed header
/// renaming and the camelCase keys of the wire go by.
pub fn normalise(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The longest piece of a user's text that a message repeats, in characters.
const SHOWN_CHARS: usize = 80;

/// A user's text, cut so that a message stays readable.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Whether `name` is an Avro name: `[A-Za-z_][A-Za-z0-9_]*`.
pub(crate) fn is_avro_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
