//! Who may do what?
//!
//! An [`Action`] needs a [`Capability`]; a [`Role`] is a set of capabilities in one workspace. A
//! member can be given single capabilities beyond the role's. A token has at most what its scopes name, and
//! never more than its person.

mod action;
mod capability;

pub use action::{Action, Needs};
pub use capability::{Capabilities, Capability, Role};
