//! What the served descriptors say about services and methods; the only thing the server knows of the schema.

use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::FileDescriptorSet;

/// Every service and method served, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Methods {
    services: Vec<String>,
    /// Whether the method streams, by its path (`/package.Service/Method`).
    streaming: BTreeMap<String, bool>,
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
                        let streams = method.client_streaming() || method.server_streaming();
                        methods.streaming.insert(format!("/{name}/{}", method.name()), streams);
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
        self.streaming.contains_key(path)
    }

    /// Whether messages flow for as long as the parties like. An unknown method does not, so it gets a deadline.
    pub(super) fn is_streaming(&self, path: &str) -> bool {
        self.streaming.get(path).copied().unwrap_or(false)
    }
}
