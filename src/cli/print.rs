//! What the program says. Whoever it is for may be gone: no reason to stop, and none to end otherwise than documented, as
//! `println!` would.

use std::io::{self, Write as _};

use super::Failure;

/// Prints what was asked for. Who reads the first lines alone has it.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|error| Failure::Error(format!("cannot write to standard output: {error}"))),
    }
}

/// Says a line beside it.
pub(super) fn tell(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
