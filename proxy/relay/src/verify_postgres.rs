//! How does a PostgreSQL client prove to the gateway who it is, and the gateway to the upstream that it did?
//!
//! ```text
//! client                       gateway                        upstream
//!   StartupMessage             ->  its verifier: from a file, or asked for
//!                              <-  challenge of the gateway's own
//!   proof                      ->  wrong: 28P01, and nobody else hears of it
//!                                  right: connect, TLS --------->
//!                                  StartupMessage, verbatim   -->
//!                                  <- challenge, proof made anew ->
//!      last word of the exchange, AuthenticationOk            <-   the pump takes over here
//! ```
//!
//! What a right proof leaves in the gateway's hands is enough to make another one, for as long as the login
//! lasts, and is wiped with it. The upstream has the last word: what it says of a role whose proof was right
//! goes to the client as it is.

use crate::buffer::{Buffer, write_all};
use crate::fault::Fault;
use crate::login;
use crate::opening::{Guard, Opening};
use crate::pump::Ends;
use crate::settings::Authentication;
use crate::stream::Stream;
use crate::verifiers::{Found, Known, LOOKUP_WAIT, LookupFailed, Question, Verifiers};
use exchange::Principal;
use std::io;
use std::sync::Arc;
use tokio::time::timeout;
use wire_postgres::Violation;
use wire_postgres::scram::{Binding, end_point};
use wire_postgres::startup::Startup;
use wire_postgres::verification::{Client, Credential, NONCE_BYTES, Progress, Reply, Server};
use zeroize::{Zeroize as _, Zeroizing};

/// More than any answer to a server takes: a SCRAM proof with its nonces and binding has some 400 bytes.
const ANSWER_BYTES: usize = 1_024;

/// That a client has proved who it is, and what of that serves to log in upstream.
pub(crate) struct Proof {
    credential: Credential,
    /// The last message of the exchange, which the client gets when the upstream has let it in.
    last: Vec<u8>,
    /// Whose proof it was, and what it was checked against.
    user: Box<str>,
    found: Found,
}

