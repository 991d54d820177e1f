//! Compression of frames and texts with a dictionary that ships with the code. The dictionary is
//! trained on synthetic text only, so that no record survives in it (see `examples/train_dictionary.rs`).

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// No dictionary and no compression: the bytes are stored as they are.
pub(crate) const STORED: u8 = 0;
/// The dictionary in use. A new one gets the next id; old ids stay readable.
pub(crate) const DICTIONARY_1: u8 = 1;

/// About 7 µs for a record of 900 bytes that hardly compresses (measured), a third of what a record
/// may cost the writer's thread.
const LEVEL: i32 = 3;

/// No frame or text is longer when decompressed: what a header claims beyond it is damage, not a
/// reason to allocate.
pub(crate) const RAW_BYTES_MAX: usize = 64 << 20;

static DICTIONARY: &[u8] = include_bytes!("dictionary.bin");

static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    static DECOMPRESSOR: RefCell<Decompressor<'static>> = RefCell::new(
        Decompressor::with_prepared_dictionary(&DECODER).expect("the shipped dictionary is valid"),
    );
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
                DICTIONARY_1
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
    let raw = match dictionary {
        STORED => payload.to_vec(),
        DICTIONARY_1 => {
            DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.decompress(payload, raw_length)).ok()?
        }
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
}
