//! The content of quoted fields.

use std::borrow::Cow;

use crate::options::Escape;

/// The content of a field: quotes removed, doubled and escaped ones made single. Borrowed where nothing changes.
pub(crate) fn decode(raw: &[u8], escape: Escape) -> Cow<'_, [u8]> {
    let [b'"', inside @ .., b'"'] = raw else { return raw.into() };
    let mut pieces = Pieces::of(inside, escape);
    let first = pieces.next().unwrap_or_default();
    if first.len() == inside.len() {
        return first.into();
    }
    let mut out = Vec::with_capacity(inside.len());
    out.extend_from_slice(first);
    pieces.for_each(|piece| out.extend_from_slice(piece));
    out.into()
}

/// What stands between the quotes of a field, less the quotes and backslashes that escape the byte after them: the
/// longest stretches that can be copied as they are.
pub(crate) struct Pieces<'a> {
    rest: &'a [u8],
    escape: Escape,
    /// The first bytes of the rest are escaped.
    literal: usize,
}

impl<'a> Pieces<'a> {
    pub(crate) fn of(inside: &'a [u8], escape: Escape) -> Self {
        Self { rest: inside, escape, literal: 0 }
    }

    /// Where an escaping byte stands, and the one that it escapes comes after it.
    fn escaping(&self) -> Option<usize> {
        let mut from = self.literal;
        loop {
            let rest = self.rest.get(from..)?;
            let at = match self.escape {
                Escape::None => memchr::memchr(b'"', rest),
                Escape::Backslash => memchr::memchr2(b'"', b'\\', rest),
            }?;
            match (rest.get(at), rest.get(at + 1)) {
                (Some(b'"'), Some(b'"')) | (Some(b'\\'), Some(b'"' | b'\\')) => return Some(from + at),
                _ => from += at + 1,
            }
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((piece, rest)) = self.escaping().and_then(|at| self.rest.split_at_checked(at)) else {
            return Some(std::mem::take(&mut self.rest));
        };
        self.rest = rest.get(1..).unwrap_or_default();
        self.literal = 1;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_quotes_become_one() {
        let none = |raw: &str| String::from_utf8(decode(raw.as_bytes(), Escape::None).into_owned()).unwrap();
        assert_eq!(none("plain"), "plain");
        assert_eq!(none(r#""""#), "");
        assert_eq!(none(r#""a, b""#), "a, b");
        assert_eq!(none(r#""say ""yes"" now""#), r#"say "yes" now"#);
        assert_eq!(none(r#""""""""#), r#""""#);
        assert_eq!(none(r#""""a""""#), r#""a""#);
        assert_eq!(none(r#""a\""b""#), r#"a\"b"#);
    }

    #[test]
    fn a_backslash_escapes_where_the_options_say_so() {
        let escaped =
            |raw: &str| String::from_utf8(decode(raw.as_bytes(), Escape::Backslash).into_owned()).unwrap();
        assert_eq!(escaped(r#""a\"b""#), r#"a"b"#);
        assert_eq!(escaped(r#""a\\""#), r"a\");
        assert_eq!(escaped(r#""a\\\"b""#), r#"a\"b"#);
        assert_eq!(escaped(r#""a\nb""#), r"a\nb");
        assert_eq!(escaped(r#""a""b\\\\c""#), r#"a"b\\c"#);
    }

    #[test]
    fn what_has_nothing_to_remove_is_borrowed() {
        assert!(matches!(decode(b"\"a, b\"", Escape::Backslash), Cow::Borrowed(b"a, b")));
        assert!(matches!(decode(b"a", Escape::None), Cow::Borrowed(b"a")));
    }
}
