//! Served messages as canonical proto3 JSON: the form in which people and files have them.

use prost_reflect::{DynamicMessage, MessageDescriptor};

use crate::proto::pool;

/// What a message of `claimdb.v1` consists of, by its name there.
pub(super) fn descriptor(message: &str) -> MessageDescriptor {
    pool().get_message_by_name(&format!("claimdb.v1.{message}")).expect("the message is in the schema")
}

/// A message, to be looked at by its descriptor.
pub(super) fn dynamic(message: &impl prost::Message, descriptor: MessageDescriptor) -> DynamicMessage {
    let bytes = message.encode_to_vec();
    DynamicMessage::decode(descriptor, bytes.as_slice()).expect("a message is read as what it was written as")
}

/// A message as JSON. None for what JSON cannot say: a time outside the years 1 to 9999.
pub(super) fn json(message: &DynamicMessage) -> Option<serde_json::Value> {
    serde_json::to_value(message).ok()
}
