//! Between messages and their bytes: prost, and before it a look at what a request comes to in memory, and whether there is
//! room for it.

mod weight;

use std::marker::PhantomData;

use bytes::Buf as _;
use prost::{Message, Name};
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic::{Code, Status};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

use crate::call::{memory, reason, status_with};
use crate::domain::limits;

/// What the generated clients and servers encode and decode with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighed<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Weighed<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for Weighed<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = Weighing<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        Weighing(ProstCodec::<U, U>::default().decoder())
    }
}

/// Decodes what it has weighed.
#[derive(Clone, Debug)]
pub(crate) struct Weighing<U>(ProstDecoder<U>);

impl<U: Message + Name + Default> Decoder for Weighing<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let _held = weigh(U::NAME, bytes)?;
        self.0.decode(bytes)
    }
}

/// Smaller ones are not weighed: of the smallest parts they come to less than a hundred kilobytes.
const WEIGHED_FROM: usize = 64;

/// What a byte of a large request may come to: where larger messages than usual are allowed, so are more parts of them.
const PER_BYTE: usize = 32;

/// Refuses a request that would take more memory than one may, or than there is. Answers weigh nothing: a client decodes what it
/// asked for. What a large one takes is held until it is decoded.
fn weigh(name: &str, bytes: &DecodeBuf<'_>) -> Result<Option<memory::Held>, Status> {
    let wire = bytes.chunk();
    if wire.len() < WEIGHED_FROM {
        return Ok(None);
    }
    let max = limits::REQUEST_MEMORY.max(wire.len().saturating_mul(PER_BYTE));
    match weight::of(name, wire, max) {
        Ok(bytes) => {
            let memory = memory::process();
            if bytes < memory::LARGE {
                memory.has_room_for(bytes);
                return Ok(None);
            }
            let (held, has_room) = memory.hold(bytes);
            // Whoever reads a stream of requests has waited for room before, and goes on with what it has.
            if has_room || weight::is_streamed(name) { Ok(Some(held)) } else { Err(memory.refusal()) }
        }
        Err(weight::Refused::TooHeavy) => Err(too_heavy(wire.len(), max)),
        Err(weight::Refused::Malformed) => {
            let message = "the request is not a message of this method";
            Err(status_with(Code::InvalidArgument, reason::MESSAGE_MALFORMED, message, []))
        }
    }
}

fn too_heavy(size: usize, max: usize) -> Status {
    let message = format!(
        "the request has so many parts that its {size} bytes would take more than {max} in memory; send less at once"
    );
    let sizes = [("size_bytes", size.to_string()), ("memory_limit_bytes", max.to_string())];
    status_with(Code::ResourceExhausted, reason::MESSAGE_TOO_LARGE, message, sizes)
}
