//! Compression of frames and texts with a dictionary that ships with the code. The dictionary is
//! trained on synthetic text only, so that no record survives in it (see `examples/train_dictionary`).

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// No dictionary and no compression: the bytes are stored as they are.
pub(crate) const STORED: u8 = 0;
/// Trained before the stored messages were settled. Stores written with it stay readable.
const DICTIONARY_1: u8 = 1;
/// The dictionary in use. A new one gets the next id; old ids stay readable.
const DICTIONARY_2: u8 = 2;

/// What a million generated claims take is 1 % more than by the next level, in two thirds of the time: 4 µs for a record of
/// 500 bytes (measured).
const LEVEL: i32 = 2;

/// No frame or text is longer when decompressed: what a header claims beyond it is damage, not a
/// reason to allocate.
pub(crate) const RAW_BYTES_MAX: usize = 64 << 20;

static FIRST: &[u8] = include_bytes!("dictionary_1.bin");
static SECOND: &[u8] = include_bytes!("dictionary_2.bin");

static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(SECOND, LEVEL));
static FIRST_DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(FIRST));
static SECOND_DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(SECOND));

thread_local! {
    static FIRST_DECOMPRESSOR: RefCell<Decompressor<'static>> = RefCell::new(with(&FIRST_DECODER));
    static SECOND_DECOMPRESSOR: RefCell<Decompressor<'static>> = RefCell::new(with(&SECOND_DECODER));
}

fn with(dictionary: &'static DecoderDictionary<'static>) -> Decompressor<'static> {
    Decompressor::with_prepared_dictionary(dictionary).expect("the shipped dictionary is valid")
}

/// Compresses, one commit at a time.
pub(crate) struct Encoder {
    compressor: Compressor<'static>,
}

impl Encoder {
    pub(crate) fn new() -> Self {
        Self { compressor: Compressor::with_prepared_dictionary(&ENCODER).expect("the shipped dictionary is valid") }
    }

    /// Appends `raw` to `out`, compressed if that makes it smaller; says which dictionary was used.
    pub(crate) fn append(&mut self, raw: &[u8], out: &mut Vec<u8>) -> u8 {
        let start = out.len();
        out.resize(start + raw.len(), 0);
        // The room is one raw length: what does not fit is not worth compressing.
        match self.compressor.compress_to_buffer(raw, &mut out[start..]) {
            Ok(length) if length < raw.len() => {
                out.truncate(start + length);
                DICTIONARY_2
            }
            Ok(_) | Err(_) => {
                out[start..].copy_from_slice(raw);
                STORED
            }
        }
    }
}

/// The raw bytes of `payload`, or `None` if it is not `raw_length` bytes packed with `dictionary`.
pub(crate) fn decompress(dictionary: u8, payload: &[u8], raw_length: usize) -> Option<Vec<u8>> {
    if raw_length > RAW_BYTES_MAX {
        return None;
    }
    let unpack = |decompressor: &mut Decompressor<'static>| decompressor.decompress(payload, raw_length).ok();
    let raw = match dictionary {
        STORED => payload.to_vec(),
        DICTIONARY_1 => FIRST_DECOMPRESSOR.with_borrow_mut(unpack)?,
        DICTIONARY_2 => SECOND_DECOMPRESSOR.with_borrow_mut(unpack)?,
        // An id that this program does not know.
        _ => return None,
    };
    (raw.len() == raw_length).then_some(raw)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn round_trip(raw: Vec<u8>, repeat in 1usize..50) {
            let raw = raw.repeat(repeat);
            let mut out = vec![9];
            let dictionary = Encoder::new().append(&raw, &mut out);
            prop_assert_eq!(decompress(dictionary, &out[1..], raw.len()), Some(raw.clone()));
            prop_assert_eq!(decompress(dictionary, &out[1..], raw.len() + 1), None);
            prop_assert_eq!(decompress(77, &out[1..], raw.len()), None);
        }
    }

    /// Whatever was packed with one of them can be read as long as it stays as it is.
    #[test]
    fn dictionaries_never_change() {
        let raw = b"According to officials, nearly 8,000 troops crossed the border region".repeat(3);
        for (id, dictionary, other, hash) in [
            (DICTIONARY_1, FIRST, DICTIONARY_2, 9_954_661_418_722_573_077),
            (DICTIONARY_2, SECOND, DICTIONARY_1, 15_963_072_482_058_153_285),
        ] {
            assert_eq!(xxhash_rust::xxh3::xxh3_64(dictionary), hash, "dictionary {id}");
            let packed = Compressor::with_dictionary(3, dictionary).and_then(|mut with| with.compress(&raw)).unwrap();
            assert_eq!(decompress(id, &packed, raw.len()), Some(raw.clone()));
            assert_eq!(decompress(other, &packed, raw.len()), None);
        }
    }
}
