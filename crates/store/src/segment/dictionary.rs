//! The dictionary of a coded column: one for the whole segment, in order of first appearance.

use std::sync::Arc;

use ahash::AHashMap;
use arrow::array::{Array, Int32Array, StringArray};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;

/// How a string column is stored. Written into the field's metadata, so that a reader can refuse by name
/// what it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As Arrow lays the type out.
    Plain,
    /// 8-bit codes into the segment's dictionary.
    Codes8,
    /// 16-bit codes into the segment's dictionary.
    Codes16,
    /// 32-bit codes into the segment's dictionary.
    Codes32,
    /// A prefix for the whole column, and a number of 32 bits each.
    Affix32,
    /// The same with 64 bits.
    Affix64,
}

/// Beyond this many distinct values a dictionary saves nothing and its hash table costs the import dearly.
const DISTINCT_MAX: usize = 1 << 20;

/// Beyond this many bytes of values neither: each batch is as small stored plainly, and the offsets into
/// one dictionary have 32 bits.
const BYTES_MAX: usize = 64 << 20;

impl Encoding {
    /// The key of the field's metadata that names the encoding.
    pub const METADATA_KEY: &'static str = "restock.encoding";

    /// The name in the metadata.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Plain => "plain",
            Encoding::Codes8 | Encoding::Codes16 | Encoding::Codes32 => "codes",
            Encoding::Affix32 | Encoding::Affix64 => "affix",
        }
    }

    /// The Arrow type a string column has in the file.
    pub fn stored_type(self) -> DataType {
        let codes = match self {
            Encoding::Plain => return DataType::Utf8,
            Encoding::Affix32 => return DataType::UInt32,
            Encoding::Affix64 => return DataType::UInt64,
            Encoding::Codes8 => DataType::UInt8,
            Encoding::Codes16 => DataType::UInt16,
            Encoding::Codes32 => DataType::Int32,
        };
        DataType::Dictionary(Box::new(codes), Box::new(DataType::Utf8))
    }

    /// The narrowest encoding that suits a column of which the first `rows` rows show `distinct` values.
    pub fn for_column(distinct: usize, rows: usize) -> Encoding {
        match distinct {
            0..=128 => Encoding::Codes8,
            _ if distinct > rows / 2 => Encoding::Plain,
            129..=32_768 => Encoding::Codes16,
            _ => Encoding::Codes32,
        }
    }

    /// Whether the file has a dictionary for it.
    pub fn is_coded(self) -> bool {
        matches!(self, Encoding::Codes8 | Encoding::Codes16 | Encoding::Codes32)
    }

    /// Whether strings are stored as numbers.
    pub fn is_affix(self) -> bool {
        matches!(self, Encoding::Affix32 | Encoding::Affix64)
    }

    /// The next encoding to try when a batch did not fit this one.
    pub fn wider(self) -> Encoding {
        match self {
            Encoding::Codes8 => Encoding::Codes16,
            Encoding::Codes16 => Encoding::Codes32,
            Encoding::Codes32 | Encoding::Plain | Encoding::Affix32 | Encoding::Affix64 => Encoding::Plain,
        }
    }

    /// How many distinct values the codes can tell apart.
    fn capacity(self) -> usize {
        match self {
            Encoding::Plain | Encoding::Affix32 | Encoding::Affix64 => 0,
            Encoding::Codes8 => 1 << 8,
            Encoding::Codes16 => 1 << 16,
            Encoding::Codes32 => DISTINCT_MAX,
        }
    }
}

/// The values seen so far and their codes.
#[derive(Debug, Default)]
pub(super) struct DictionaryBuilder {
    codes: AHashMap<Arc<str>, u32>,
    order: Vec<Arc<str>>,
    bytes: usize,
    is_heavy: bool,
}

impl DictionaryBuilder {
    /// The segment's codes for a batch's codes, in the width of `encoding`; `None` if they do not fit.
    /// Rows that are null get code 0.
    ///
    /// Only values that rows use get a code: a rewritten segment must not carry on what was deleted (S8), and
    /// the order of the dictionary is that of the rows, however the batch's own came about (S11).
    pub fn recode(&mut self, codes: &Int32Array, values: &StringArray, encoding: Encoding) -> Option<Buffer> {
        let mut known: Vec<Option<u32>> = vec![None; values.len()];
        let mut recoded: Vec<u32> = Vec::with_capacity(codes.len());
        for local in codes.iter() {
            let Some(local) = local.and_then(|local| usize::try_from(local).ok()) else {
                recoded.push(0);
                continue;
            };
            let slot = known.get_mut(local)?;
            recoded.push(match slot {
                Some(code) => *code,
                None => *slot.insert(self.code(values.value(local), encoding.capacity(), BYTES_MAX)?),
            });
        }
        Some(match encoding {
            Encoding::Plain | Encoding::Affix32 | Encoding::Affix64 => return None,
            Encoding::Codes8 => recoded.iter().map(|code| *code as u8).collect::<Vec<u8>>().into(),
            Encoding::Codes16 => recoded.iter().map(|code| *code as u16).collect::<Vec<u16>>().into(),
            Encoding::Codes32 => recoded.iter().map(|code| *code as i32).collect::<Vec<i32>>().into(),
        })
    }

    /// Whether it was their bytes for which values did not fit: no width of codes would help.
    pub fn is_heavy(&self) -> bool {
        self.is_heavy
    }

    fn code(&mut self, value: &str, capacity: usize, bytes_max: usize) -> Option<u32> {
        if let Some(code) = self.codes.get(value) {
            return Some(*code);
        }
        self.is_heavy = self.bytes + value.len() > bytes_max;
        if self.order.len() >= capacity || self.is_heavy {
            return None;
        }
        let code = self.order.len() as u32;
        let value: Arc<str> = value.into();
        self.bytes += value.len();
        self.order.push(value.clone());
        self.codes.insert(value, code);
        Some(code)
    }

    /// The values in the order of their codes.
    pub fn values(&self) -> StringArray {
        StringArray::from_iter_values(self.order.iter().map(AsRef::<str>::as_ref))
    }
}

/// A batch-sized dictionary of a plain string column, for a segment that stores it by codes.
pub(super) fn codes_of(strings: &StringArray) -> (Int32Array, StringArray) {
    let mut builder = DictionaryBuilder::default();
    let codes: Int32Array = strings
        .iter()
        .map(|value| {
            value.and_then(|value| builder.code(value, usize::MAX, usize::MAX)).map(|code| code as i32)
        })
        .collect();
    let values = builder.values();
    (codes, values)
}

/// The number of values of a batch's dictionary that rows use.
pub(super) fn distinct(codes: &Int32Array, values: &StringArray) -> usize {
    let mut used = vec![false; values.len()];
    for local in codes.iter().flatten() {
        if let Some(used) = usize::try_from(local).ok().and_then(|local| used.get_mut(local)) {
            *used = true;
        }
    }
    used.into_iter().filter(|used| *used).count()
}
