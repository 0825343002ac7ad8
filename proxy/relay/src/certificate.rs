//! Whom does a certificate name, and until when does it hold?
//!
//! Whether an authority vouches for it is rustls' to say; here it is only read (RFC 5280). Names are taken as they stand
//! or not at all: no text that could be shown in one way and compared in another is a name.

use aws_lc_rs::digest::{SHA256, digest};
use exchange::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Tag, Tagged};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// `commonName` (X.520).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Names of one certificate that count: each stands in every record of a session.
const NAMES_MAX: usize = 16;

/// Longest name that counts: that of a host.
const NAME_BYTES_MAX: usize = 253;

/// Whom a certificate (DER) names, and what tells it from all others. One that cannot be read names nobody.
pub(crate) fn facts(certificate: &[u8]) -> Certificate {
    let read = x509_cert::Certificate::from_der(certificate);
    let names = read.map(|certificate| names(&certificate)).unwrap_or_default();
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest(&SHA256, certificate).as_ref());
    Certificate { names: names.into(), fingerprint }
}

/// The second, counted from 1970, behind which a certificate (DER) no longer holds; `None` where it cannot be read.
pub fn expiry(certificate: &[u8]) -> Option<u64> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    Some(certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs())
}

/// The same of a list of revoked certificates (DER): when the next one should be there. `None` where it does not say.
pub fn list_expiry(list: &[u8]) -> Option<u64> {
    let list = CertificateList::from_der(list).ok()?;
    list.tbs_cert_list.next_update.map(|time| time.to_unix_duration().as_secs())
}

fn names(certificate: &x509_cert::Certificate) -> Vec<Box<str>> {
    let certificate = &certificate.tbs_certificate;
    let mut names: Vec<Box<str>> = common_name(&certificate.subject).into_iter().collect();
    let Ok(Some((_, SubjectAltName(others)))) = certificate.get::<SubjectAltName>() else { return names };
    for other in &others {
        let name = match other {
            GeneralName::DnsName(name) | GeneralName::Rfc822Name(name) => name.as_str(),
            _ => continue,
        };
        if names.len() < NAMES_MAX && is_plain(name) && !names.iter().any(|one| **one == *name) {
            names.push(name.into());
        }
    }
    names
}

/// The common name of a subject that has one. Of several nobody can tell which is meant.
fn common_name(subject: &Name) -> Option<Box<str>> {
    let attributes = subject.0.iter().flat_map(|part| part.0.iter());
    let mut all = attributes.filter(|attribute| attribute.oid == COMMON_NAME);
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    let text = match only.value.tag() {
        Tag::Utf8String => std::str::from_utf8(only.value.value()).ok()?,
        Tag::PrintableString | Tag::Ia5String => {
            std::str::from_utf8(only.value.value()).ok().filter(|text| text.is_ascii())?
        }
        _ => return None,
    };
    is_plain(text).then(|| text.into())
}

fn is_plain(name: &str) -> bool {
    let is_odd = |one: char| one.is_control() || one == '\u{fffd}';
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains(is_odd)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, SanType, date_time_ymd};

    fn made(common: &[DnValue], others: Vec<SanType>) -> Vec<u8> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        for (name, kind) in common.iter().zip([DnType::CommonName, DnType::CustomDnType(vec![2, 5, 4, 3])]) {
            parameters.distinguished_name.push(kind, name.clone());
        }
        parameters.distinguished_name.push(DnType::OrganizationName, "Shop");
        parameters.subject_alt_names = others;
        parameters.not_after = date_time_ymd(2031, 2, 3);
        let certificate = parameters.self_signed(&KeyPair::generate().unwrap()).unwrap();
        certificate.der().to_vec()
    }

    fn utf8(text: &str) -> DnValue {
        DnValue::Utf8String(text.to_owned())
    }

    fn named(certificate: &[u8]) -> Vec<String> {
        facts(certificate).names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_common_name_comes_first_and_then_names_of_hosts_and_mail() {
        let others = vec![
            SanType::DnsName("ann.example.com".try_into().unwrap()),
            SanType::Rfc822Name("ann@example.com".try_into().unwrap()),
            SanType::DnsName("ann".try_into().unwrap()),
            SanType::IpAddress("192.0.2.1".parse().unwrap()),
            SanType::URI("spiffe://shop/ann".try_into().unwrap()),
        ];
        let certificate = made(&[utf8("ann")], others);
        assert_eq!(named(&certificate), ["ann", "ann.example.com", "ann@example.com"]);
        let facts = facts(&certificate);
        for (user, expected) in
            [("ann", true), ("ann@example.com", true), ("Ann", false), ("an", false), ("", false)]
        {
            assert_eq!(facts.names_user(user), expected, "{user}");
        }
        assert_eq!(expiry(&certificate), Some(1_927_843_200));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_no_name() {
        for odd in ["", "ann\0.example.com", "ann\n", "\u{fffd}", &"a".repeat(254)] {
            assert_eq!(named(&made(&[utf8(odd)], Vec::new())), [""; 0], "{odd:?}");
        }
        let wide = DnValue::BmpString("ann".try_into().unwrap());
        assert_eq!(named(&made(&[wide], Vec::new())), [""; 0]);
        assert_eq!(named(&made(&[utf8("ann"), utf8("bob")], Vec::new())), [""; 0]);
        let printable = DnValue::PrintableString("ann".try_into().unwrap());
        assert_eq!(named(&made(&[printable], Vec::new())), ["ann"]);
    }

    #[test]
    fn a_long_name_proves_nothing_about_a_role_whose_name_it_begins_with() {
        let long = "a".repeat(64);
        let facts = facts(&made(&[utf8(&long)], Vec::new()));
        assert_eq!(facts.names.len(), 1);
        assert!(!facts.names_user(&long) && !facts.names_user(&long[..63]));
    }

    #[test]
    fn bytes_that_are_no_certificate_name_nobody() {
        let certificate = made(&[utf8("ann")], Vec::new());
        for end in 0..certificate.len() {
            assert_eq!(named(&certificate[..end]), [""; 0]);
            assert_eq!(expiry(&certificate[..end]), None);
        }
        assert_ne!(facts(&certificate).fingerprint, facts(&certificate[1..]).fingerprint);
    }
}
