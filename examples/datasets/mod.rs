//! What the examples that map data sets have in common: JSON Lines in, JSON Lines out.

use std::io::{self, BufRead, BufWriter, Write};

use serde_json::Value;

/// Maps every line of the standard input to a line of the standard output.
pub(crate) fn run(request: impl Fn(&Value) -> Value) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let row: Value = serde_json::from_str(&line?)?;
        serde_json::to_writer(&mut out, &request(&row))?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// A field as text, whatever its type; empty when it is not there.
pub(crate) fn text(row: &Value, field: &str) -> String {
    match &row[field] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    }
}
