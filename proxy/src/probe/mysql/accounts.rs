//! Which account does a MySQL server take for a login that comes from the gateway, and whose rights count for it?
//!
//! An account is a name and a pattern of hosts. The server takes the one with the most specific pattern that fits. Its
//! rights on everything, its roles and whom it may act as are those of that account; but rights on databases, tables
//! and routines are looked up by the name and by every pattern that fits, whichever account was taken. Where it
//! cannot be told from here what fits, both count.

use super::grants::Account;
use std::net::{IpAddr, Ipv4Addr};

/// The addresses behind the name `localhost`.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "::1", "::ffff:127.0.0.1"];

/// An account of the server, as far as a login is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) account: Account,
    pub(crate) is_role: bool,
    pub(crate) is_locked: bool,
}

/// From where the server sees the gateway come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// A name where the server resolves names, else an address.
    pub(crate) host: String,
    pub(crate) is_socket: bool,
}

/// Whether a pattern of hosts fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    No,
    /// The server knows an address that is not known here.
    Perhaps,
    Yes,
}

/// Whose rights count for a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidates {
    /// Those the server may take, the likeliest first; more than one where that cannot be told.
    pub(crate) taken: Vec<Account>,
    /// Others whose rights on databases, tables and routines count as well.
    pub(crate) beside: Vec<Account>,
}

/// Whose rights count for a login as `user`.
pub(crate) fn candidates(user: &str, known: &[Known], origin: &Origin) -> Candidates {
    let mut fitting: Vec<(&Account, Option<u32>, Fit)> = Vec::new();
    for one in known.iter().filter(|one| !one.is_role) {
        let host = one.account.host.as_deref().unwrap_or_default();
        let fit = fit(host, origin);
        if (one.account.user == user || one.account.user.is_empty()) && fit != Fit::No {
            fitting.push((&one.account, rank(host), fit));
        }
    }
    let surest = |of_nobody: bool| {
        let sure = fitting.iter().filter(|(account, _, fit)| {
            *fit == Fit::Yes && (account.user.is_empty() == of_nobody || user.is_empty())
        });
        sure.filter_map(|(_, rank, _)| *rank).max()
    };
    let named = surest(false);
    let least = named.or_else(|| surest(true)).unwrap_or(0);
    fitting.sort_by_key(|(account, rank, _)| (std::cmp::Reverse(*rank), account.user.is_empty()));
    let mut found = Candidates::default();
    for (account, rank, _) in fitting {
        // An account without a name is taken before a named one only where its pattern says more.
        let yields = account.user != user && named.is_some() && rank == Some(least);
        match rank {
            Some(rank) if rank < least || yields => found.beside.push(account.clone()),
            _ => found.taken.push(account.clone()),
        }
    }
    found
}

/// Whether `pattern` fits whoever comes from `origin`.
pub(crate) fn fit(pattern: &str, origin: &Origin) -> Fit {
    let host = origin.host.as_str();
    if pattern.is_empty() || is_like(host, pattern) {
        return Fit::Yes;
    }
    let address: Option<IpAddr> = host.parse().ok();
    let is_of_addresses = pattern.chars().all(|c| c.is_ascii_hexdigit() || ".:%_/".contains(c));
    if !is_of_addresses || origin.is_socket {
        return Fit::No;
    }
    match address {
        Some(IpAddr::V4(address)) => in_network(pattern, address),
        // Networks of IPv6 are left to the server.
        Some(IpAddr::V6(_)) if pattern.contains('/') => Fit::Perhaps,
        Some(IpAddr::V6(_)) => Fit::No,
        None if host.eq_ignore_ascii_case("localhost") && !pattern.contains('/') => {
            let fits = LOOPBACK.iter().any(|address| is_like(address, pattern));
            if fits { Fit::Perhaps } else { Fit::No }
        }
        None => Fit::Perhaps,
    }
}

/// `10.0.0.0/255.0.0.0`, or `10.0.0.0/8`.
fn in_network(pattern: &str, address: Ipv4Addr) -> Fit {
    let Some((network, mask)) = pattern.split_once('/') else { return Fit::No };
    let Ok(network) = network.parse::<Ipv4Addr>() else { return Fit::Perhaps };
    let mask = match (mask.parse::<Ipv4Addr>(), mask.parse::<u32>()) {
        (Ok(mask), _) => u32::from(mask),
        (_, Ok(bits @ 0..=32)) => u32::MAX.checked_shl(32 - bits).unwrap_or(0),
        _ => return Fit::Perhaps,
    };
    if u32::from(address) & mask == u32::from(network) & mask { Fit::Yes } else { Fit::No }
}

/// How specific the server takes a pattern to be: by the place of its first wildcard. `None` for networks, which
/// versions place differently.
fn rank(pattern: &str) -> Option<u32> {
    if pattern.contains('/') {
        return None;
    }
    let mut at = 0_u32;
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        at += 1;
        match letter {
            '\\' => at += u32::from(letters.next().is_some()),
            '%' | '_' => return Some(at.min(127)),
            _ => {}
        }
    }
    Some(if at == 0 { 0 } else { 128 })
}

