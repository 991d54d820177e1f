//! The claims as lines that `claimdb import` reads.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use claimdb::proto::pool;
use prost::Message as _;
use prost_reflect::DynamicMessage;

use crate::generate::Generator;

pub(crate) fn write(generator: &Generator, claims: u64, path: &Path) {
    let descriptor = pool().get_message_by_name("claimdb.v1.RecordRequest").expect("the schema has it");
    let mut file = BufWriter::new(std::fs::File::create(path).expect("a file"));
    for item in generator.items(claims) {
        let message = DynamicMessage::decode(descriptor.clone(), item.encode_to_vec().as_slice()).expect("its message");
        serde_json::to_writer(&mut file, &message).expect("it can be written");
        file.write_all(b"\n").expect("it can be written");
    }
    file.flush().expect("it can be written");
}
