//! What the served descriptors say about services and methods; the only thing the server knows of the schema.

use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::method_options::IdempotencyLevel;
use prost_types::{FileDescriptorSet, MethodOptions};

/// Every service and method served, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Methods {
    services: Vec<String>,
    /// By their paths (`/package.Service/Method`).
    methods: BTreeMap<String, Method>,
}

#[derive(Clone, Copy, Debug)]
struct Method {
    streams: bool,
    takes_stream: bool,
    reads: bool,
}

impl Methods {
    pub(super) fn read(descriptors: &[&[u8]]) -> Result<Self, prost::DecodeError> {
        let mut methods = Self::default();
        for bytes in descriptors {
            for file in FileDescriptorSet::decode(*bytes)?.file {
                for service in &file.service {
                    let name = match file.package() {
                        "" => service.name().to_owned(),
                        package => format!("{package}.{}", service.name()),
                    };
                    for method in &service.method {
                        let level = method.options.as_ref().map(MethodOptions::idempotency_level);
                        let found = Method {
                            streams: method.client_streaming() || method.server_streaming(),
                            takes_stream: method.client_streaming(),
                            reads: level == Some(IdempotencyLevel::NoSideEffects),
                        };
                        methods.methods.insert(format!("/{name}/{}", method.name()), found);
                    }
                    methods.services.push(name);
                }
            }
        }
        methods.services.sort_unstable();
        methods.services.dedup();
        Ok(methods)
    }

    pub(super) fn services(&self) -> &[String] {
        &self.services
    }

    pub(super) fn is_known(&self, path: &str) -> bool {
        self.methods.contains_key(path)
    }

    /// Whether messages flow for as long as the parties like. An unknown method does not, so it gets a deadline.
    pub(super) fn is_streaming(&self, path: &str) -> bool {
        self.methods.get(path).is_some_and(|method| method.streams)
    }

    /// Whether its requests are a stream.
    pub(super) fn takes_stream(&self, path: &str) -> bool {
        self.methods.get(path).is_some_and(|method| method.takes_stream)
    }

    /// Whether a call changes nothing, so that its answer can be let go of and asked for again.
    pub(super) fn is_read(&self, path: &str) -> bool {
        self.methods.get(path).is_some_and(|method| method.reads)
    }
}
