//! Do the settings of the control plane make sense, and what do the secrets they name say?

use super::path::Path;
use super::problem::{Cause, ConfigError, Problem};
use super::secret::{self, SecretText};
use super::settings::{Admin, Config, Mail, Secret, SignIn, SignInKind, State};
use super::{address, invalid, key_store, retention, settings};

/// What makes no sense, without a look at any file.
pub(super) fn check(config: &Config, tell: &mut impl FnMut(&Path, Cause)) {
    if let Some(admin) = &config.admin {
        let path = Path::default().key("admin");
        secret::check(&admin.master_key, &path.key("master_key"), tell);
        key_store::check(admin, &path, tell);
        retention::check(admin, &config.origin, &path, tell);
        secret::check(&admin.link.token, &path.key("link").key("token"), tell);
        if let Some(found) = &admin.mail {
            mail(found, &path.key("mail"), tell);
        }
        sign_in(config, admin, &path.key("sign_in"), tell);
    }
    state(&config.state, &Path::default().key("state"), tell);
    if let Some(link) = &config.link {
        let path = Path::default().key("link");
        secret::check(&link.token, &path.key("token"), tell);
        if !is_set(&link.token) {
            tell(&path, Cause::Lacks { what: "link", needs: "link.token" });
        }
        for (index, node) in link.nodes.iter().enumerate() {
            if let Err(fault) = address::http_url(node) {
                tell(&path.key("nodes").index(index), Cause::BadUrl { fault });
            }
        }
    }
}

fn is_set(secret: &Secret) -> bool {
    secret.file.is_some() || secret.env.is_some()
}

fn mail(mail: &Mail, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    secret::check(&mail.password, &path.key("password"), tell);
    match (&mail.server, &mail.directory) {
        (None, None) => tell(path, Cause::Lacks { what: "mail", needs: "server" }),
        (Some(_), Some(_)) => {
            tell(&path.key("directory"), Cause::Useless { one: "directory", other: "server" })
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    match (&mail.user, is_set(&mail.password)) {
        (Some(_), false) => tell(&path.key("user"), Cause::HalfPair { present: "user", absent: "password" }),
        (None, true) => tell(&path.key("password"), Cause::HalfPair { present: "password", absent: "user" }),
        (Some(_), true) | (None, false) => {}
    }
}

fn sign_in(config: &Config, admin: &Admin, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    for (index, way) in admin.sign_in.iter().enumerate() {
        let inner = path.index(index);
        secret::check(&way.client_secret, &inner.key("client_secret"), tell);
        let mut earlier = admin.sign_in.iter().take(index);
        if let Some(other) = earlier.position(|other| other.name == way.name) {
            let other = config.origin.root.place(&path.index(other).key("name"));
            tell(&inner.key("name"), Cause::SignInTaken { name: way.name.clone(), other });
        }
        issuer(way, &inner, tell);
        groups(way, &inner, tell);
        if way.client_id.is_empty() {
            tell(&inner.key("client_id"), Cause::EmptyName);
        }
        if !is_set(&way.client_secret) {
            tell(&inner, Cause::Lacks { what: "sign_in", needs: "client_secret" });
        }
    }
}

fn issuer(way: &SignIn, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    match (way.kind, &way.issuer) {
        (SignInKind::Oidc, None) => tell(&path.key("kind"), Cause::Lacks { what: "oidc", needs: "issuer" }),
        (SignInKind::Google, Some(_)) => {
            tell(&path.key("issuer"), Cause::Useless { one: "issuer", other: "google" });
        }
        (SignInKind::Github, Some(_)) => {
            tell(&path.key("issuer"), Cause::Useless { one: "issuer", other: "github" });
        }
        (SignInKind::Oidc, Some(_)) | (SignInKind::Google | SignInKind::Github, None) => {}
    }
}

/// Only an issuer of OpenID Connect tells groups, and each is to give something.
fn groups(way: &SignIn, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let other = match way.kind {
        SignInKind::Oidc => None,
        SignInKind::Google => Some("google"),
        SignInKind::Github => Some("github"),
    };
    let set = [
        (!way.scopes.is_empty(), "scopes"),
        (way.groups_claim.is_some(), "groups_claim"),
        (way.require_group.is_some(), "require_group"),
        (!way.group.is_empty(), "group"),
    ];
    for ((_, one), other) in set.into_iter().filter(|(is_set, _)| *is_set).zip(other.into_iter().cycle()) {
        tell(&path.key(one), Cause::Useless { one, other });
    }
    for (index, group) in way.group.iter().enumerate() {
        let path = path.key("group").index(index);
        if group.name.is_empty() {
            tell(&path.key("name"), Cause::EmptyName);
        }
        let mut half = |is_set: bool, present, absent| {
            if is_set {
                tell(&path.key(present), Cause::HalfPair { present, absent });
            }
        };
        let (has_workspace, has_role) = (group.workspace.is_some(), group.role.is_some());
        half(has_role && !has_workspace, "role", "workspace");
        half(!group.teams.is_empty() && !has_workspace, "teams", "workspace");
        half(has_workspace && !has_role && group.teams.is_empty(), "workspace", "role");
        if !has_workspace && !has_role && group.teams.is_empty() && !group.instance_admin {
            tell(&path, Cause::Lacks { what: "group", needs: "workspace" });
        }
    }
}

fn state(state: &State, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    secret::check(&state.password, &path.key("password"), tell);
    let postgres = state.url.as_deref().filter(|url| !url.starts_with("sqlite:"));
    match postgres {
        None if is_set(&state.password) => {
            tell(&path.key("password"), Cause::Useless { one: "password", other: "sqlite" });
        }
        Some(url) if is_set(&state.password) && has_password(url) => {
            tell(&path.key("password"), Cause::Useless { one: "password", other: "url" });
        }
        Some(_) | None => {}
    }
}

fn has_password(url: &str) -> bool {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':'))
}

