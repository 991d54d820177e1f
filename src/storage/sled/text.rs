//! A text beside the log: compressed as a whole, cut into parts, with its length and checksum.

use bytes::Bytes;

use super::bytes_codec::{Cursor, checksum};
use super::compression::{Encoder, decompress};

const TEXT_FORMAT: u8 = 1;
/// format, dictionary, raw length, payload length, checksum.
const HEADER_BYTES: usize = 14;

/// The bytes of a text, to be cut into parts.
pub(crate) fn encode(number: u64, text: &str, encoder: &mut Encoder) -> Vec<u8> {
    let mut value = vec![0; HEADER_BYTES];
    let dictionary = encoder.append(text.as_bytes(), &mut value);
    let payload_length = value.len() - HEADER_BYTES;
    value[0] = TEXT_FORMAT;
    value[1] = dictionary;
    value[2..6].copy_from_slice(&(text.len() as u32).to_be_bytes());
    value[6..10].copy_from_slice(&(payload_length as u32).to_be_bytes());
    let sum = text_checksum(number, &value);
    value[10..14].copy_from_slice(&sum.to_be_bytes());
    value
}

/// The text in the joined parts, or what is wrong with it.
pub(crate) fn decode(number: u64, joined: &[u8]) -> Result<Bytes, &'static str> {
    let mut cursor = Cursor::new(joined);
    let header = (|| {
        let format = cursor.u8()?;
        let dictionary = cursor.u8()?;
        Some((format, dictionary, cursor.u32()?, cursor.u32()?, cursor.u32()?))
    })();
    let Some((TEXT_FORMAT, dictionary, raw_length, payload_length, sum)) = header else {
        return Err("its header is unreadable");
    };
    let payload = cursor.take(payload_length as usize).ok_or("it is cut short")?;
    if !cursor.is_at_end() {
        return Err("it is longer than it says");
    }
    if text_checksum(number, joined) != sum {
        return Err("its checksum does not match");
    }
    decompress(dictionary, payload, raw_length as usize).map(Bytes::from).ok_or("it does not decompress")
}

/// How many bytes of joined parts a text has, read from the beginning of its first part.
pub(crate) fn joined_length(first_part: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(first_part);
    cursor.take(6)?;
    Some(HEADER_BYTES + cursor.u32()? as usize)
}

/// Over number, header without checksum, and payload.
fn text_checksum(number: u64, value: &[u8]) -> u32 {
    let mut prefix = number.to_be_bytes().to_vec();
    prefix.extend_from_slice(&value[..HEADER_BYTES - 4]);
    checksum(&prefix, &value[HEADER_BYTES..])
}
