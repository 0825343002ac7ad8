//! The program: the command line, and what it assembles from the planes.
//!
//! Start at [`cli`]: each command is one call into another module here.

pub mod cli;
pub mod demo;
pub mod logging;
pub mod planes;
pub mod serve;
mod top;