/// What the control plane's settings name only by its place.
#[derive(Clone, Debug)]
pub struct AdminSecrets {
    /// `admin.master_key`.
    pub master_key: Option<SecretText>,
    /// `admin.link.token`.
    pub link_token: Option<SecretText>,
    /// `admin.mail.password`.
    pub mail_password: Option<SecretText>,
    /// `client_secret` of each `[[admin.sign_in]]`, in their order.
    pub sign_in: Vec<SecretText>,
    /// `state.password`.
    pub state_password: Option<SecretText>,
}

/// The secrets of the control plane, read; all that is wrong with them is told at once.
pub fn admin_secrets(config: &Config) -> Result<AdminSecrets, ConfigError> {
    let mut read = Reading { config, problems: Vec::new() };
    let admin = settings::Admin::default();
    let admin = config.admin.as_ref().unwrap_or(&admin);
    let path = Path::default().key("admin");
    let secrets = AdminSecrets {
        master_key: read.secret(&admin.master_key, &path.key("master_key")),
        link_token: read.secret(&admin.link.token, &path.key("link").key("token")),
        mail_password: admin
            .mail
            .as_ref()
            .and_then(|mail| read.secret(&mail.password, &path.key("mail").key("password"))),
        sign_in: admin
            .sign_in
            .iter()
            .enumerate()
            .filter_map(|(index, way)| {
                read.secret(&way.client_secret, &path.key("sign_in").index(index).key("client_secret"))
            })
            .collect(),
        state_password: read.secret(&config.state.password, &Path::default().key("state").key("password")),
    };
    read.end(secrets)
}

/// `link.token`, read; `None` where there is no link.
pub fn link_token(config: &Config) -> Result<Option<SecretText>, ConfigError> {
    let mut read = Reading { config, problems: Vec::new() };
    let path = Path::default().key("link").key("token");
    let token = config.link.as_ref().and_then(|link| read.secret(&link.token, &path));
    read.end(token)
}

struct Reading<'a> {
    config: &'a Config,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn secret(&mut self, secret: &Secret, path: &Path) -> Option<SecretText> {
        let origin = &self.config.origin;
        let found = secret::read(secret, path, origin).and_then(|text| match text {
            Some(text) if text.reveal().is_empty() => Err(Box::new(origin.problem(path, Cause::EmptySecret))),
            text => Ok(text),
        });
        found.unwrap_or_else(|problem| {
            self.problems.push(*problem);
            None
        })
    }

    fn end<T>(self, read: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() {
            Ok(read)
        } else {
            Err(invalid(&self.config.origin.file, self.problems))
        }
    }
}

impl Config {
    /// Where the control plane keeps its state: `state.url`, or the file `state.db` among its data. The
    /// password is not in it where `state.password` names one.
    pub fn state_url(&self) -> String {
        let directory = self.admin.as_ref().map(|admin| admin.data_directory.join("state.db"));
        let file = directory.unwrap_or_else(|| "data/state.db".into());
        self.state.url.clone().unwrap_or_else(|| format!("sqlite:{}", file.display()))
    }
}
