//! Which roles can a role become, or act as?

use std::collections::{BTreeMap, BTreeSet};

/// A role, with what makes it more than others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) logs_in: bool,
    pub(crate) superuser: bool,
    pub(crate) creates_roles: bool,
    pub(crate) creates_databases: bool,
    pub(crate) replicates: bool,
    pub(crate) bypasses_row_security: bool,
}

/// That `member` is a member of `role`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) role: u32,
    pub(crate) member: u32,
    pub(crate) grantor: u32,
    /// The member may grant it on, so to itself as well, with every option.
    pub(crate) admin: bool,
    /// The member has its privileges without doing anything.
    pub(crate) inherits: bool,
    /// The member may become it (SET ROLE).
    pub(crate) sets: bool,
}

/// How a role is within reach of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Whether it can be become: then its attributes count as well, which nobody inherits.
    pub(crate) becomes: bool,
    /// The first role on the way there, of which the one who reaches is a member itself; `None` for itself.
    pub(crate) first: Option<u32>,
}

/// Everything within reach of `role`, itself included.
pub(crate) fn reach(role: u32, memberships: &[Membership]) -> BTreeMap<u32, Reach> {
    let mut by_member: BTreeMap<u32, Vec<&Membership>> = BTreeMap::new();
    for membership in memberships {
        by_member.entry(membership.member).or_default().push(membership);
    }
    let mut found = BTreeMap::from([(role, Reach { becomes: true, first: None })]);
    let mut open = BTreeSet::from([role]);
    while let Some(member) = open.pop_first() {
        let Some(from) = found.get(&member).copied() else { continue };
        for membership in by_member.get(&member).into_iter().flatten() {
            let becomes = membership.admin || (from.becomes && membership.sets);
            if !becomes && !membership.inherits {
                continue;
            }
            let first = from.first.or(Some(membership.role));
            let better = found.get(&membership.role).is_none_or(|known| becomes && !known.becomes);
            if better {
                found.insert(membership.role, Reach { becomes, first });
                open.insert(membership.role);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn edge(member: u32, role: u32, admin: bool, inherits: bool, sets: bool) -> Membership {
        Membership { role, member, grantor: 10, admin, inherits, sets }
    }

    fn reached(memberships: &[Membership]) -> Vec<(u32, bool)> {
        reach(1, memberships).into_iter().map(|(id, reach)| (id, reach.becomes)).collect()
    }

    #[test]
    fn a_role_alone_reaches_itself() {
        assert_eq!(reached(&[edge(2, 3, true, true, true)]), [(1, true)]);
    }

    #[test]
    fn what_is_inherited_is_not_become_and_what_is_become_is_followed() {
        let chain =
            [edge(1, 2, false, true, false), edge(2, 3, false, false, true), edge(2, 4, false, true, true)];
        assert_eq!(reached(&chain), [(1, true), (2, false), (4, false)]);
        let chain =
            [edge(1, 2, false, false, true), edge(2, 3, false, true, false), edge(3, 4, false, true, false)];
        assert_eq!(reached(&chain), [(1, true), (2, true), (3, false), (4, false)]);
    }

    #[test]
    fn an_administrator_of_a_role_can_become_it() {
        assert_eq!(reached(&[edge(1, 2, true, false, false)]), [(1, true), (2, true)]);
        assert_eq!(reached(&[edge(1, 2, false, false, false)]), [(1, true)]);
    }

    #[test]
    fn a_circle_ends_and_the_first_step_is_told() {
        let circle =
            [edge(1, 2, false, true, true), edge(2, 3, false, true, true), edge(3, 1, false, true, true)];
        let found = reach(1, &circle);
        assert_eq!(found.get(&3).unwrap().first, Some(2));
        assert_eq!(found.get(&1).unwrap().first, None);
    }

    #[test]
    fn the_better_way_counts() {
        let two =
            [edge(1, 2, false, true, false), edge(1, 3, false, false, true), edge(3, 2, false, false, true)];
        assert_eq!(reached(&two), [(1, true), (2, true), (3, true)]);
    }
}
