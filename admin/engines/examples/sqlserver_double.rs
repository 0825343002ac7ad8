//! What do the console's tests connect to where no SQL Server can be had? The double of the tests here, as a program.
//!
//! Says its port, and goes on until whoever started it ends it. What it answers is made up: see `tests/sqlserver/double.rs`.
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
    loop {
        std::thread::park();
    }
}
