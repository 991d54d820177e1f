//! Compiles `proto/` without protoc: message and service code for the crate, and the descriptor set that reflection
//! serves.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new(["proto", "proto/vendor"])?;
    compiler.include_source_info(false).include_imports(true);
    for package in ["claimdb/v1", "claimdb/storage/v1"] {
        let mut files: Vec<_> = fs::read_dir(PathBuf::from("proto").join(package))?
            .map(|entry| entry.map(|entry| format!("{package}/{}", entry.file_name().to_string_lossy())))
            .collect::<Result<_, _>>()?;
        files.sort();
        compiler.open_files(files)?;
    }
    // Served with the rest, so that tools which follow reflection can show what an error carries.
    compiler.open_file("google/rpc/error_details.proto")?;
    // Encoded by protox itself: decoding into prost types would drop the field behaviour annotations.
    fs::write(out.join("claimdb.binpb"), compiler.encode_file_descriptor_set())?;

    let mut descriptors = compiler.file_descriptor_set();
    // Option-only packages: no code refers to them.
    descriptors.file.retain(|file| !matches!(file.package(), "google.api" | "google.rpc"));
    // Ordered maps encode the same way every time: a request is recognised again by the digest of its encoding.
    let code = tonic_prost_build::configure().build_client(true).build_server(true).btree_map(".");
    let mut messages = prost_build::Config::new();
    messages.enable_type_names();
    code.codec_path("crate::api::codec::Weighed").compile_fds_with_config(descriptors, messages)?;
    Ok(())
}
