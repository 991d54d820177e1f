//! The layers, as a table: what each folder of `src` may name, of this crate and of others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

/// A layer, the modules of this crate that it may use besides itself, and the outside crates that are its own affair.
const LAYERS: &[(&str, &[&str], &[&str])] = &[
    ("domain", &[], &[]),
    ("storage", &["domain", "proto::claimdb::storage"], &["tokio", "prost", "sled", "tracing", "async_trait"]),
    ("service", &["domain", "storage"], &["tokio", "tracing"]),
    (
        "api",
        &["domain", "storage", "service", "proto", "call"],
        &["tonic", "tonic_types", "prost", "prost_types", "tokio", "tokio_stream", "tracing", "http"],
    ),
    ("call", &[], &["tonic", "tonic_types", "tokio", "tokio_util", "tracing", "prost", "http"]),
    ("config", &[], &["clap", "serde", "toml", "tracing_subscriber", "tracing"]),
    (
        "server",
        &["call", "config"],
        &[
            "tonic",
            "tonic_types",
            "tonic_health",
            "tonic_reflection",
            "tokio",
            "tokio_stream",
            "tokio_util",
            "tower",
            "hyper",
            "hyper_util",
            "http",
            "http_body",
            "http_body_util",
            "prost",
            "prost_types",
            "rustix",
            "tracing",
        ],
    ),
];

/// Crates that only the layers above that list them may name.
const GUARDED: &[&str] = &[
    "tonic",
    "tonic_types",
    "tonic_health",
    "tonic_reflection",
    "prost",
    "prost_types",
    "sled",
    "tokio",
    "tokio_util",
    "tokio_stream",
    "tower",
    "hyper",
    "hyper_util",
    "http",
    "http_body",
    "clap",
    "serde",
    "toml",
    "tracing_subscriber",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The code of a file, without comments and without its tests, which may use anything.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test_only(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.contains("/tests/") || name.ends_with("tests.rs")
}

#[test]
fn every_layer_uses_only_what_stands_to_its_right() {
    let mut wrong = Vec::new();
    for (layer, modules, crates) in LAYERS {
        let mut files = sources(Path::new("src"));
        files.retain(|file| file.starts_with(format!("src/{layer}")) || *file == Path::new(&format!("src/{layer}.rs")));
        assert!(!files.is_empty(), "no files in layer {layer}");
        for file in files.iter().filter(|file| !is_test_only(file)) {
            let code = code(file);
            for (index, _) in code.match_indices("crate::") {
                let used = &code[index + "crate::".len()..];
                let allowed = std::iter::once(layer).chain(modules.iter()).any(|module| {
                    used.strip_prefix(module)
                        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
                });
                // `pub(in crate::…)` and macros of the layer itself begin with its own name, too.
                if !allowed {
                    let used: String = used.chars().take(40).take_while(|c| *c != '\n').collect();
                    wrong.push(format!("{}: crate::{used}", file.display()));
                }
            }
            for guarded in GUARDED.iter().filter(|guarded| !crates.contains(guarded)) {
                let named = code.match_indices(&format!("{guarded}::")).any(|(index, _)| {
                    // `super::sled::` and `crate::server::http::` name modules, `my_http::` another crate.
                    !code[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                        && (!code[..index].ends_with("::") || code[..index].ends_with(" ::"))
                });
                if named {
                    wrong.push(format!("{}: {guarded}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "layers are crossed:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_grows_past_400_lines() {
    let mut long = Vec::new();
    for file in sources(Path::new("src")).into_iter().chain(sources(Path::new("tests"))) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        if lines > 400 {
            long.push(format!("{}: {lines}", file.display()));
        }
    }
    assert!(long.is_empty(), "these files hold more than one idea:\n{}", long.join("\n"));
}

#[test]
fn every_file_says_what_lives_in_it() {
    for file in sources(Path::new("src")).into_iter().chain(sources(Path::new("tests"))) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not begin with a `//!` line", file.display());
    }
}
