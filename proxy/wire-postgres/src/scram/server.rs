//! Does a client have the password behind a verifier?

use super::attributes::Attributes;
use super::binding::{self, Binding, Flag};
use super::{ClientKey, Mistake, NONCE_BYTES, Verifier, authenticated, is_nonce, key_of_base64, put_base64};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// One login, before the client's first message. Its [`Server::first`] leaves [`Asked`].
#[derive(Debug)]
pub struct Server {
    verifier: Arc<Verifier>,
    binding: Binding,
    nonce: [u8; NONCE_BYTES],
}

/// The same login, with the salt sent and the proof still to come.
#[derive(Debug)]
pub struct Asked {
    verifier: Arc<Verifier>,
    flag: Flag,
    /// `client-first-bare,server-first,`: what the proof is over, but for its own message.
    messages: Vec<u8>,
    /// The client's nonce and ours.
    nonce: Vec<u8>,
}

impl Server {
    /// A login against `verifier`; `nonce` is new and random.
    pub fn new(verifier: Arc<Verifier>, binding: Binding, nonce: [u8; NONCE_BYTES]) -> Server {
        Server { verifier, binding, nonce }
    }

    /// Whether a proof can be bound to the connection.
    pub fn offers_plus(&self) -> bool {
        matches!(self.binding, Binding::Certificate(_))
    }

    /// Reads `client-first` of a client that chose `SCRAM-SHA-256-PLUS` (`plus`) or `SCRAM-SHA-256`, and
    /// appends `server-first`.
    ///
    /// The user's name in it is not looked at: it is the one of the startup packet, which is what PostgreSQL
    /// takes too. Most clients send none.
    pub fn first(self, plus: bool, message: &[u8], out: &mut Vec<u8>) -> Result<Asked, Mistake> {
        let (flag, bare) = binding::read_header(message)?;
        let flag = match (flag, plus, self.binding) {
            (binding::Named::EndPoint, true, Binding::Certificate(end_point)) => Flag::Bound(end_point),
            (binding::Named::NotOffered, false, Binding::Certificate(_)) => return Err(Mistake::Downgrade),
            (binding::Named::NotOffered, false, _) => Flag::NotOffered,
            (binding::Named::None, false, _) => Flag::Unbound,
            // The mechanism says one thing, the message another.
            _ => return Err(Mistake::Malformed),
        };
        let mut attributes = Attributes::of(bare);
        attributes.expect(b'n')?;
        let theirs = attributes.expect(b'r')?;
        if !is_nonce(theirs) {
            return Err(Mistake::Malformed);
        }
        attributes.ignore_rest(b'r')?;
        let mut nonce = theirs.to_vec();
        put_base64(&self.nonce, &mut nonce);
        let start = out.len();
        out.extend_from_slice(b"r=");
        out.extend_from_slice(&nonce);
        out.extend_from_slice(b",s=");
        put_base64(&self.verifier.salt, out);
        out.extend_from_slice(format!(",i={}", self.verifier.iterations).as_bytes());
        let messages = [bare, b",", out.get(start..).unwrap_or_default(), b","].concat();
        Ok(Asked { verifier: self.verifier, flag, messages, nonce })
    }
}

