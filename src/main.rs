//! The program: sets up what is one per process, then does what the command line says.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    use_small_pages();
    // One per process, for whoever asks rustls for "the" provider; fails only if there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    dragoman::cli::run()
}

/// Memory here is many small things: the allocator asks for pages of 2 MiB, of which an idle session
/// or a stream would then take one for a few kilobytes.
#[allow(unsafe_code)]
fn use_small_pages() {
    // SAFETY: the call takes numbers only. Where the kernel does not know it, nothing changes.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}
