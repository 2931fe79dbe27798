//! Numbers that are the same for equal seeds, on every machine.

/// A SplitMix64 sequence.
#[derive(Clone, Debug)]
pub struct Random(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed ^ STEP)
    }

    /// A sequence of its own for the thing of this number: it can be made again without those before it.
    pub fn of(seed: u64, number: u64) -> Random {
        let mut random = Random::new(seed);
        Random(random.next() ^ number.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below the limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// Of this many ranks one, the first the likeliest: rank k about half as likely as rank k / 2 (Zipf, s = 1).
    pub fn zipf(&mut self, ranks: u64) -> u64 {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let exponent = unit * ((ranks + 1) as f64).log2();
        let whole = exponent.floor();
        // 2^fraction within 0.2 %, by operations that round the same everywhere.
        let fraction = exponent - whole;
        let power = (1_u64 << whole as u32) as f64 * (1.0 + fraction * (0.6565 + 0.3435 * fraction));
        (power as u64).min(ranks) - 1
    }
}
