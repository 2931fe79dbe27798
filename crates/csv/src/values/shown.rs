//! Values as error messages show them.

use std::fmt::Write;

/// A value for a message: at most `characters` of it, control characters and what is not UTF-8 escaped, `...`
/// where it was cut.
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
            if character.is_control() {
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
