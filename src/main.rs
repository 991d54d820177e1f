//! The claimdb program: which services there are, the allocator, and nothing else.

use std::process::ExitCode;

/// Records are trees of small values, made and dropped on several threads: that is what this allocator is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    claimdb::cli::main(claimdb::cli::Services::claims())
}