impl Asked {
    /// Reads `client-final`. `None` where the proof is wrong; otherwise the key that was in it with the verifier it
    /// is of, and `server-final` is appended, which shows the client that we have its verifier.
    pub fn last(
        self,
        message: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<(ClientKey, Arc<Verifier>)>, Mistake> {
        let comma = message.iter().rposition(|byte| *byte == b',').ok_or(Mistake::Malformed)?;
        let (unproved, proof) = message.split_at_checked(comma).ok_or(Mistake::Malformed)?;
        let proof = proof.strip_prefix(b",p=").and_then(key_of_base64).ok_or(Mistake::Malformed)?;
        let mut attributes = Attributes::of(unproved);
        let bound = attributes.expect(b'c')?;
        if !bool::from(bound.ct_eq(&self.flag.attribute())) {
            let checked = matches!(self.flag, Flag::Bound(_));
            return Err(if checked { Mistake::Binding } else { Mistake::Malformed });
        }
        let nonce = attributes.expect(b'r')?;
        attributes.ignore_rest(b'p')?;
        if !bool::from(nonce.ct_eq(&self.nonce)) {
            return Err(Mistake::Nonce);
        }
        let messages = [&self.messages[..], unproved];
        let signature = authenticated(&self.verifier.stored_key, &messages);
        let key = ClientKey(proof).masked(&signature);
        if !key.fits(&self.verifier) {
            return Ok(None);
        }
        out.extend_from_slice(b"v=");
        put_base64(&authenticated(&self.verifier.server_key, &messages)[..], out);
        Ok(Some((key, self.verifier)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scram::tests::{
        PENCIL, RFC_FINAL, RFC_FIRST_BARE, RFC_NONCE, RFC_SERVER_FINAL, RFC_SERVER_FIRST,
    };

    /// The exchange of RFC 7677, section 3, at the point where the server has asked for the proof.
    fn asked() -> Asked {
        Asked {
            verifier: Arc::new(Verifier::parse(PENCIL).unwrap()),
            flag: Flag::Unbound,
            messages: format!("{RFC_FIRST_BARE},{RFC_SERVER_FIRST},").into_bytes(),
            nonce: RFC_NONCE.into(),
        }
    }

    #[test]
    fn the_proof_of_the_rfc_is_right_and_answered_by_its_signature() {
        let mut out = Vec::new();
        let proved = asked().last(RFC_FINAL.as_bytes(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), RFC_SERVER_FINAL);
        let key = proved.map(|(key, _)| *key.0).unwrap();
        let mut text = Vec::new();
        put_base64(&key, &mut text);
        assert_eq!(text, b"pg/JI9Z+hkSpLRa5btpe9GVrDHJcSEN0viVTVXaZbos=", "its ClientKey");
    }

    #[test]
    fn a_last_message_is_read_to_the_letter() {
        let nonce = RFC_NONCE;
        let proof = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        let wrong = |text: String| asked().last(text.as_bytes(), &mut Vec::new());
        for (text, mistake) in [
            (format!("r={nonce},c=biws,{proof}"), Mistake::Malformed),
            (format!("c=biws,{proof}"), Mistake::Malformed),
            (format!("c=biws,r={nonce}"), Mistake::Malformed),
            (format!("c=biws,r={nonce},{proof},"), Mistake::Malformed),
            (format!("c=biws,r={nonce},{proof},x=1"), Mistake::Malformed),
            (format!("c=biws,r={nonce},{proof},{proof}"), Mistake::Malformed),
            (format!("c=biws,r={nonce},{proof}\0"), Mistake::Malformed),
            (format!("c=biws,r={nonce},{proof}\n"), Mistake::Malformed),
            (format!("c=biws,r={nonce},{}", proof.trim_end_matches('=')), Mistake::Malformed),
            (format!("c=biws,r={nonce},p=dHzb"), Mistake::Malformed),
            (format!("c=biws,r={nonce},p="), Mistake::Malformed),
            (format!("c=biws,r={nonce},m=1,{proof}"), Mistake::Extension),
            // "y" and a binding where the first message said "n".
            (format!("c=eSws,r={nonce},{proof}"), Mistake::Malformed),
            (format!("c=cD10bHMtc2VydmVyLWVuZC1wb2ludCws,r={nonce},{proof}"), Mistake::Malformed),
            (format!("c=biws,r={nonce}x,{proof}"), Mistake::Nonce),
            (format!("c=biws,r={},{proof}", &nonce[1..]), Mistake::Nonce),
            (format!("c=biws,r=,{proof}"), Mistake::Nonce),
        ] {
            assert_eq!(wrong(text.clone()).map(|proved| proved.is_some()), Err(mistake), "{text}");
        }
    }

    #[test]
    fn an_extension_in_a_last_message_may_stand_there_and_is_proved_over() {
        let text = RFC_FINAL.replace(",p=", ",x=1,p=");
        let proved = asked().last(text.as_bytes(), &mut Vec::new());
        assert_eq!(proved.map(|proved| proved.is_some()), Ok(false), "it was not under this proof");
    }
}
