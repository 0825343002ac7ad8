//! How is a server told by a [`ClientKey`] what it is otherwise told by a password?

use super::attributes::Attributes;
use super::binding::Flag;
use super::{ClientKey, Mistake, NONCE_BYTES, Verifier, authenticated, is_nonce, key_of_base64, put_base64};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Longest nonce a server may send: ours has 24 characters, PostgreSQL adds as many.
const NONCE_MAX: usize = 1_024;

/// One login to a server that should have `verifier`, of which `key` is the key.
#[derive(Debug)]
pub struct Client<'a> {
    key: &'a ClientKey,
    verifier: &'a Verifier,
    flag: Flag,
    /// The first message behind its header: the user, whom the startup packet names, and the nonce.
    bare: Vec<u8>,
    nonce: Vec<u8>,
}

/// What the server has to say last.
pub struct Expectation(Zeroizing<[u8; 32]>);

impl fmt::Debug for Expectation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Expectation(..)")
    }
}

impl<'a> Client<'a> {
    /// A login; what is `random` is new.
    pub(crate) fn new(
        key: &'a ClientKey,
        verifier: &'a Verifier,
        flag: Flag,
        random: [u8; NONCE_BYTES],
    ) -> Client<'a> {
        let mut nonce = Vec::new();
        put_base64(&random, &mut nonce);
        Client { key, verifier, flag, bare: [b"n=,r=", &nonce[..]].concat(), nonce }
    }

    /// Appends `client-first`.
    pub fn first(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.flag.header());
        out.extend_from_slice(&self.bare);
    }

    /// Reads `server-first` and appends `client-final`. Where the server shows another salt or count of
    /// iterations than the verifier has, its verifier is another one and the key fits it not: then there is
    /// nothing to expect of it, and the proof appended is void, of no key at all.
    pub fn last(self, message: &[u8], out: &mut Vec<u8>) -> Result<Option<Expectation>, Mistake> {
        let mut attributes = Attributes::of(message);
        let nonce = attributes.expect(b'r')?;
        let salt = STANDARD.decode(attributes.expect(b's')?).map_err(|_| Mistake::Malformed)?;
        let iterations = number(attributes.expect(b'i')?).ok_or(Mistake::Malformed)?;
        attributes.ignore_rest(b'i')?;
        let longer = (self.nonce.len() + 1..=NONCE_MAX).contains(&nonce.len());
        let extended = longer && nonce.starts_with(&self.nonce);
        if !(extended && is_nonce(nonce)) {
            return Err(Mistake::Nonce);
        }
        let start = out.len();
        out.extend_from_slice(b"c=");
        out.extend_from_slice(&self.flag.attribute());
        out.extend_from_slice(b",r=");
        out.extend_from_slice(nonce);
        let unproved = out.get(start..).unwrap_or_default();
        let messages = [&self.bare[..], b",", message, b",", unproved];
        let same = salt.ct_eq(&self.verifier.salt) & iterations.ct_eq(&self.verifier.iterations);
        if !bool::from(same) {
            out.extend_from_slice(b",p=");
            put_base64(&[0; 32], out);
            return Ok(None);
        }
        let proof = self.key.masked(&authenticated(&self.verifier.stored_key, &messages));
        let expectation = Expectation(authenticated(&self.verifier.server_key, &messages));
        out.extend_from_slice(b",p=");
        put_base64(&proof.0[..], out);
        Ok(Some(expectation))
    }
}

impl Expectation {
    /// Whether `server-final` is what only a server with the verifier can say.
    pub fn is_met(&self, message: &[u8]) -> Result<bool, Mistake> {
        let mut attributes = Attributes::of(message);
        let signature = key_of_base64(attributes.expect(b'v')?).ok_or(Mistake::Malformed)?;
        attributes.ignore_rest(b'v')?;
        Ok(signature.ct_eq(&*self.0).into())
    }
}

