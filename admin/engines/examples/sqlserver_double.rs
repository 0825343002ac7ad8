//! What do the console's tests connect to where no SQL Server can be had? The double of the tests here, as a program.
//!
//! Says its port, and ends when its standard input does. What it answers is made up: see `tests/sqlserver/double.rs`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/sqlserver/double.rs"]
mod double;
#[path = "../tests/harness/mod.rs"]
mod servers;
#[path = "../tests/sqlserver/shop.rs"]
mod shop;
#[path = "../tests/sqlserver/wire.rs"]
mod wire;

use double::{Crypt, Double};

fn main() {
    let double = Double::start(Crypt::None, shop::answers);
    println!("listens on {}, password {}", double.port, servers::PASSWORD);
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
}
