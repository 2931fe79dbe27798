//! Recognises what is not UTF-8 text by its first bytes, so that it is refused by name (design section 5).

/// The UTF-8 byte order mark.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

const ENCODINGS: [(&[u8], &str); 4] = [
    (b"\xFF\xFE\0\0", "UTF-32LE"),
    (b"\0\0\xFE\xFF", "UTF-32BE"),
    (b"\xFF\xFE", "UTF-16LE"),
    (b"\xFE\xFF", "UTF-16BE"),
];

const FORMATS: [(&[u8], &str); 6] = [
    (b"\x1F\x8B\x08", "gzip"),
    (b"\x28\xB5\x2F\xFD", "zstd"),
    (b"PK\x03\x04", "zip (or a spreadsheet)"),
    (b"PAR1", "Parquet"),
    (b"ARROW1\0\0", "Arrow IPC"),
    (b"BZh9", "bzip2"),
];

/// How much of a file's head is looked at.
const SAMPLE: usize = 1024;

/// What the file is, if it is not UTF-8 text: the message to refuse it with.
pub(crate) fn refusal(head: &[u8]) -> Option<String> {
    if let Some((_, name)) = FORMATS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(format!("the file is {name}, not CSV text: name its format, or convert it"));
    }
    let marked = ENCODINGS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, name)| *name);
    let name = marked.or_else(|| by_nul_pattern(head))?;
    Some(format!("the file is {name}: only UTF-8 is read; convert it, for example: iconv -f {name} -t UTF-8"))
}

/// Latin text in a wide encoding has NUL in the same places throughout.
fn by_nul_pattern(head: &[u8]) -> Option<&'static str> {
    let sample = head.get(..head.len().min(SAMPLE) & !3).unwrap_or_default();
    if sample.len() < 8 {
        return None;
    }
    let quads = sample.len() / 4;
    let mut nuls = [0usize; 4];
    for quad in sample.chunks_exact(4) {
        for (count, byte) in nuls.iter_mut().zip(quad) {
            *count += usize::from(*byte == 0);
        }
    }
    // Not every character need be Latin, and text has hardly a NUL: nine in ten, and one in ten.
    let most = |count: usize| count * 10 >= quads * 9;
    let few = |count: usize| count * 10 <= quads;
    match nuls {
        [a, b, c, d] if few(a) && most(b) && most(c) && most(d) => Some("UTF-32LE"),
        [a, b, c, d] if most(a) && most(b) && most(c) && few(d) => Some("UTF-32BE"),
        [a, b, c, d] if few(a) && most(b) && few(c) && most(d) => Some("UTF-16LE"),
        [a, b, c, d] if most(a) && few(b) && most(c) && few(d) => Some("UTF-16BE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, encode: impl Fn(u16) -> Vec<u8>) -> Vec<u8> {
        text.encode_utf16().flat_map(encode).collect()
    }

    #[test]
    fn other_encodings_are_named_with_and_without_a_mark() {
        let text = "USER_ID,ITEM_ID\nu1,caf\u{e9}\n";
        let little = wide(text, |unit| unit.to_le_bytes().to_vec());
        let big = wide(text, |unit| unit.to_be_bytes().to_vec());
        let little32 = wide(text, |unit| u32::from(unit).to_le_bytes().to_vec());
        let big32 = wide(text, |unit| u32::from(unit).to_be_bytes().to_vec());
        let cases = [(little, "UTF-16LE"), (big, "UTF-16BE"), (little32, "UTF-32LE"), (big32, "UTF-32BE")];
        for (bytes, name) in cases {
            assert!(refusal(&bytes).unwrap().contains(name), "{name}");
        }
        assert!(refusal(b"\xFF\xFEa\0").unwrap().contains("UTF-16LE"));
        assert!(refusal(b"\xFF\xFE\0\0").unwrap().contains("UTF-32LE"));
        assert!(refusal(b"\xFE\xFF\0a").unwrap().contains("UTF-16BE"));
    }

    #[test]
    fn text_is_not_refused() {
        let texts: [&[u8]; 5] = [b"", b"a", b"a,b\n1,2\n", b"\xEF\xBB\xBFa,b\n", b"a\0b,c\n1,2\nfoo,bar\n"];
        for text in texts {
            assert_eq!(refusal(text), None);
        }
    }

    #[test]
    fn compressed_and_binary_formats_are_named() {
        assert!(refusal(b"\x1F\x8B\x08\0").unwrap().contains("gzip"));
        assert!(refusal(b"PAR1\x15").unwrap().contains("Parquet"));
    }
}
