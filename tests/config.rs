//! The settings agree with their documentation, and with themselves.

#![allow(clippy::unwrap_used)]

use std::io::Write as _;

use claimdb::config::{Config, Error, Partial, all, documentation};

fn load(file: &str) -> Result<Config, Error> {
    let mut path = tempfile::NamedTempFile::new().unwrap();
    path.write_all(file.as_bytes()).unwrap();
    Config::load(Partial::default(), Some(path.path()))
}

#[test]
fn the_documentation_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, documentation()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap();
    assert_eq!(written, documentation(), "run `UPDATE_DOCS=1 cargo test --test config`");
}

#[test]
fn variables_are_named_after_their_keys_and_every_setting_is_explained() {
    for setting in all() {
        assert_eq!(setting.env, format!("CLAIMDB_{}", setting.name.to_uppercase()));
        assert!(setting.help.trim().len() > 40, "{}", setting.name);
        assert!(!setting.default.is_empty(), "{}", setting.name);
    }
}

#[test]
fn what_is_printed_reads_back_as_the_same() {
    let config = load("").unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(load(&config.to_toml()).unwrap(), config);
    for setting in all() {
        assert!(config.to_toml().contains(&format!("\n{} = {}\n", setting.name, setting.default)));
    }
}

#[test]
fn mistakes_name_the_setting() {
    let cases = [
        ("lisen = \"127.0.0.1:1\"", "unknown field `lisen`"),
        ("listen = \"nowhere\"", "listen = "),
        ("engine = \"rocksdb\"", "none of: sled, memory"),
        ("max_connections = 0", "max_connections is 0, and must be 1 to 65536"),
        ("max_message_bytes = \"1 KiB\"", "max_message_bytes is 1 KiB, and must be 4 MiB to 64 MiB"),
        ("drain_grace = 10", "drain_grace = 10"),
        ("log_filter = \"claimdb=loud\"", "log_filter `claimdb=loud`"),
    ];
    for (file, expected) in cases {
        let message = load(file).unwrap_err().to_string();
        assert!(message.contains(expected), "{file}: {message}");
    }
}
