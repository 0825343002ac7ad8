//! Who does another service say somebody is?
//!
//! Google and any issuer of OpenID Connect by `oidc`, GitHub by `github`. What is done with the
//! answer is the business of [`crate::app::identities`].

mod client;
mod github;
mod groups;
mod oidc;

use crate::problem::{Code, Problem};
use crate::settings::{Groups, SignIn, SignInKind};
use client::Http;

/// Google as an issuer.
const GOOGLE: &str = "https://accounts.google.com";

/// What another service says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who they are there, for good.
    pub subject: String,
    /// Their e-mail, if the service tells one.
    pub email: Option<String>,
    /// Whether the service says that it is theirs.
    pub is_email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
    /// The groups they are in, where the settings ask for them.
    pub groups: Vec<String>,
}

/// What only this sign-in knows.
pub struct Attempt<'a> {
    /// Where the service sends the browser back to.
    pub callback: String,
    /// What the browser brings back.
    pub state: &'a str,
    /// What a signed answer must repeat.
    pub nonce: &'a str,
    /// The secret of the proof key (RFC 7636).
    pub verifier: &'a str,
}

impl std::fmt::Debug for Attempt<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Attempt").field("callback", &self.callback).finish_non_exhaustive()
    }
}

/// All services people can sign in with.
#[derive(Debug)]
pub struct Services {
    http: Http,
    known: Vec<Service>,
}

/// One of them.
#[derive(Debug)]
pub struct Service {
    name: String,
    way: Way,
    groups: Option<Groups>,
}

#[derive(Debug)]
enum Way {
    Issuer(Box<oidc::Issuer>),
    GitHub(github::GitHub),
}

impl Services {
    /// As the settings say.
    pub fn new(settings: &[SignIn]) -> Result<Services, String> {
        let http = Http::new().map_err(|error| format!("no client of HTTP: {error}"))?;
        let known = settings.iter().map(Service::new).collect();
        Ok(Services { http, known })
    }

    /// The one with this name.
    pub fn find(&self, name: &str) -> Result<&Service, Problem> {
        self.known.iter().find(|service| service.name == name).ok_or_else(|| {
            Problem::not_found("service to sign in with").with_hint("`GET /api/v1/instance` names them")
        })
    }

    /// Where the browser goes to sign in.
    pub async fn address(&self, service: &Service, attempt: &Attempt<'_>) -> Result<String, Problem> {
        match &service.way {
            Way::Issuer(issuer) => issuer.address(&self.http, attempt).await,
            Way::GitHub(github) => github.address(attempt),
        }
    }

    /// Who somebody is, by the code the browser brought back.
    pub async fn ask(&self, service: &Service, code: &str, attempt: &Attempt<'_>) -> Result<Told, Problem> {
        let told = match &service.way {
            Way::Issuer(issuer) => issuer.ask(&self.http, code, attempt).await?,
            Way::GitHub(github) => github.ask(&self.http, code, attempt).await?,
        };
        if told.subject.is_empty() || told.subject.len() > 255 {
            return Err(failed(&service.name, "its name for the person is empty or too long"));
        }
        Ok(told)
    }

    /// Whether an answer that says who gave it (RFC 9207) was given by `service`.
    pub fn is_from(&self, service: &Service, issuer: Option<&str>) -> bool {
        match (&service.way, issuer) {
            (_, None) | (Way::GitHub(_), Some(_)) => true,
            (Way::Issuer(known), Some(issuer)) => known.issuer() == issuer,
        }
    }
}

impl Service {
    fn new(settings: &SignIn) -> Service {
        let issuer = |url: &str| Way::Issuer(Box::new(oidc::Issuer::new(url, settings)));
        let way = match &settings.kind {
            SignInKind::Google => issuer(GOOGLE),
            SignInKind::OpenIdConnect { issuer: url } => issuer(url),
            SignInKind::GitHub { web, api } => Way::GitHub(github::GitHub::new(web, api, settings)),
        };
        Service { name: settings.name.clone(), way, groups: settings.groups.clone() }
    }

    /// What the groups that it tells give, where the settings read them.
    pub fn groups(&self) -> Option<&Groups> {
        self.groups.as_ref()
    }

    /// Its name in URLs and in the state.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A service did not do what it should. The cause is for the log and holds no secret.
fn failed(service: &str, cause: impl std::fmt::Display) -> Problem {
    Problem::new(Code::BadGateway, format!("`{service}` did not answer as it should"))
        .with_hint("try again; if it stays, an admin finds the cause in the log under the request's id")
        .with_cause(cause)
}
