//! The kernels of x86-64, chosen at run time. All `unsafe` of the scan is here: each call of a function that needs a
//! processor feature goes through a token that only detection makes.

#![expect(unsafe_code, reason = "processor features found at run time")]

use std::arch::x86_64::{
    _mm_clmulepi64_si128, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_set1_epi8, _mm256_cmpeq_epi8,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8, _mm512_add_epi32, _mm512_castsi512_si128,
    _mm512_cmpeq_epi8_mask, _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32, _mm512_loadu_si512,
    _mm512_maskz_compress_epi8, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_storeu_si512,
};

use super::block::{Kernel, Masks, PADDING, dispatch};
use super::{Dialect, Index};
use crate::columns::{Column, Fields, Refusals};

/// Proof that the processor has AVX2, PCLMULQDQ, BMI1, BMI2 and POPCNT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx2Token(());

/// Proof that the processor has AVX-512 F, BW, DQ, VL and VBMI2 besides what [`Avx2Token`] proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx512Token(());

impl Avx2Token {
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt");
        has.then_some(Self(()))
    }

    pub(super) fn scan(self, dialect: Dialect, bytes: &[u8], limit: usize, index: &mut Index) -> bool {
        // SAFETY: `self` exists, so `detect` found every feature that `scan_avx2` is compiled for.
        unsafe { scan_avx2(dialect, bytes, limit, index) }
    }

    pub(super) fn append(self, column: &mut Column, fields: &Fields<'_>, refusals: &mut Refusals) {
        // SAFETY: `self` exists, so `detect` found every feature that `append_avx2` is compiled for.
        unsafe { append_avx2(column, fields, refusals) }
    }
}

impl Avx512Token {
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi2");
        Avx2Token::detect().filter(|_| has).map(|_| Self(()))
    }

    pub(super) fn scan(self, dialect: Dialect, bytes: &[u8], limit: usize, index: &mut Index) -> bool {
        // SAFETY: `self` exists, so `detect` found every feature that `scan_avx512` is compiled for.
        unsafe { scan_avx512(dialect, bytes, limit, index) }
    }

    pub(super) fn append(self, column: &mut Column, fields: &Fields<'_>, refusals: &mut Refusals) {
        // SAFETY: `self` exists, so `detect` found every feature that `append_avx512` is compiled for.
        unsafe { append_avx512(column, fields, refusals) }
    }
}

#[target_feature(enable = "avx2,pclmulqdq,bmi1,bmi2,popcnt")]
fn scan_avx2(dialect: Dialect, bytes: &[u8], limit: usize, index: &mut Index) -> bool {
    dispatch::<Avx2>(dialect, bytes, limit, index)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,avx2,pclmulqdq,bmi1,bmi2,popcnt")]
fn scan_avx512(dialect: Dialect, bytes: &[u8], limit: usize, index: &mut Index) -> bool {
    dispatch::<Avx512>(dialect, bytes, limit, index)
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn append_avx2(column: &mut Column, fields: &Fields<'_>, refusals: &mut Refusals) {
    column.append(fields, refusals);
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt")]
fn append_avx512(column: &mut Column, fields: &Fields<'_>, refusals: &mut Refusals) {
    column.append(fields, refusals);
}

/// Used by `scan_avx2` alone.
struct Avx2;

impl Kernel for Avx2 {
    #[inline(always)]
    fn masks(block: &[u8; PADDING], delimiter: u8) -> Masks {
        // SAFETY: the two loads read bytes 0 to 31 and 32 to 63 of a block of 64, unaligned; AVX2 is there, since this
        // private kernel runs inside `scan_avx2` only.
        unsafe {
            let low = _mm256_loadu_si256(block.as_ptr().cast());
            let high = _mm256_loadu_si256(block.as_ptr().add(32).cast());
            let find = |wanted: u8| {
                let wanted = _mm256_set1_epi8(wanted.cast_signed());
                let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) as u32;
                let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) as u32;
                u64::from(low) | (u64::from(high) << 32)
            };
            Masks {
                quote: find(b'"'),
                delimiter: find(delimiter),
                lf: find(b'\n'),
                cr: find(b'\r'),
                backslash: find(b'\\'),
            }
        }
    }

    #[inline(always)]
    fn prefix_xor(bits: u64) -> u64 {
        // SAFETY: PCLMULQDQ is there, since this private kernel runs inside `scan_avx2` and `scan_avx512` only.
        unsafe {
            let product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(bits.cast_signed()), _mm_set1_epi8(-1), 0);
            _mm_cvtsi128_si64(product).cast_unsigned()
        }
    }
}

/// The number of each byte of a block.
const NUMBERS: [u8; PADDING] = {
    let mut numbers = [0; PADDING];
    let mut at = 0;
    while at < PADDING {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            numbers[at] = at as u8;
        }
        at += 1;
    }
    numbers
};

/// Used by `scan_avx512` alone.
struct Avx512;

impl Kernel for Avx512 {
    #[inline(always)]
    fn masks(block: &[u8; PADDING], delimiter: u8) -> Masks {
        // SAFETY: the load reads the 64 bytes of the block, unaligned; AVX-512 F and BW are there, since this private
        // kernel runs inside `scan_avx512` only.
        unsafe {
            let all = _mm512_loadu_si512(block.as_ptr().cast());
            let find = |wanted: u8| _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(wanted.cast_signed()));
            Masks {
                quote: find(b'"'),
                delimiter: find(delimiter),
                lf: find(b'\n'),
                cr: find(b'\r'),
                backslash: find(b'\\'),
            }
        }
    }

    #[inline(always)]
    fn prefix_xor(bits: u64) -> u64 {
        Avx2::prefix_xor(bits)
    }

    #[inline(always)]
    fn places(bits: u64, base: u32, out: &mut [u32; PADDING]) {
        let count = bits.count_ones();
        // SAFETY: the load reads the 64 bytes of `NUMBERS`; the stores write words 0 to 15, 16 to 31, 32 to 47 and 48 to
        // 63 of an array of 64, unaligned; AVX-512 F and VBMI2 are there, since this private kernel runs inside
        // `scan_avx512` only.
        unsafe {
            let packed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(NUMBERS.as_ptr().cast()));
            let base = _mm512_set1_epi32(base.cast_signed());
            let place = |numbers| _mm512_add_epi32(_mm512_cvtepu8_epi32(numbers), base);
            let out = out.as_mut_ptr();
            _mm512_storeu_si512(out.cast(), place(_mm512_castsi512_si128(packed)));
            if count > 16 {
                _mm512_storeu_si512(out.add(16).cast(), place(_mm512_extracti32x4_epi32::<1>(packed)));
            }
            if count > 32 {
                _mm512_storeu_si512(out.add(32).cast(), place(_mm512_extracti32x4_epi32::<2>(packed)));
                _mm512_storeu_si512(out.add(48).cast(), place(_mm512_extracti32x4_epi32::<3>(packed)));
            }
        }
    }
}
