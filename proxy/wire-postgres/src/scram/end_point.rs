//! What is `tls-server-end-point` of a certificate?
//!
//! The hash of the whole certificate by the hash function of its signature, SHA-256 in place of MD5 and SHA-1; a
//! certificate whose signature has none, or more than one, has no end point (RFC 5929, section 4.1).
//!
//! ```text
//! Certificate  ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID, parameters }, BIT STRING }
//! RSASSA-PSS   parameters ::= SEQUENCE { [0] { SEQUENCE { OID of the hash, … } }, … }      SHA-1 where it is left out
//! ```

use aws_lc_rs::digest;

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const FIRST_OF_PSS: u8 = 0xa0;

/// `tls-server-end-point` of a certificate in DER.
pub fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let (whole, behind) = element(certificate, SEQUENCE)?;
    if !behind.is_empty() {
        return None;
    }
    let (_, rest) = element(whole, SEQUENCE)?;
    let (algorithm, _) = element(rest, SEQUENCE)?;
    let (name, parameters) = element(algorithm, OBJECT_IDENTIFIER)?;
    let hash = if name == RSASSA_PSS { hash_of_pss(parameters)? } else { hash_of_signature(name)? };
    Some(digest::digest(hash, certificate).as_ref().to_vec())
}

/// The content of the first element of `input`, which has to be of this kind, and what is behind it.
fn element(input: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = input.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *found != kind {
        return None;
    }
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        // A certificate of more than 16 MiB is none.
        long @ 0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

// The content octets of 1.2.840.113549.1.1 (PKCS #1), 1.2.840.10045.4 (ECDSA), 1.2.840.10040.4.3 (DSA with
// SHA-1), 2.16.840.1.101.3.4 (NIST: 2 hashes, 3 signatures) and 1.3.14.3.2.26 (SHA-1).
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const PKCS_1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4];
const DSA_SHA_1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3];
const NIST_HASHES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];
const NIST_SIGNATURES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3];
const SHA_1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];

fn hash_of_signature(name: &[u8]) -> Option<&'static digest::Algorithm> {
    if name == DSA_SHA_1 {
        return Some(&digest::SHA256);
    }
    if let Some(signature) = name.strip_prefix(PKCS_1) {
        return match signature {
            // MD5, SHA-1.
            [4 | 5 | 11] => Some(&digest::SHA256),
            [12] => Some(&digest::SHA384),
            [13] => Some(&digest::SHA512),
            [14] => Some(&digest::SHA224),
            [16] => Some(&digest::SHA512_256),
            _ => None,
        };
    }
    if let Some(signature) = name.strip_prefix(ECDSA) {
        return match signature {
            // SHA-1.
            [1] => Some(&digest::SHA256),
            [3, 1] => Some(&digest::SHA224),
            [3, 2] => Some(&digest::SHA256),
            [3, 3] => Some(&digest::SHA384),
            [3, 4] => Some(&digest::SHA512),
            _ => None,
        };
    }
    match name.strip_prefix(NIST_SIGNATURES)? {
        [1] => Some(&digest::SHA224),
        [2] => Some(&digest::SHA256),
        [3] => Some(&digest::SHA384),
        [4] => Some(&digest::SHA512),
        // DSA, ECDSA and RSA with SHA-3.
        [6 | 10 | 14] => Some(&digest::SHA3_256),
        [7 | 11 | 15] => Some(&digest::SHA3_384),
        [8 | 12 | 16] => Some(&digest::SHA3_512),
        _ => None,
    }
}

