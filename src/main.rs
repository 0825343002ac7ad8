//! The program: sets up what is one per process, then does what the command line says.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // One per process, for whoever asks rustls for "the" provider; fails only if there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    dragoman::cli::run()
}
