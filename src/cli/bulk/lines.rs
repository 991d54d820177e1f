//! Between a line and a request: canonical proto3 JSON, by the descriptors.

use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};

use crate::proto::claimdb::v1::RecordRequest;
use crate::proto::pool;

/// What a line holds.
const MESSAGE: &str = "claimdb.v1.RecordRequest";

/// Reads and writes lines.
#[derive(Clone, Debug)]
pub(super) struct Format {
    message: MessageDescriptor,
}

impl Format {
    pub(super) fn new() -> Self {
        Self { message: pool().get_message_by_name(MESSAGE).expect("the schema has it") }
    }

    /// The request that a line holds.
    pub(super) fn read(&self, line: &[u8]) -> Result<RecordRequest, String> {
        parse(self.message.clone(), line).map_err(without_line)
    }

    /// A request as a line, with the end of the line.
    pub(super) fn write(&self, request: &RecordRequest, line: &mut Vec<u8>) -> Result<(), String> {
        let bytes = request.encode_to_vec();
        let message =
            DynamicMessage::decode(self.message.clone(), bytes.as_slice()).map_err(|error| error.to_string())?;
        serde_json::to_writer(&mut *line, &message).map_err(|error| error.to_string())?;
        line.push(b'\n');
        Ok(())
    }
}

/// To its reader an error is on the file's line, not on the first.
fn without_line(error: String) -> String {
    match error.rsplit_once(" at line 1 column ") {
        Some((what, column)) => format!("{what} at column {column}"),
        None => error,
    }
}

/// A message of the schema, from its JSON.
pub(in crate::cli) fn parse<M: prost::Message + Default>(
    descriptor: MessageDescriptor,
    json: &[u8],
) -> Result<M, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let message = DynamicMessage::deserialize(descriptor, &mut deserializer).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    message.transcode_to().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_request_in_json() {
        let format = Format::new();
        let line = br#"{"sources": [{"displayName": "Meanwhile", "kind": "SOURCE_KIND_PERSON"}]}"#;
        let read = format.read(line).unwrap();
        assert_eq!(read.sources[0].display_name, "Meanwhile");
        let mut written = Vec::new();
        format.write(&read, &mut written).unwrap();
        assert_eq!(written, b"{\"sources\":[{\"kind\":\"SOURCE_KIND_PERSON\",\"displayName\":\"Meanwhile\"}]}\n");
        for (wrong, says) in [
            (&b"{\"sauces\": []}"[..], "sauces"),
            (b"{} {}", "trailing"),
            (b"{\"sources\": ", "EOF"),
            (b"", "EOF"),
            (b"{\"validateOnly\": 1}", "invalid type"),
        ] {
            let error = format.read(wrong).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        // Which line it is stands before it.
        assert_eq!(format.read(b"nope").unwrap_err(), "expected ident at column 2");
    }
}
