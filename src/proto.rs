//! The generated code. Only `api` knows the served messages, only `storage::codec` the stored ones.

#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    unreachable_pub
)]

/// Everything claimdb's generated modules refer to each other by.
pub mod claimdb {
    /// The served messages and services.
    pub mod v1 {
        tonic::include_proto!("claimdb.v1");
    }
    /// The stored messages; never served.
    pub mod storage {
        /// Version 1 of the stored messages.
        pub mod v1 {
            tonic::include_proto!("claimdb.storage.v1");
        }
    }
}

/// The descriptor set of all of them, as reflection serves it.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/claimdb.binpb"));

/// The descriptors, for messages as canonical JSON.
pub fn pool() -> &'static prost_reflect::DescriptorPool {
    static POOL: std::sync::LazyLock<prost_reflect::DescriptorPool> = std::sync::LazyLock::new(|| {
        prost_reflect::DescriptorPool::decode(DESCRIPTORS).expect("the build made it from the schema")
    });
    &POOL
}
