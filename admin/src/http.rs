//! How is the control plane asked? HTTP, JSON, one endpoint a file.
//!
//! Around every endpoint lie the same layers, outermost first: the request's id and the log's line, the
//! bound of the body, rates, who asks, CSRF, idempotency. An endpoint itself is a function that takes
//! an [`crate::operation::Operation`] and typed input and gives typed output or a
//! [`crate::problem::Problem`].

pub mod authorize;
pub mod bounds;
pub mod caller;
pub mod console;
pub mod cookies;
mod docs;
pub mod etag;
pub mod extract;
pub mod idempotency;
pub mod layers;
pub mod openapi;
pub mod page;
pub mod path;
mod patience;
pub mod rates;
mod serve;
pub mod timestamp;

pub mod access_review;
pub mod activity;
pub mod connections;
pub mod favourites;
pub mod instance;
pub mod invitations;
pub mod ledger;
pub mod link;
pub mod listeners;
pub mod live;
pub mod live_sessions;
pub mod machines;
pub mod members;
pub mod mode_changes;
pub mod notifications;
pub mod packs;
pub mod password_reset;
pub mod plane_restarts;
pub mod planes;
pub mod principals;
pub mod privacy;
pub mod profile;
pub mod publications;
pub mod queries;
pub mod registration;
pub mod roles;
pub mod rule_sets;
pub mod runs;
pub mod schema;
pub mod session;
pub mod sessions;
pub mod sign_in;
pub mod teams;
pub mod tokens;
pub mod traffic;
pub mod users;
pub mod viewpoints;
pub mod workspaces;

pub use openapi::{document, router};
pub use serve::serve;
