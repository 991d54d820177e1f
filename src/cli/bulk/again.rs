//! The command that goes on with what was interrupted, as a shell takes it.

use std::ffi::OsStr;

/// What is told of a program that ends before it is done.
pub(super) const INTERRUPTED: &str = "interrupted";

/// This program's command line, with `--resume`.
pub(super) fn command() -> String {
    with_resume(std::env::args_os().map(|argument| quoted(&argument)).collect())
}

fn with_resume(mut arguments: Vec<String>) -> String {
    // Behind `--` nothing is an option.
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    if !arguments.iter().take(end).any(|argument| argument == "--resume") {
        arguments.insert(end, "--resume".to_owned());
    }
    arguments.join(" ")
}

fn quoted(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_goes_on() {
        let command =
            |arguments: &[&str]| with_resume(arguments.iter().map(|argument| quoted(OsStr::new(argument))).collect());
        assert_eq!(command(&["claimdb", "import", "a b.jsonl"]), "claimdb import 'a b.jsonl' --resume");
        assert_eq!(command(&["claimdb", "import", "it's", "--resume"]), r"claimdb import 'it'\''s' --resume");
        assert_eq!(command(&["claimdb", "import", "--", "--resume"]), "claimdb import --resume -- --resume");
    }
}
