//! Strings that are one prefix and a number each: `user_0067182`.

use std::collections::HashMap;

/// What the strings of a column have in common that are one prefix and a number each, as readers of files find it and
/// stores use it: such a column can be held as its numbers.
///
/// ```
/// use restock_schema::AffixShape;
///
/// let (prefix, _) = AffixShape::split("user_0067182").expect("digits at the end");
/// let shape = AffixShape::new(prefix, Some(7), 7).expect("none has fewer digits than those with zeros in front");
/// assert_eq!((shape.prefix(), shape.digits()), ("user_", 7));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffixShape {
    prefix: String,
    zeros: Option<usize>,
    fewest: usize,
}

const PREFIX_KEY: &str = "restock.affix.prefix";
const ZEROS_KEY: &str = "restock.affix.zeros";
const FEWEST_KEY: &str = "restock.affix.fewest";

impl AffixShape {
    /// The most bytes of a prefix: what has a longer one is no usual ID.
    pub const PREFIX_BYTES: usize = 32;
    /// Every number of so many digits fits 64 bits.
    pub const DIGITS: usize = 19;

    /// A string's prefix and its digits, if it ends in digits and its prefix is not too long.
    #[must_use]
    pub fn split(text: &str) -> Option<(&str, &str)> {
        let prefix = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = text.get(prefix.len()..).filter(|digits| !digits.is_empty())?;
        (prefix.len() <= Self::PREFIX_BYTES).then_some((prefix, digits))
    }

    /// The shape of strings with this prefix: how many digits those have that begin with a zero (which must all have
    /// the same number of them; a single 0 does not count), and the fewest digits of any. `None` if one number could
    /// stand for two strings.
    #[must_use]
    pub fn new(prefix: &str, zeros: Option<usize>, fewest: usize) -> Option<Self> {
        let fits = prefix.len() <= Self::PREFIX_BYTES
            && (1..=Self::DIGITS).contains(&fewest)
            && zeros.is_none_or(|digits| (2..=fewest).contains(&digits));
        fits.then(|| Self { prefix: prefix.to_owned(), zeros, fewest })
    }

    /// What each string begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How many digits each number has at least, by zeros in front.
    #[must_use]
    pub fn digits(&self) -> usize {
        self.zeros.unwrap_or(1)
    }

    /// The shape of these strings and others; `None` if no one way makes them all.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        let zeros = match (self.zeros, other.zeros) {
            (Some(one), Some(two)) if one != two => return None,
            (one, two) => one.or(two),
        };
        if self.prefix != other.prefix {
            return None;
        }
        Self::new(&self.prefix, zeros, self.fewest.min(other.fewest))
    }

    /// For the metadata of a field whose column holds the numbers.
    #[must_use]
    pub fn to_metadata(&self) -> HashMap<String, String> {
        let zeros = self.zeros.map(|digits| (ZEROS_KEY.to_owned(), digits.to_string()));
        let known = [(PREFIX_KEY, self.prefix.clone()), (FEWEST_KEY, self.fewest.to_string())];
        known.map(|(key, value)| (key.to_owned(), value)).into_iter().chain(zeros).collect()
    }

    /// From there.
    #[must_use]
    pub fn from_metadata(metadata: &HashMap<String, String>) -> Option<Self> {
        let zeros = metadata.get(ZEROS_KEY).map(|digits| digits.parse()).transpose().ok()?;
        Self::new(metadata.get(PREFIX_KEY)?, zeros, metadata.get(FEWEST_KEY)?.parse().ok()?)
    }
}
