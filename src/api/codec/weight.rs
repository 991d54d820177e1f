//! What a message takes in memory, told from its bytes and the schema before it is decoded.
//!
//! Two bytes can be an empty claim, which takes more than a kilobyte: decoding 4 MB of them took 4 GB.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::proto;

/// A vector grows to twice its size, with the smaller one still there.
const GROWTH: usize = 2;

/// What the allocator and a vector's or a map's place take for a text of its own.
const TEXT: usize = 64;

/// The largest thing that one byte of a packed field is decoded to.
const PACKED: usize = 8;

/// Messages within each other that prost decodes, at most.
const DEPTH_MAX: usize = 100;

/// About what a request of this name takes when it is decoded from these bytes; none when that is more than `max`. Bytes that
/// are no message weigh what was read of them: decoding says what is wrong.
pub(super) fn of(name: &str, bytes: &[u8], max: usize) -> Option<usize> {
    let Some(shape) = SHAPES.by_name.get(name) else { return Some(bytes.len()) };
    let mut scale = Scale { left: max };
    scale.message(*shape, bytes, 0).ok()?;
    Some(max - scale.left)
}

/// The messages of the served schema, as far as their weight goes.
struct Shapes {
    all: Vec<Shape>,
    by_name: HashMap<String, usize>,
}

struct Shape {
    /// What one takes without what its vectors, maps and texts hold.
    bytes: usize,
    /// By their numbers.
    fields: Vec<Part>,
}

#[derive(Clone, Copy, Default)]
enum Part {
    /// What is no field.
    #[default]
    Unknown,
    /// A text, or a number.
    Plain,
    /// Numbers one after the other.
    Numbers,
    /// A message within its parent.
    One(usize),
    /// One of many.
    Many(usize),
}

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let messages: Vec<_> = proto::pool().all_messages().collect();
    let places: HashMap<_, _> = messages.iter().enumerate().map(|(at, it)| (it.full_name().to_owned(), at)).collect();
    let part = |field: &FieldDescriptor| {
        let kind = field.kind();
        let Some(inner) = kind.as_message() else {
            let is_text = matches!(kind, Kind::String | Kind::Bytes);
            return if field.is_list() && !is_text { Part::Numbers } else { Part::Plain };
        };
        match places.get(inner.full_name()) {
            Some(place) if field.is_list() || field.is_map() => Part::Many(*place),
            Some(place) => Part::One(*place),
            None => Part::Unknown,
        }
    };
    let shape = |message: &MessageDescriptor| {
        let last = message.fields().map(|field| field.number()).max().unwrap_or_default();
        let mut fields = vec![Part::Unknown; last as usize + 1];
        message.fields().for_each(|field| fields[field.number() as usize] = part(&field));
        Shape { bytes: bytes_of(message), fields }
    };
    let all = messages.iter().map(shape).collect();
    let served = messages.iter().enumerate().filter(|(_, message)| message.package_name() == "claimdb.v1");
    let by_name = served.map(|(at, message)| (message.name().to_owned(), at)).collect();
    Shapes { all, by_name }
});

/// What the generated struct of a message takes, about. None of the schema holds one like itself but in a vector.
fn bytes_of(message: &MessageDescriptor) -> usize {
    let fields = message.fields().filter(|field| field.containing_oneof().is_none_or(|oneof| oneof.is_synthetic()));
    let plain: usize = fields.map(|field| slot(&field)).sum();
    let choices = message.oneofs().filter(|oneof| !oneof.is_synthetic());
    plain + choices.map(|oneof| oneof.fields().map(|field| slot(&field)).max().unwrap_or_default() + 8).sum::<usize>()
}

/// What a field takes where it stands.
fn slot(field: &FieldDescriptor) -> usize {
    let kind = field.kind();
    match kind.as_message() {
        _ if field.is_list() || field.is_map() => 24,
        Some(inner) => bytes_of(inner) + 8,
        None if matches!(kind, Kind::String | Kind::Bytes) => 24,
        None => 8,
    }
}

/// More than may be.
struct TooMuch;

struct Scale {
    /// What may still come.
    left: usize,
}

impl Scale {
    fn take(&mut self, bytes: usize) -> Result<(), TooMuch> {
        self.left = self.left.checked_sub(bytes).ok_or(TooMuch)?;
        Ok(())
    }

