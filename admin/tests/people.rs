//! Who works here, how do they come in, and what may nobody do?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

#[path = "people/access_review.rs"]
mod access_review;
#[path = "people/activity.rs"]
mod activity;
#[path = "people/groups.rs"]
mod groups;
#[path = "people/invitations.rs"]
mod invitations;
#[path = "people/machines.rs"]
mod machines;
#[path = "people/members.rs"]
mod members;
#[path = "people/post.rs"]
mod post;
#[path = "people/profile.rs"]
mod profile;
#[path = "people/roles.rs"]
mod roles;
#[path = "people/second_factor.rs"]
mod second_factor;
#[path = "people/sign_in.rs"]
mod sign_in;
#[path = "people/tokens.rs"]
mod tokens;
#[path = "people/waiting_mails.rs"]
mod waiting_mails;
