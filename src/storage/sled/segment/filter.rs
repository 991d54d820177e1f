//! A filter in memory over the terms of a segment: proves most terms absent without a read.

use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

/// Below this a filter is not worth its bytes, and the construction is fragile for tiny sets.
const KEYS_MIN: usize = 32;

const DESCRIPTOR_BYTES: usize = <BinaryFuse8 as DmaSerializable>::DESCRIPTOR_LEN;

/// Nine bits per key, 0.4 % false positives; an empty one lets everything pass.
#[derive(Default)]
pub(super) struct KeyFilter {
    /// Descriptor, then fingerprints; as stored.
    bytes: Vec<u8>,
}

impl KeyFilter {
    /// A filter over `hashes`, in any order, with repetitions. The same hashes give the same bytes.
    pub(super) fn build(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        if hashes.len() < KEYS_MIN {
            return Self::default();
        }
        let Ok(filter) = BinaryFuse8::try_from(&hashes) else {
            // Only slower: every term then costs a block.
            return Self::default();
        };
        let mut bytes = vec![0; DESCRIPTOR_BYTES];
        filter.dma_copy_descriptor_to(&mut bytes);
        bytes.extend_from_slice(filter.dma_fingerprints());
        Self { bytes }
    }

    /// A filter from what [`Self::bytes`] gave; the caller has checked that it is undamaged.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `false` only if `hash` was not among the keys.
    pub(super) fn may_contain(&self, hash: u64) -> bool {
        match self.bytes.split_at_checked(DESCRIPTOR_BYTES) {
            Some((descriptor, fingerprints)) => BinaryFuse8Ref::from_dma(descriptor, fingerprints).contains(&hash),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_missed_and_few_others_pass() {
        for count in [0u64, 1, 31, 32, 33, 1000, 100_000] {
            let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let built = KeyFilter::build((0..count).chain(0..count).map(hash).collect());
            let filter = KeyFilter::from_bytes(built.bytes().to_vec());
            assert!((0..count).all(|number| filter.may_contain(hash(number))));
            let again = KeyFilter::build((0..count).rev().map(hash).collect());
            assert!(again.bytes() == built.bytes(), "the same hashes give other bytes");
            if count >= 1000 {
                let passed = (count..count + 10_000).filter(|number| filter.may_contain(hash(*number))).count();
                assert!(passed < 200, "{passed}");
            }
        }
    }
}