    fn message(&mut self, shape: usize, mut bytes: &[u8], depth: usize) -> Result<(), TooMuch> {
        let fields = &SHAPES.all[shape].fields;
        while let Some((number, value)) = next_field(&mut bytes) {
            let part = fields.get(number).copied().unwrap_or_default();
            match (part, value) {
                (Part::Unknown, _) | (Part::Plain | Part::One(_) | Part::Many(_), Value::Number) => {}
                (Part::Numbers, Value::Number) => self.take(PACKED * GROWTH)?,
                (Part::Numbers, Value::Bytes(packed)) => self.take(packed.len() * PACKED * GROWTH)?,
                (Part::Plain, Value::Bytes(text)) => self.take(text.len() + TEXT)?,
                (Part::One(_) | Part::Many(_), Value::Bytes(_)) if depth == DEPTH_MAX => return Ok(()),
                (Part::One(shape), Value::Bytes(inner)) => self.message(shape, inner, depth + 1)?,
                (Part::Many(shape), Value::Bytes(inner)) => {
                    self.take(SHAPES.all[shape].bytes * GROWTH)?;
                    self.message(shape, inner, depth + 1)?;
                }
            }
        }
        Ok(())
    }
}

enum Value<'a> {
    Number,
    Bytes(&'a [u8]),
}

/// The next field of a message, by its number; none at its end, and where the bytes are none.
fn next_field<'a>(bytes: &mut &'a [u8]) -> Option<(usize, Value<'a>)> {
    let (number, wire_type) = prost::encoding::decode_key(bytes).ok()?;
    let mut skip = |length: usize| {
        let (skipped, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(skipped)
    };
    let value = match wire_type {
        prost::encoding::WireType::SixtyFourBit => skip(8).map(|_| Value::Number)?,
        prost::encoding::WireType::ThirtyTwoBit => skip(4).map(|_| Value::Number)?,
        prost::encoding::WireType::Varint => prost::encoding::decode_varint(bytes).ok().map(|_| Value::Number)?,
        prost::encoding::WireType::LengthDelimited => {
            let length = usize::try_from(prost::encoding::decode_varint(bytes).ok()?).ok()?;
            let (value, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Value::Bytes(value)
        }
        // The schema has no groups.
        prost::encoding::WireType::StartGroup | prost::encoding::WireType::EndGroup => return None,
    };
    Some((usize::try_from(number).ok()?, value))
}

#[cfg(test)]
mod tests {
    use prost::{Message as _, Name};

    use super::*;
    use crate::proto::claimdb::v1;

    #[test]
    fn structs_are_about_as_large_as_they_are_taken_for() {
        fn check<M: Name>() {
            let (taken, real) = (SHAPES.all[SHAPES.by_name[M::NAME]].bytes, size_of::<M>());
            assert!((real * 3 / 4..=real * 3 / 2).contains(&taken), "{}: {taken} for {real}", M::NAME);
        }
        check::<v1::Claim>();
        check::<v1::Article>();
        check::<v1::Source>();
        check::<v1::Attribution>();
        check::<v1::Figure>();
        check::<v1::EntityRef>();
        check::<v1::Span>();
        check::<v1::ClaimFilter>();
        check::<v1::RecordRequest>();
    }

    #[test]
    fn many_small_parts_weigh_more_than_their_bytes() {
        let weigh = |request: &v1::RecordRequest| of("RecordRequest", &request.encode_to_vec(), 64 << 20);
        let claims = |count| v1::RecordRequest { claims: vec![v1::Claim::default(); count], ..Default::default() };
        let weight = weigh(&claims(1_000)).unwrap();
        assert!((2_000_000..4_000_000).contains(&weight), "{weight}");
        assert_eq!(weigh(&claims(100_000)), None);
        let within = v1::Claim { attributions: vec![v1::Attribution::default(); 100_000], ..Default::default() };
        assert_eq!(weigh(&v1::RecordRequest { claims: vec![within], ..Default::default() }), None);
        let text = v1::Article { text: "word ".repeat(400_000), ..Default::default() };
        let weight = weigh(&v1::RecordRequest { articles: vec![text], ..Default::default() }).unwrap();
        assert!((2_000_000..2_100_000).contains(&weight), "{weight}");
    }

    #[test]
    fn what_is_no_message_weighs_what_was_read_of_it() {
        for bytes in
            [&b"\xff"[..], b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x0b", b"\x0a\x05a", &[0x0a; 4096]]
        {
            assert!(of("RecordRequest", bytes, 64 << 20).is_some(), "{bytes:?}");
        }
        assert_eq!(of("NoRequest", b"abc", 64 << 20), Some(3));
    }
}
