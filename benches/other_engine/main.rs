//! The claimdb program over another engine: as `src/main.rs`, the allocator included.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    claimdb::cli::main(claimdb::cli::Services::claims())
}
