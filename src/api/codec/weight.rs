//! What a message takes in memory, told from its bytes and the schema before it is decoded.
//!
//! Two bytes can be an empty claim, which takes more than a kilobyte: decoding 4 MB of them took 4 GB.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
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

/// Why a request is not to be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It would take more than it may.
    TooHeavy,
    /// It is no message: decoding would find that out, too, but only where it comes to it.
    Malformed,
}

/// About what a request of this name takes when it is decoded from these bytes, if that is no more than `max`.
pub(super) fn of(name: &str, bytes: &[u8], max: usize) -> Result<usize, Refused> {
    let Some(request) = SHAPES.requests.get(name) else { return Ok(bytes.len()) };
    let mut scale = Scale { left: max };
    scale.message(request.shape, bytes, 0)?;
    Ok(max - scale.left)
}

/// Whether requests of this name come in a stream.
pub(super) fn is_streamed(name: &str) -> bool {
    SHAPES.requests.get(name).is_some_and(|request| request.is_streamed)
}

/// The messages of the served schema, as far as their weight goes.
struct Shapes {
    all: Vec<Shape>,
    /// What methods are called with, by its name.
    requests: HashMap<String, Asked>,
}

struct Asked {
    shape: usize,
    is_streamed: bool,
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
    let services = proto::pool().services().filter(|service| service.package_name() == "claimdb.v1");
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    let requests = methods.filter_map(|method| {
        let (input, is_streamed) = (method.input(), method.is_client_streaming());
        Some((input.name().to_owned(), Asked { shape: *places.get(input.full_name())?, is_streamed }))
    });
    Shapes { all, requests: requests.collect() }
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

struct Scale {
    /// What may still come.
    left: usize,
}

impl Scale {
    fn take(&mut self, bytes: usize) -> Result<(), Refused> {
        self.left = self.left.checked_sub(bytes).ok_or(Refused::TooHeavy)?;
        Ok(())
    }

    fn message(&mut self, shape: usize, mut bytes: &[u8], depth: usize) -> Result<(), Refused> {
        if depth > DEPTH_MAX {
            return Err(Refused::Malformed);
        }
        let fields = &SHAPES.all[shape].fields;
        while !bytes.is_empty() {
            let (number, value) = next_field(&mut bytes).ok_or(Refused::Malformed)?;
            let part = fields.get(number).copied().unwrap_or_default();
            match (part, value) {
                (Part::Unknown, _) | (Part::Plain, Value::Other) => {}
                // Decoding refuses them as soon as it meets them.
                (Part::One(_) | Part::Many(_), Value::Other) => return Err(Refused::Malformed),
                (Part::Numbers, Value::Other) => self.take(PACKED * GROWTH)?,
                (Part::Numbers, Value::Bytes(packed)) => self.take(packed.len() * PACKED * GROWTH)?,
                (Part::Plain, Value::Bytes(text)) => self.take(text.len() + TEXT)?,
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
    Bytes(&'a [u8]),
    /// A number, or a group: the schema has none, and what it does not have is passed over.
    Other,
}

/// The next field of a message, by its number; none where the bytes are no field.
fn next_field<'a>(bytes: &mut &'a [u8]) -> Option<(usize, Value<'a>)> {
    let (number, wire_type) = decode_key(bytes).ok()?;
    let value = if wire_type == WireType::LengthDelimited {
        let length = usize::try_from(decode_varint(bytes).ok()?).ok()?;
        let (value, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Value::Bytes(value)
    } else {
        skip_field(wire_type, number, bytes, DecodeContext::default()).ok()?;
        Value::Other
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
            let message = proto::pool().get_message_by_name(&M::full_name()).unwrap();
            let (taken, real) = (bytes_of(&message), size_of::<M>());
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
        assert_eq!(weigh(&claims(100_000)), Err(Refused::TooHeavy));
        let within = v1::Claim { attributions: vec![v1::Attribution::default(); 100_000], ..Default::default() };
        assert_eq!(weigh(&v1::RecordRequest { claims: vec![within], ..Default::default() }), Err(Refused::TooHeavy));
        let text = v1::Article { text: "word ".repeat(400_000), ..Default::default() };
        let weight = weigh(&v1::RecordRequest { articles: vec![text], ..Default::default() }).unwrap();
        assert!((2_000_000..2_100_000).contains(&weight), "{weight}");
    }

    #[test]
    fn nothing_is_decoded_behind_what_is_no_message() {
        let claims =
            v1::RecordRequest { claims: vec![v1::Claim::default(); 100_000], ..Default::default() }.encode_to_vec();
        let weigh = |bytes: &[u8]| of("RecordRequest", bytes, 64 << 20);
        // A group that the schema does not have is passed over, and what follows is decoded.
        assert_eq!(weigh(&[&[0xc3, 0x3e, 0xc4, 0x3e], &*claims].concat()), Err(Refused::TooHeavy));
        // Decoding notices only behind its last field that a message is longer than it says, or that a group does not end.
        let claims_tag = claims[0];
        for bytes in [
            &[claims_tag, 1, 0x72][..],
            &[0xc3, 0x3e],
            &[0xff],
            &[claims_tag, 5, b'a'],
            &[0xc4, 0x3e],
            &[claims_tag & !7, 1],
        ] {
            assert_eq!(weigh(&[bytes, &claims[..2]].concat()), Err(Refused::Malformed), "{bytes:x?}");
        }
        let nested = (0..200).fold(Vec::new(), |inner: Vec<u8>, _| {
            let mut outer = vec![0xaa, 0x01];
            prost::encoding::encode_varint(inner.len() as u64, &mut outer);
            [outer, inner].concat()
        });
        let mut filter = vec![0x0a];
        prost::encoding::encode_varint(nested.len() as u64, &mut filter);
        assert_eq!(of("QueryClaimsRequest", &[filter, nested].concat(), 64 << 20), Err(Refused::Malformed), "too deep");
        assert_eq!(of("NoRequest", b"abc", 64 << 20), Ok(3));
    }

    #[test]
    fn only_imports_come_in_a_stream() {
        let streamed: Vec<_> =
            SHAPES.requests.iter().filter(|(_, request)| request.is_streamed).map(|(name, _)| &**name).collect();
        assert_eq!(streamed, ["ImportRequest"]);
    }
}
