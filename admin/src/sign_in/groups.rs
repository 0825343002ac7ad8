//! Which groups does a service say somebody is in? A claim holds them: a list of names, or one name.

use serde_json::Value;

/// Most groups somebody may be told to be in. A service that tells more is to tell those that matter here.
const GROUPS_MAX: usize = 500;
/// Longest name of a group that is looked at, in bytes: no longer one can be named in the settings.
pub(crate) const GROUP_BYTES_MAX: usize = 256;

/// Why a claim tells no groups. Holds nothing of the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ClaimError {
    /// There are too many of them.
    #[error("it tells more than {GROUPS_MAX} groups; let it tell only those that matter here")]
    TooMany,
    /// It is something else.
    #[error("the claim that should hold groups holds something else than a list of names")]
    NoNames,
}

/// The groups in the claim `path` of `claims`; `None` where there is no such claim. A path leads into objects by
/// dots; a claim whose whole name it is comes first, for names may have dots.
pub(super) fn of_claims(claims: &Value, path: &str) -> Result<Option<Vec<String>>, ClaimError> {
    let within = || path.split('.').try_fold(claims, |value, part| value.get(part));
    let Some(found) = claims.get(path).or_else(within) else { return Ok(None) };
    let names = match found {
        Value::Null => return Ok(None),
        Value::String(name) => vec![name.clone()],
        Value::Array(items) if items.len() > GROUPS_MAX => return Err(ClaimError::TooMany),
        Value::Array(items) => {
            let names = items.iter().map(|item| item.as_str().map(ToOwned::to_owned));
            names.collect::<Option<Vec<_>>>().ok_or(ClaimError::NoNames)?
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Err(ClaimError::NoNames),
    };
    let is_looked_at = |name: &String| !name.is_empty() && name.len() <= GROUP_BYTES_MAX;
    Ok(Some(names.into_iter().filter(is_looked_at).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(claims: &Value, path: &str, expected: Result<Option<&[&str]>, ClaimError>) {
        let found = of_claims(claims, path);
        let expected =
            expected.map(|names| names.map(|names| names.iter().map(|one| (*one).to_owned()).collect()));
        assert_eq!(found, expected, "{path} of {claims}");
    }

    #[test]
    fn groups_are_a_list_or_a_name_at_the_end_of_a_path() {
        check(&json!({ "groups": ["a", "b"] }), "groups", Ok(Some(&["a", "b"])));
        check(&json!({ "groups": "a" }), "groups", Ok(Some(&["a"])));
        check(&json!({ "realm_access": { "roles": ["a"] } }), "realm_access.roles", Ok(Some(&["a"])));
        let url = json!({ "https://example.com/groups": ["a"] });
        check(&url, "https://example.com/groups", Ok(Some(&["a"])));
        check(&json!({ "a": 1 }), "groups", Ok(None));
        check(&json!({ "groups": null }), "groups", Ok(None));
        check(&json!({ "groups": [] }), "groups", Ok(Some(&[])));
        check(&json!({ "groups": ["", "a".repeat(GROUP_BYTES_MAX + 1), "b"] }), "groups", Ok(Some(&["b"])));
    }

    #[test]
    fn what_is_no_list_of_names_and_what_is_too_long_is_refused() {
        for claim in [json!(7), json!({}), json!(["a", 7]), json!([["a"]]), json!(true)] {
            check(&json!({ "groups": claim }), "groups", Err(ClaimError::NoNames));
        }
        let many = vec!["a"; GROUPS_MAX + 1];
        check(&json!({ "groups": many }), "groups", Err(ClaimError::TooMany));
        assert!(of_claims(&json!({ "groups": vec!["a"; GROUPS_MAX] }), "groups").is_ok());
    }
}
