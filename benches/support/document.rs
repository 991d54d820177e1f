//! What a bench prints of its tables, put into a document: between the marks that say which table stands there, so that what
//! is read there is what a command printed.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Prints a line, and keeps it if it is of a table.
#[allow(unused_macros, reason = "one bench has its tables whole")]
macro_rules! say {
    () => { $crate::document::say(format_args!("")) };
    ($($line:tt)*) => { $crate::document::say(format_args!($($line)*)) };
}

/// The tables so far, by their names, and which one is being printed.
#[derive(Default)]
struct Tables {
    done: Vec<(String, String)>,
    open: Option<(String, String)>,
}

static TABLES: Mutex<Tables> = Mutex::new(Tables { done: Vec::new(), open: None });

fn tables() -> MutexGuard<'static, Tables> {
    TABLES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A table that is being printed: to its end what is said is of it.
pub(crate) struct Table;

/// Begins a table. One of its name that was printed before is forgotten.
pub(crate) fn table(name: impl Into<String>) -> Table {
    tables().open = Some((name.into(), String::new()));
    Table
}

impl Drop for Table {
    fn drop(&mut self) {
        let mut tables = tables();
        if let Some((name, text)) = tables.open.take() {
            tables.done.retain(|(known, _)| *known != name);
            tables.done.push((name, text));
        }
    }
}

/// Forgets the tables so far: they were printed, and are not for a document.
#[allow(dead_code, reason = "only one bench asks")]
pub(crate) fn forget() {
    tables().done.clear();
}

/// Keeps a table that is there already, and prints it.
#[allow(dead_code, reason = "only one bench has its tables whole")]
pub(crate) fn whole(name: &str, text: &str) {
    let _table = table(name);
    say(format_args!("\n{text}"));
}

pub(crate) fn say(line: fmt::Arguments<'_>) {
    println!("{line}");
    if let Some((_, text)) = &mut tables().open {
        text.push_str(&line.to_string());
        text.push('\n');
    }
}

/// Puts the tables where a document has their marks, a comment before and one behind, each with the command it is of; others
/// are left as they are.
pub(crate) fn put(path: &Path, bench: &str) {
    let mut document = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let run = crate::machine::run(bench);
    for (name, text) in &tables().done {
        match with_table(&document, name, &format!("{}\n\n{run}", text.trim())) {
            Some(changed) => document = changed,
            None => eprintln!("{} has no place for the table {name}", path.display()),
        }
    }
    std::fs::write(path, document).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Two empty lines in a row are one in a document, and none stands at either end of a table.
fn with_table(document: &str, name: &str, text: &str) -> Option<String> {
    let mark = format!("<!-- table {name} -->\n");
    let begin = document.find(&mark)? + mark.len();
    let end = begin + document[begin..].find(END)?;
    // One that has no end of its own is not to take the next with it.
    if document[begin..end].contains("<!-- table ") {
        return None;
    }
    let text = text.trim().replace("\n\n\n", "\n\n");
    Some(format!("{}\n{text}\n\n{}", &document[..begin], &document[end..]))
}

const END: &str = "<!-- end of table -->";
