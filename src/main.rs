//! The claimdb program: which services there are, the allocator, and nothing else.

use std::process::ExitCode;

/// Records are trees of small values, made and dropped on several threads: that is what this allocator is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    without_huge_pages();
    claimdb::cli::main(claimdb::cli::Services::claims())
}

/// The allocator asks for huge pages, and the system clears two megabytes when the first byte of one is touched: a page of
/// claims that needs a few of them waits three times as long (docs/performance/tried.md).
fn without_huge_pages() {
    // Where it is refused, or unknown, answers are as right as without it.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
