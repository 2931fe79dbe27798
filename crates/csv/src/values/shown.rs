//! Values as error messages show them.

use std::fmt::Write;

/// A value for a message: at most `characters` of it, `...` where it was cut. What would change how a terminal shows the
/// text around it is escaped: control characters, marks of writing direction, and what is not UTF-8.
#[must_use]
pub fn shown(value: &[u8], characters: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            if count == characters {
                return out + "...";
            }
            count += 1;
            if character.is_control() || is_format(character) {
                out.extend(character.escape_default());
            } else {
                out.push(character);
            }
        }
        for byte in chunk.invalid() {
            if count == characters {
                return out + "...";
            }
            count += 1;
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    out
}

/// Characters that turn the order of the text after them, and line ends that are no control characters.
fn is_format(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