impl Opening<'_> {
    /// Asks the client for its proof, where the listener verifies logins and no certificate has proved it; nothing is
    /// opened upstream. Not cancel safe.
    pub(crate) async fn verify(&mut self, startup: &Startup<'_>) -> Result<Option<Proof>, Fault> {
        let Authentication::Verify(verifiers) = &self.settings.authentication else { return Ok(None) };
        if self.is_proved_by_certificate() {
            return Ok(None);
        }
        // What a later protocol says of its user is not known.
        if startup.version >> 16 != 3 {
            return Err(Fault::from(Violation::Startup));
        }
        let verifiers = Arc::clone(verifiers);
        let name = startup.user();
        let user: Box<str> = String::from_utf8_lossy(name).into();
        // Nobody can be asked for by a name that is no text.
        let found = match std::str::from_utf8(name) {
            Ok(name) => self.find(&verifiers, name).await.map_err(|_| Fault::Lookup)?,
            Err(_) => Found::nothing(),
        };
        let verifier = found.verifier(name).map_err(|_| Fault::Lookup)?;
        let mut server = Server::new(&verifier, self.own_binding(), nonce()?);
        let mut out = Vec::new();
        server.offer(&mut out);
        loop {
            if !out.is_empty() {
                self.tell(&std::mem::take(&mut out)).await?;
            }
            match server.client(&self.received, &mut out).map_err(mistaken)? {
                Progress::More => {
                    self.receive().await?;
                    self.may_guess()?;
                }
                Progress::Answered(len) => self.wipe(len),
                Progress::Proved { consumed, credential } => {
                    self.wipe(consumed);
                    return Ok(Some(Proof { credential, last: out, user, found }));
                }
                Progress::Failed(_) => {
                    verifiers.doubt(&user, &found);
                    return Err(Fault::WrongPassword { user });
                }
            }
        }
    }

    /// Takes off what was read. With the role's verifier a proof gives the key it was made with.
    fn wipe(&mut self, len: usize) {
        let len = len.min(self.received.len());
        self.received.get_mut(..len).unwrap_or_default().zeroize();
        self.received.drain(..len);
    }

    async fn find(&self, verifiers: &Verifiers, user: &str) -> Result<Found, LookupFailed> {
        verifiers.find(user, async |question| self.look_up(question, user).await).await
    }

    async fn look_up(&self, question: Arc<Question>, user: &str) -> Result<Known, LookupFailed> {
        let lookup = self.listener.lookup.as_ref().ok_or(LookupFailed)?;
        let answer = lookup.look_up(Arc::clone(self.settings), question, user.into());
        match timeout(LOOKUP_WAIT, answer).await {
            Ok(Ok(found)) => found,
            // It takes too long, or who asked has ended.
            Ok(Err(_)) | Err(_) => Err(LookupFailed),
        }
    }

    /// What the client can bind its proof to: the certificate that the listener shows.
    fn own_binding(&self) -> Binding {
        let certificate = self.settings.client_tls.certificate.as_deref();
        binding(self.is_tls(), certificate)
    }

    /// Connects upstream, passes the startup packet on and proves there what the client has proved here. Not cancel safe.
    pub(crate) async fn log_in_verified(
        &mut self,
        packet: &[u8],
        guard: Option<Guard>,
        proof: &Proof,
    ) -> Result<Ends, Fault> {
        let (mut upstream, upstream_address) = self.open_upstream(packet, guard).await?;
        let binding = binding(upstream.is_tls(), upstream.peer_certificate());
        let mut client = Client::new(&proof.credential, binding, nonce()?);
        let (mut heard, mut down) = (Vec::new(), Vec::new());
        // With room from the beginning: a vector that grows leaves what it held behind.
        let mut answer = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES));
        loop {
            match client.server(&heard, &mut answer)? {
                Reply::More => while !self.listen(&mut upstream, &mut heard).await? {},
                Reply::Pass(len) => down.extend(heard.drain(..len)),
                Reply::Answered(len) => {
                    heard.drain(..len);
                    pass_on(&mut upstream, &mut answer).await?;
                }
                Reply::Stale(len) => {
                    heard.drain(..len);
                    self.outdated(proof);
                    if answer.is_empty() {
                        return Err(Fault::Outdated { user: proof.user.clone() });
                    }
                    // The server says no in its own words, and why in its log.
                    pass_on(&mut upstream, &mut answer).await?;
                }
                Reply::Failed { len, .. } if self.rejects_guard(guard, heard.get(..len)) => {
                    return Err(Fault::ReadOnlyRejected);
                }
                Reply::Failed { len, sqlstate } => {
                    down.extend(heard.drain(..len));
                    if sqlstate == Some(*b"28P01") {
                        self.outdated(proof);
                    }
                    self.tell(&down).await?;
                    return Err(Fault::RefusedProved(sqlstate));
                }
                Reply::Impossible(obstacle) => return Err(Fault::Unverifiable(obstacle)),
                Reply::Granted { .. } => break,
            }
        }
        if let Some(Principal { user, database, .. }) = &self.principal {
            login::verify(user, database, self.listener, self.settings).await?;
        }
        let client = self.client.take().ok_or_else(|| Fault::Client(io::ErrorKind::NotConnected.into()))?;
        // One write, as the server does: the exchange's last word, that it is granted, and what follows.
        down.extend_from_slice(&proof.last);
        down.append(&mut heard);
        let (up, down) = (Buffer::holding(&self.received), Buffer::holding(&down));
        Ok(Ends { client, upstream, up, down, upstream_address })
    }

    /// The upstream takes another password than the one that was proved here.
    fn outdated(&self, proof: &Proof) {
        let Authentication::Verify(verifiers) = &self.settings.authentication else { return };
        let user = &*proof.user;
        verifiers.doubt(user, &proof.found);
        if verifiers.tells_outdated(user) {
            tracing::warn!(
                listener = &*self.settings.name,
                user,
                "the upstream does not take the password that the file `authentication.verifiers` has for this role: it \
                 was changed there or has expired"
            );
        }
    }
}

async fn pass_on(upstream: &mut Stream, answer: &mut Vec<u8>) -> Result<(), Fault> {
    if !answer.is_empty() {
        write_all(upstream, answer).await.map_err(Fault::Upstream)?;
        answer.zeroize();
    }
    Ok(())
}

/// What a proof over a connection is bound to.
fn binding(is_tls: bool, certificate: Option<&[u8]>) -> Binding {
    match (is_tls, certificate.and_then(end_point)) {
        (false, _) => Binding::Plaintext,
        (true, Some(hash)) => Binding::Certificate(hash.into()),
        (true, None) => Binding::None,
    }
}

fn nonce() -> Result<[u8; NONCE_BYTES], Fault> {
    let mut nonce = [0; NONCE_BYTES];
    // Without random bytes of the system there is no login.
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| Fault::Lookup)?;
    Ok(nonce)
}

fn mistaken(violation: Violation) -> Fault {
    match violation {
        Violation::Scram(mistake) => Fault::Mistaken(mistake),
        other => Fault::from(other),
    }
}
