//! The control plane: who may do what, what the product does, and the API through which people and
//! programs ask for it.
//!
//! A request goes `http` (one endpoint, one file) → `app` (what the product does, without HTTP and
//! without SQL) → `admin-store`. [`access`] says who may; [`operation::Operation`] carries who asks and
//! writes down what was done.

pub mod access;
pub mod app;
pub mod background;
pub mod fleet;
pub mod housekeeping;
pub mod http;
pub mod key_store;
pub mod mail;
mod mailing;
pub mod notices;
pub mod operation;
pub mod plane;
pub mod presence;
pub mod problem;
pub mod retention;
pub mod settings;
pub mod sign_in;
pub mod topics;
pub mod totp;
pub mod vault;
