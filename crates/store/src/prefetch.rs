//! Asking for memory before it is needed: point reads wait for little else, and many at once need not wait in turn.

#![expect(unsafe_code, reason = "the processor's instruction takes a pointer")]

/// Asks for the memory that holds a value; nothing happens if there is none, or where processors are not asked.
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T], at: usize) {
    let Some(value) = values.get(at) else { return };
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing that the program sees and cannot fault, whatever the address; SSE, which has it,
    // is part of x86-64.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