fn number(text: &[u8]) -> Option<u32> {
    let text =
        std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scram::tests::{
        PENCIL, RFC_FINAL, RFC_FIRST_BARE, RFC_SERVER_FINAL, RFC_SERVER_FIRST, pencil_key,
    };

    #[test]
    fn the_exchange_of_the_rfc_comes_out_of_its_key() {
        let verifier = Verifier::parse(PENCIL).unwrap();
        let client = Client {
            key: &pencil_key(),
            verifier: &verifier,
            flag: Flag::Unbound,
            bare: RFC_FIRST_BARE.into(),
            nonce: b"rOprNGfwEbeRWgbNEkqO".to_vec(),
        };
        let mut out = Vec::new();
        client.first(&mut out);
        assert_eq!(String::from_utf8(out.split_off(0)).unwrap(), format!("n,,{RFC_FIRST_BARE}"));
        let expectation = client.last(RFC_SERVER_FIRST.as_bytes(), &mut out).unwrap().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), RFC_FINAL);
        assert_eq!(expectation.is_met(RFC_SERVER_FINAL.as_bytes()), Ok(true));
        assert_eq!(expectation.is_met(format!("{RFC_SERVER_FINAL},x=1").as_bytes()), Ok(true));
        let another = format!("{}A=", RFC_SERVER_FINAL.trim_end_matches("4="));
        assert_eq!(expectation.is_met(another.as_bytes()), Ok(false), "{another}");
        for text in ["", "v=", "e=invalid-proof", "v=6rri", &RFC_SERVER_FINAL[..45], "x=1"] {
            assert_eq!(expectation.is_met(text.as_bytes()), Err(Mistake::Malformed), "{text}");
        }
    }

    #[test]
    fn a_servers_first_message_is_read_to_the_letter() {
        let (verifier, key) = (Verifier::parse(PENCIL).unwrap(), pencil_key());
        let answered = |text: String| {
            let client = Client::new(&key, &verifier, Flag::Unbound, [0; NONCE_BYTES]);
            let mut out = Vec::new();
            client.last(text.as_bytes(), &mut out).map(|expectation| (expectation.is_some(), out.len()))
        };
        let nonce = "A".repeat(24);
        let salt = "s=W22ZaJ0SNY7soEsUEjb6gQ==";
        let ended = "c=biws,r=,p=".len() + 25 + 44;
        assert_eq!(answered(format!("r={nonce}x,{salt},i=4096")), Ok((true, ended)));
        assert_eq!(answered(format!("r={nonce}x,{salt},i=4096,x=1")), Ok((true, ended)));
        for another in
            [format!("{salt},i=4097"), "s=W22ZaJ0SNY7soEsUEjb6gA==,i=4096".to_owned(), "s=,i=1".to_owned()]
        {
            assert_eq!(answered(format!("r={nonce}x,{another}")), Ok((false, ended)), "{another}");
        }
        for (text, mistake) in [
            (format!("r={nonce},{salt},i=4096"), Mistake::Nonce),
            (format!("r=B{nonce},{salt},i=4096"), Mistake::Nonce),
            (format!("r={nonce}\u{7f},{salt},i=4096"), Mistake::Nonce),
            (format!("r={nonce}{},{salt},i=4096", "x".repeat(1_001)), Mistake::Nonce),
            (format!("{salt},r={nonce}x,i=4096"), Mistake::Malformed),
            (format!("r={nonce}x,{salt}"), Mistake::Malformed),
            (format!("r={nonce}x,{salt},i="), Mistake::Malformed),
            (format!("r={nonce}x,{salt},i=-1"), Mistake::Malformed),
            (format!("r={nonce}x,{salt},i=+4096"), Mistake::Malformed),
            (format!("r={nonce}x,{salt},i=4294967296"), Mistake::Malformed),
            (format!("r={nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ,i=4096"), Mistake::Malformed),
            (format!("r={nonce}x,{salt},i=4096,m=1"), Mistake::Extension),
            (format!("m=1,r={nonce}x,{salt},i=4096"), Mistake::Extension),
            (String::new(), Mistake::Malformed),
        ] {
            assert_eq!(answered(text.clone()), Err(mistake), "{text}");
        }
    }
}
