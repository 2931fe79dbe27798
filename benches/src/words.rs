//! Descriptions as people write them: words, commas, quotes, here and there a second line.

use crate::random::Random;

const ONSETS: [&str; 16] =
    ["b", "br", "c", "d", "f", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t"];
const RIMES: [&str; 16] =
    ["a", "al", "an", "ar", "e", "el", "en", "er", "i", "in", "is", "o", "on", "or", "u", "un"];

/// The words that descriptions are made of.
#[derive(Clone, Debug)]
pub(crate) struct Words(Vec<String>);

impl Default for Words {
    /// 1,024 words of two to four syllables.
    fn default() -> Words {
        let mut random = Random::new(1024);
        let syllable = |random: &mut Random| {
            let mut part = |parts: &[&'static str; 16]| {
                parts.get(random.below(16) as usize).copied().unwrap_or_default()
            };
            [part(&ONSETS), part(&RIMES)].concat()
        };
        let mut word = || {
            let syllables = 2 + random.below(3);
            (0..syllables).map(|_| syllable(&mut random)).collect()
        };
        Words((0..1024).map(|_| word()).collect())
    }
}

impl Words {
    /// Appends a quoted description, and returns how many bytes it has without what CSV adds to it.
    pub(crate) fn append(&self, random: &mut Random, text: &mut Vec<u8>) -> u64 {
        let begin = text.len();
        let count = 12 + random.below(29);
        let broken = if random.below(10) == 0 { random.below(count - 1) } else { count };
        let mut added = 2;
        text.push(b'"');
        for place in 0..count {
            let choice = random.next();
            let word = self.0.get((choice % 1024) as usize).map_or("", String::as_str).as_bytes();
            // One word in 32 is in quotes of its own, one in 8 has a comma behind it.
            if (choice >> 16).is_multiple_of(32) {
                text.extend_from_slice(b"\"\"");
                text.extend_from_slice(word);
                text.extend_from_slice(b"\"\"");
                added += 2;
            } else {
                text.extend_from_slice(word);
            }
            if place + 1 == count {
                break;
            }
            if (choice >> 32).is_multiple_of(8) {
                text.push(b',');
            }
            text.push(if place == broken { b'\n' } else { b' ' });
        }
        text.push(b'"');
        (text.len() - begin) as u64 - added
    }
}
