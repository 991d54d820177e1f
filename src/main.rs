//! The claimdb program: which services there are, and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    claimdb::cli::main(claimdb::cli::Services::claims())
}
