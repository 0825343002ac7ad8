//! In which coding does somebody want a file? What `Accept-Encoding` says (RFC 9110 section 12.5.3).

use axum::http::{HeaderMap, header};

/// How the bytes of an answer are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// By brotli.
    Brotli,
    /// By gzip.
    Gzip,
    /// Not at all.
    Identity,
}

/// The smallest of the codings that are wanted most. Who says nothing gets the bytes as they are: old programs
/// that save what comes do not expect anything else.
pub(super) fn best(headers: &HeaderMap) -> Coding {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let (mut brotli, mut gzip, mut any) = (None, None, None);
    for (name, weight) in lines.flat_map(|line| line.split(',')).map(named) {
        match name.to_ascii_lowercase().as_str() {
            "br" => brotli = Some(weight),
            "gzip" | "x-gzip" => gzip = Some(weight),
            "*" => any = Some(weight),
            _ => {}
        }
    }
    let brotli = brotli.or(any).unwrap_or(0);
    let gzip = gzip.or(any).unwrap_or(0);
    match (brotli, gzip) {
        (0, 0) => Coding::Identity,
        (brotli, gzip) if brotli >= gzip => Coding::Brotli,
        _ => Coding::Gzip,
    }
}

/// A coding and how much it is wanted, in thousandths. A weight that cannot be read is no wish.
fn named(part: &str) -> (&str, u16) {
    let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
    let weight = match parameters.trim().split_once('=') {
        None => 1_000,
        Some((key, value)) if key.trim().eq_ignore_ascii_case("q") => thousandths(value.trim()),
        Some(_) => 0,
    };
    (name.trim(), weight)
}

/// `1`, `0.5`, `0.333`: at most three digits behind the point, and never more than one.
fn thousandths(text: &str) -> u16 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, is_number) {
        ("1", true) => 1_000,
        ("0", true) => format!("{part:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_smallest_of_what_is_wanted_most_is_chosen() {
        for (said, expected) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip, deflate", Coding::Gzip),
            ("GZIP", Coding::Gzip),
            ("br;q=0.5, gzip;q=0.8", Coding::Gzip),
            ("br;q=0, gzip;q=0", Coding::Identity),
            ("br;q=0.000, *", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0", Coding::Identity),
            ("identity", Coding::Identity),
            ("br ; q=0.001", Coding::Brotli),
            ("br;q=2, gzip;q=nonsense", Coding::Identity),
            ("br;q=0.9999", Coding::Identity),
            ("", Coding::Identity),
            (";;;,=,q", Coding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(said));
            assert_eq!(best(&headers), expected, "{said}");
        }
        assert_eq!(best(&HeaderMap::new()), Coding::Identity);
        let mut twice = HeaderMap::new();
        twice.append(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        twice.append(header::ACCEPT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(best(&twice), Coding::Brotli);
    }
}