/// LIKE, for names of hosts.
pub(crate) fn is_like(text: &str, pattern: &str) -> bool {
    let lower = |text: &str| text.to_ascii_lowercase().chars().collect::<Vec<char>>();
    like(&lower(text), &lower(pattern))
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => {
            (0..=text.len()).any(|from| text.get(from..).is_some_and(|text| like(text, rest)))
        }
        Some(('_', rest)) => text.split_first().is_some_and(|(_, text)| like(text, rest)),
        Some((first, rest)) => {
            let (letter, rest) = match (first, rest.split_first()) {
                ('\\', Some((escaped, rest))) => (escaped, rest),
                _ => (first, rest),
            };
            text.split_first().is_some_and(|(next, text)| next == letter && like(text, rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(host: &str) -> Origin {
        Origin { host: host.to_owned(), is_socket: false }
    }

    #[test]
    fn a_pattern_fits_names_addresses_and_networks() {
        let check = |pattern: &str, host: &str, expected: Fit| {
            assert_eq!(fit(pattern, &from(host)), expected, "{pattern} for {host}");
        };
        for pattern in
            ["%", "", "10.1.2.3", "10.%", "10.1.2._", "10.0.0.0/255.0.0.0", "10.1.0.0/16", "0.0.0.0/0"]
        {
            check(pattern, "10.1.2.3", Fit::Yes);
        }
        for pattern in
            ["10.1.2.4", "11.%", "10.2.0.0/16", "localhost", "%.example.com", "10.1.2.%.example.com"]
        {
            check(pattern, "10.1.2.3", Fit::No);
        }
        check("10.1.0.0/here", "10.1.2.3", Fit::No);
        check("10.1/16", "10.1.2.3", Fit::Perhaps);
        check("%.Example.com", "app1.example.COM", Fit::Yes);
        check("app\\_1.example.com", "app_1.example.com", Fit::Yes);
        check("app\\_1.example.com", "appx1.example.com", Fit::No);
        check("10.%", "app1.example.com", Fit::Perhaps);
        check("127.0.0.1", "localhost", Fit::Perhaps);
        check("::1", "localhost", Fit::Perhaps);
        check("10.%", "localhost", Fit::No);
        check("2001:db8::/32", "2001:db8::7", Fit::Perhaps);
        let socket = Origin { host: "localhost".to_owned(), is_socket: true };
        assert_eq!(fit("127.0.0.1", &socket), Fit::No);
        assert_eq!(fit("localhost", &socket), Fit::Yes);
    }

    fn check(user: &str, accounts: &[(&str, &str)], host: &str, taken: &[&str], beside: &[&str]) {
        let known: Vec<Known> = accounts
            .iter()
            .map(|(user, host)| Known {
                account: Account { user: (*user).to_owned(), host: Some((*host).to_owned()) },
                is_role: false,
                is_locked: false,
            })
            .collect();
        let found = candidates(user, &known, &from(host));
        let written = |all: &[Account]| all.iter().map(Account::quoted).collect::<Vec<_>>();
        assert_eq!(written(&found.taken), taken, "{user} from {host}");
        assert_eq!(written(&found.beside), beside, "{user} from {host}");
    }

    #[test]
    fn the_most_specific_account_is_taken_and_others_of_the_name_count_beside_it() {
        let all =
            [("app", "%"), ("app", "10.%"), ("app", "10.1.2.3"), ("app", "11.%"), ("other", "10.1.2.3")];
        check("app", &all, "10.1.2.3", &["`app`@`10.1.2.3`"], &["`app`@`10.%`", "`app`@`%`"]);
        check("app", &all, "10.9.9.9", &["`app`@`10.%`"], &["`app`@`%`"]);
        check("nobody", &all, "10.1.2.3", &[], &[]);
        check("APP", &all, "10.1.2.3", &[], &[]);
    }

    #[test]
    fn where_it_cannot_be_told_which_one_is_taken_each_of_them_counts() {
        let all = [("app", "localhost"), ("app", "127.0.0.1"), ("app", "%")];
        check("app", &all, "localhost", &["`app`@`localhost`", "`app`@`127.0.0.1`"], &["`app`@`%`"]);
        let all = [("app", "10.0.0.0/255.0.0.0"), ("app", "10.1.2.3")];
        check("app", &all, "10.1.2.3", &["`app`@`10.1.2.3`", "`app`@`10.0.0.0/255.0.0.0`"], &[]);
        let all = [("app", "%.a.com"), ("app", "%")];
        check("app", &all, "x.a.com", &["`app`@`%.a.com`", "`app`@`%`"], &[]);
    }

    #[test]
    fn an_account_without_a_name_is_taken_where_its_pattern_says_more() {
        let all = [("app", "%"), ("", "localhost")];
        check("app", &all, "localhost", &["''@`localhost`", "`app`@`%`"], &[]);
        let all = [("app", "localhost"), ("", "%")];
        check("app", &all, "localhost", &["`app`@`localhost`"], &["''@`%`"]);
        check("else", &all, "localhost", &["''@`%`"], &[]);
        let all = [("app", "localhost"), ("", "localhost")];
        check("app", &all, "localhost", &["`app`@`localhost`"], &["''@`localhost`"]);
    }
}