fn hash_of_pss(parameters: &[u8]) -> Option<&'static digest::Algorithm> {
    let (parameters, _) = element(parameters, SEQUENCE)?;
    let Some((hash, _)) = element(parameters, FIRST_OF_PSS) else { return Some(&digest::SHA256) };
    let (hash, _) = element(hash, SEQUENCE)?;
    let (name, _) = element(hash, OBJECT_IDENTIFIER)?;
    if name == SHA_1 {
        return Some(&digest::SHA256);
    }
    match name.strip_prefix(NIST_HASHES)? {
        [1] => Some(&digest::SHA256),
        [2] => Some(&digest::SHA384),
        [3] => Some(&digest::SHA512),
        [4] => Some(&digest::SHA224),
        [6] => Some(&digest::SHA512_256),
        [8] => Some(&digest::SHA3_256),
        [9] => Some(&digest::SHA3_384),
        [10] => Some(&digest::SHA3_512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    // Certificates of OpenSSL, with what its `dgst` says of them: ECDSA with SHA-384, RSASSA-PSS with SHA-512, and
    // Ed25519, for which OpenSSL and with it libpq know no hash.
    const ECDSA_384: &str = "MIIBbTCCAROgAwIBAgIUVShak2Tfg0j+Z0Y7GS++78OPcEowCgYIKoZIzj0EAwMwDDEKMAgGA1UEAwwBYTAeFw0yNjExMjEyMzM0MjdaFw0zNjExMTgyMzM0MjdaMAwxCjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS3I0E344GptU7LCVShVl23Uez65q6k6KaF+fk2W9u9bafLaOmlM4kSRQlYAKd8ff/fpz8dKR5R0l0NBIKD4v0jo1MwUTAdBgNVHQ4EFgQUf8NQjripaQaPAAYTRX1WFvjgFlMwHwYDVR0jBBgwFoAUf8NQjripaQaPAAYTRX1WFvjgFlMwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAwNIADBFAiAlCw8wtEI+CduqmOcnGS+9/pWudmopUDAQ4YrQk3CLOAIhAKE07+9zr0NwHT6S7PE0XIL7Q4yT1hjeh/E41Gr2DfoR";
    const ECDSA_384_HASH: &str =
        "1a2e45b93c021738d743240915080f497e7b543c1f652395bb8e62d9cfbe25aaadfe1b0984220467d80474d9c33b595b";
    const PSS_512: &str = "MIICWjCCAY+gAwIBAgIUXOzeVsqdgQkcCpVmVhKrIb5dlsEwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgE+MAwxCjAIBgNVBAMMAWEwHhcNMjYxMTIxMjMzNDI3WhcNMzYxMTE4MjMzNDI3WjAMMQowCAYDVQQDDAFhMIGdMAsGCSqGSIb3DQEBCgOBjQAwgYkCgYEAum93WgIgpHWYHVzWLIudUDNGAOyI77G4FgVc6aJ1+uPVWEXNuOzSFa5x6tFdP1GQ1hTr5892pevihYU7vVHD/TD3NOgLrw+KpvCsu5rcJuJYDrExcRC8igIvbHdAfROO69fkTqTuubgmDBDgecNZuSg1YuFtd4ppe9LMkkyTaAMCAwEAAaNTMFEwHQYDVR0OBBYEFEcZD63D15jrOaes++qUaBY+bYFTMB8GA1UdIwQYMBaAFEcZD63D15jrOaes++qUaBY+bYFTMA8GA1UdEwEB/wQFMAMBAf8wQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgE+A4GBAJ+UIMl8oI0pDlk39e9TXmqEoIgkzi+rJaWR7gzUw/KMUZMDaKmto/OThFCwdJqhVtaHH43jSIF5GxYwRbZ0UDmcPoG4bAyBL0E3gaFHk9o0sAdgP/hOdcMC3dxtGTaTUlR/rPs53M3pdE5WzM9JUhZnsBZlh5FId5mUuP32SvXq";
    const PSS_512_HASH: &str = "8cd8d218326fa2840dbde0c0ea67ec082b9ec067a3b14a48b81a19b0838f40a56688e23ab6e2d7cb6f4a62b0ff700774e74a97e745602c285d7dc081433b4d7d";
    const ED25519: &str = "MIIBLDCB36ADAgECAhQpwsolOq3Yg5rimoyzTbsCPAWQRTAFBgMrZXAwDDEKMAgGA1UEAwwBYTAeFw0yNjExMjEyMzM0MjhaFw0zNjExMTgyMzM0MjhaMAwxCjAIBgNVBAMMAWEwKjAFBgMrZXADIQDCLayA3VtBusaTZfjtX452NVME8IiF0XngriFSCzXz1aNTMFEwHQYDVR0OBBYEFDEKCB2XBYKmTJSCkSxuBQfezXqcMB8GA1UdIwQYMBaAFDEKCB2XBYKmTJSCkSxuBQfezXqcMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EApm+s/pItr3m17ts+XifMyNDOcM3nXBUQrOmD4TybMzZynusgPp/rtjpBUJYJiyCFF9bbloEYkff3dYqKmjA+CA==";

    fn hexadecimal(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_hash_is_the_one_of_the_signature() {
        for (certificate, hash) in
            [(ECDSA_384, Some(ECDSA_384_HASH)), (PSS_512, Some(PSS_512_HASH)), (ED25519, None)]
        {
            let found = end_point(&STANDARD.decode(certificate).unwrap());
            assert_eq!(found.map(|found| hexadecimal(&found)).as_deref(), hash);
        }
    }

    /// An element of DER.
    fn tagged(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn object(name: &str) -> Vec<u8> {
        let numbers: Vec<u32> = name.split('.').map(|number| number.parse().unwrap()).collect();
        let mut content = vec![u8::try_from(numbers[0] * 40 + numbers[1]).unwrap()];
        for number in &numbers[2..] {
            for shift in [14, 7, 0] {
                let digit = u8::try_from(number >> shift & 0x7f).unwrap();
                if number >> shift > 0 || shift == 0 {
                    content.push(if shift > 0 { digit | 0x80 } else { digit });
                }
            }
        }
        tagged(0x06, &content)
    }

    /// What an end point looks at of a certificate, with nothing in it.
    fn signed_by(algorithm: &[u8]) -> Vec<u8> {
        tagged(0x30, &[&tagged(0x30, b""), &tagged(0x30, algorithm)[..], &tagged(0x03, b"\0")].concat())
    }

    fn check(name: &str, parameters: &[u8], expected: Option<&'static digest::Algorithm>) {
        let certificate = signed_by(&[&object(name), parameters].concat());
        let expected = expected.map(|hash| digest::digest(hash, &certificate).as_ref().to_vec());
        assert_eq!(end_point(&certificate), expected, "{name} {parameters:02x?}");
    }

    #[test]
    fn md5_and_sha_1_are_replaced_and_others_are_taken_as_they_are() {
        let null: &[u8] = &[5, 0];
        check("1.2.840.113549.1.1.4", null, Some(&digest::SHA256));
        check("1.2.840.113549.1.1.5", null, Some(&digest::SHA256));
        check("1.2.840.113549.1.1.11", null, Some(&digest::SHA256));
        check("1.2.840.113549.1.1.12", null, Some(&digest::SHA384));
        check("1.2.840.113549.1.1.13", null, Some(&digest::SHA512));
        check("1.2.840.113549.1.1.14", null, Some(&digest::SHA224));
        check("1.2.840.10045.4.1", b"", Some(&digest::SHA256));
        check("1.2.840.10045.4.3.1", b"", Some(&digest::SHA224));
        check("1.2.840.10045.4.3.2", b"", Some(&digest::SHA256));
        check("1.2.840.10045.4.3.3", b"", Some(&digest::SHA384));
        check("1.2.840.10045.4.3.4", b"", Some(&digest::SHA512));
        check("1.2.840.10040.4.3", b"", Some(&digest::SHA256));
        check("2.16.840.1.101.3.4.3.2", b"", Some(&digest::SHA256));
        check("2.16.840.1.101.3.4.3.10", b"", Some(&digest::SHA3_256));
        check("2.16.840.1.101.3.4.3.16", b"", Some(&digest::SHA3_512));
        // MD2, Ed25519, Ed448, what nobody knows, and names that only begin as a known one.
        for name in ["1.2.840.113549.1.1.2", "1.3.101.112", "1.3.101.113", "1.2.3", "1.2.840.113549.1.1.11.1"]
        {
            check(name, b"", None);
        }
    }

    #[test]
    fn pss_says_its_hash_in_its_parameters() {
        let pss = "1.2.840.113549.1.1.10";
        let with = |hash: &str| tagged(0x30, &tagged(0xa0, &tagged(0x30, &object(hash))));
        check(pss, &tagged(0x30, b""), Some(&digest::SHA256));
        check(pss, &with("1.3.14.3.2.26"), Some(&digest::SHA256));
        check(pss, &with("2.16.840.1.101.3.4.2.1"), Some(&digest::SHA256));
        check(pss, &with("2.16.840.1.101.3.4.2.2"), Some(&digest::SHA384));
        check(pss, &with("1.2.3"), None);
        check(pss, b"", None);
        check(pss, &[5, 0], None);
    }

    #[test]
    fn what_is_no_certificate_has_none() {
        let whole = STANDARD.decode(ECDSA_384).unwrap();
        for end in 0..whole.len() {
            assert_eq!(end_point(&whole[..end]), None, "{end} bytes");
        }
        assert_eq!(end_point(&[&whole[..], b"\0"].concat()), None);
        for bytes in [
            &[0x30, 0x80][..],
            &[0x30, 0x84, 0, 0, 0, 0],
            &[0x30, 0xff],
            &[0x31, 0],
            &[0x30, 0x83, 255, 255, 255],
        ] {
            assert_eq!(end_point(bytes), None, "{bytes:02x?}");
        }
    }
}
