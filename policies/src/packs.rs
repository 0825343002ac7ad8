//! Which rule sets are built in? Written in the same language as everybody's; `packs/*.toml` explain
//! themselves.

/// The names of the packs. No file can take one of them.
pub const PACKS: [&str; 5] = ["read-only", "production", "development", "analyst", "agent"];

/// The text of a pack.
pub fn pack(name: &str) -> Option<&'static str> {
    match name {
        "read-only" => Some(include_str!("../packs/read-only.toml")),
        "production" => Some(include_str!("../packs/production.toml")),
        "development" => Some(include_str!("../packs/development.toml")),
        "analyst" => Some(include_str!("../packs/analyst.toml")),
        "agent" => Some(include_str!("../packs/agent.toml")),
        _ => None,
    }
}
