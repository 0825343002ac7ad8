//! Why does somebody do what others will ask about?

use crate::problem::Problem;

/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// A reason as it is kept: in one line, and not empty.
pub fn checked(reason: &str) -> Result<String, Problem> {
    let reason = reason.trim_matches(' ');
    if reason.is_empty() {
        return Err(Problem::invalid("reason", "must not be empty")
            .with_hint("say why: who reads the activity later has nothing else"));
    }
    if reason.chars().count() > REASON_MAX || reason.chars().any(|letter| letter.is_control()) {
        let message = format!("must be at most {REASON_MAX} characters, in one line");
        return Err(Problem::invalid("reason", message));
    }
    Ok(reason.to_owned())
}
