//! What becomes of the control plane's settings, and what is said about mistakes in them?

use super::super::settings::{MailTls, Registration, SignInKind};
use super::super::{admin_secrets, changed, link_token, load, restart_needed};
use super::{LISTENER, good, parse, told};
use std::path::Path;

fn check(text: &str, expected: &str) {
    match parse(&format!("{LISTENER}{text}"), &[]) {
        Ok(_) => panic!("this is taken: {text}"),
        Err(problems) => assert_eq!(told(&problems), expected, "{text}"),
    }
}

#[test]
fn without_its_table_there_is_no_control_plane_and_with_an_empty_one_there_is() {
    let config = good(LISTENER, &[]);
    assert!(config.admin.is_none() && config.link.is_none());
    let config = good(&format!("{LISTENER}[admin]"), &[]);
    let admin = config.admin.as_ref().unwrap();
    assert_eq!(admin.listen.to_string(), "127.0.0.1:8432");
    assert_eq!(admin.public_url(), "http://127.0.0.1:8432");
    assert_eq!(admin.data_directory, Path::new("/etc/gateway/data"));
    assert_eq!((admin.registration, admin.session_hours), (Registration::Invited, 168));
    assert!(admin.mail.is_none() && admin.sign_in.is_empty() && admin.egress.is_empty());
    assert_eq!(config.state_url(), "sqlite:/etc/gateway/data/state.db");
    let secrets = admin_secrets(&config).unwrap();
    assert!(secrets.master_key.is_none() && secrets.link_token.is_none() && secrets.sign_in.is_empty());
}

#[test]
fn a_control_plane_alone_has_no_listener() {
    assert!(good("[admin]", &[]).listeners.is_empty());
    assert!(good("", &[("DRAGOMAN_ADMIN__LISTEN", "127.0.0.1:1")]).admin.is_some());
    assert!(parse("[state]\nurl = 'sqlite:a'", &[]).is_err());
}

#[test]
fn everything_that_is_set_is_there_and_its_secrets_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dragoman.toml");
    for (name, text) in [("key", "k"), ("mail", "m\n"), ("google", "g\r\n"), ("link", "l"), ("state", "s")] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let text = "
        [admin]
        listen = '0.0.0.0:80'
        public_url = 'https://dragoman.example.com/'
        data_directory = 'kept'
        registration = 'open'
        session_hours = 1
        sqlite_directory = 'databases'
        egress = ['10.0.0.0/8', 'db.internal:5432']
        master_key = { file = 'key' }
        link = { token = { file = 'link' } }
        mail = { from = 'Us <us@example.com>', server = 'mail.example.com', user = 'us', password = { file = 'mail' } }
        [[admin.sign_in]]
        name = 'google'
        kind = 'google'
        client_id = 'id'
        client_secret = { file = 'google' }
        [[admin.sign_in]]
        name = 'own'
        kind = 'oidc'
        issuer = 'https://login.example.com'
        client_id = 'id'
        client_secret = { env = 'PATH' }
        [state]
        url = 'postgres://dragoman@db.internal:5432/state'
        password = { file = 'state' }
        [link]
        url = 'https://control.example.com'
        token = { file = 'link' }
    ";
    std::fs::write(&file, text).unwrap();
    let config = load(&file, std::iter::empty()).unwrap();
    let admin = config.admin.as_ref().unwrap();
    assert_eq!(admin.public_url(), "https://dragoman.example.com");
    assert_eq!(admin.sqlite_directory.as_deref(), Some(folder.path().join("databases").as_path()));
    assert_eq!(admin.egress, ["10.0.0.0/8", "db.internal:5432"]);
    let mail = admin.mail.as_ref().unwrap();
    assert_eq!((mail.tls, mail.port(), mail.user.as_deref()), (MailTls::Starttls, 587, Some("us")));
    let kinds: Vec<_> = admin.sign_in.iter().map(|way| (way.name.as_str(), way.kind)).collect();
    assert_eq!(kinds, [("google", SignInKind::Google), ("own", SignInKind::Oidc)]);
    assert_eq!(config.state_url(), "postgres://dragoman@db.internal:5432/state");
    let secrets = admin_secrets(&config).unwrap();
    let revealed = |secret: &Option<super::super::SecretText>| secret.as_ref().unwrap().reveal().to_owned();
    assert_eq!(revealed(&secrets.master_key), "k");
    assert_eq!(revealed(&secrets.mail_password), "m");
    assert_eq!(revealed(&secrets.link_token), "l");
    assert_eq!(revealed(&secrets.state_password), "s");
    let path = std::env::var("PATH").unwrap();
    assert_eq!(
        secrets.sign_in.iter().map(|secret| secret.reveal()).collect::<Vec<_>>(),
        ["g", path.as_str()]
    );
    assert!(!format!("{secrets:?}").contains(&path));
    assert_eq!(link_token(&config).unwrap().unwrap().reveal(), "l");
}

#[test]
fn what_groups_give_is_there() {
    let text = "
        [[admin.sign_in]]
        name = 'google'
        kind = 'google'
        client_id = 'id'
        client_secret = { env = 'PATH' }
        [[admin.sign_in]]
        name = 'own'
        kind = 'oidc'
        issuer = 'https://login.example.com'
        client_id = 'id'
        client_secret = { env = 'PATH' }
        scopes = ['groups']
        require_group = 'staff'
        [[admin.sign_in.group]]
        name = 'dba'
        workspace = 'shop'
        role = 'admin'
        teams = ['Reporting']
        [[admin.sign_in.group]]
        name = 'roots'
        instance_admin = true
    ";
    let admin = good(&format!("{LISTENER}{text}"), &[]).admin.unwrap();
    let [google, own] = admin.sign_in.as_slice() else { panic!("two ways to sign in") };
    assert!(own.reads_groups() && !google.reads_groups());
    assert_eq!(own.scopes, ["groups"]);
    assert_eq!((own.require_group.as_deref(), own.groups_claim.as_deref()), (Some("staff"), None));
    let [dba, roots] = own.group.as_slice() else { panic!("two groups") };
    assert_eq!((dba.workspace.as_deref(), dba.role.as_deref()), (Some("shop"), Some("admin")));
    assert_eq!((dba.teams.as_slice(), dba.instance_admin), (&["Reporting".to_owned()][..], false));
    assert!(roots.instance_admin && roots.workspace.is_none());
}

#[test]
fn groups_that_make_no_sense_are_told() {
    let way = |kind: &str| {
        format!(
            "[[admin.sign_in]]\nname = 's'\nkind = '{kind}'\nclient_id = 'id'\nclient_secret = {{ env = 'PATH' }}\n"
        )
    };
    let own = format!("{}issuer = 'https://login.example.com'\n", way("oidc"));
    check(
        &format!("{}require_group = 'staff'", way("github")),
        "f:10:17: admin.sign_in[s].require_group: `require_group` does nothing beside `github`\n    hint: leave one of them out",
    );
    check(
        &format!("{own}[[admin.sign_in.group]]\nname = 'a'\nrole = 'admin'"),
        "f:13:8: admin.sign_in[s].group[a].role: `role` is set without `workspace`\n    hint: set both, or none",
    );
    check(
        &format!("{own}[[admin.sign_in.group]]\nname = 'a'"),
        "f:11:1: admin.sign_in[s].group[a]: `group` needs `workspace`\n    hint: set it as well, or leave both out",
    );
    check(
        &format!("{own}[[admin.sign_in.group]]\nname = ''\ninstance_admin = true"),
        "f:12:8: admin.sign_in[s].group[#1].name: the name is empty\n    hint: write a name, or leave the setting out",
    );
}

#[test]
fn what_makes_no_sense_is_told() {
    check(
        "[admin]\nlisten = '127.0.0.1:6432'",
        "f:3:10: listener[shop].listen: `127.0.0.1:6432` is already taken by `admin.listen` (line 6)\n    \
         hint: give it another port",
    );
    check(
        "[admin]\nmail = { from = 'us' }",
        "f:6:17: admin.mail.from: `us` is not an address of mail\n    \
         hint: write `dragoman@example.com` or `Dragoman <dragoman@example.com>`",
    );
    check(
        "[admin]\nmail = { from = 'us@example.com' }",
        "f:6:8: admin.mail: `mail` needs `server`\n    hint: set it as well, or leave both out",
    );
    check(
        "[admin]\nmail = { from = 'us@example.com', server = 'mail', directory = 'mail' }",
        "f:6:64: admin.mail.directory: `directory` does nothing beside `server`\n    hint: leave one of them out",
    );
    check(
        "[admin]\nmail = { from = 'us@example.com', server = 'mail:25' }",
        "f:6:8: admin.mail: `mail` needs `server`\n    hint: set it as well, or leave both out\n\
         f:6:44: admin.mail.server: `mail:25` is not a host\n    \
         hint: write a name such as `mail.example.com`, or an IP address, without a port",
    );
    check(
        "[admin]\negress = ['10.0.0.0/8', '10.0.0.0/99']",
        "f:6:25: admin.egress[#2]: `10.0.0.0/99` is neither a network nor a host\n    \
         hint: write `10.0.0.0/8`, `db.internal` or `db.internal:5432`",
    );
    check(
        "[admin]\nmaster_key = { file = 'key', env = 'KEY' }",
        "f:6:36: admin.master_key.env: `file` is set as well\n    \
         hint: a secret comes from one place: leave one of them out",
    );
    check(
        "[admin]\nregistration = 'everybody'",
        "f:6:16: admin.registration: `everybody` is not one of its values\n    hint: known here: invited, open, closed",
    );
    check(
        "[admin]\npublic_url = 'https://me:open-sesame@host'",
        "f:6:14: admin.public_url: this is not the address of a web server: it has a user or a password\n    \
         hint: write `https://host`, with a port and a path where it has them",
    );
    check(
        "[link]\nurl = 'https://control.example.com'",
        "f:5:1: link: `link` needs `link.token`\n    hint: set it as well, or leave both out",
    );
    check(
        "[link]\ntoken = { env = 'TOKEN' }",
        "f:5:1: link: `url` is missing\n    hint: add it, for example `url = \"https://dragoman.example.com\"`",
    );
}

#[test]
fn a_way_to_sign_in_that_makes_no_sense_is_told() {
    let way =
        "[[admin.sign_in]]\nname = 'a'\nkind = 'google'\nclient_id = 'i'\nclient_secret = { env = 'S' }\n";
    check(
        &format!("{way}{way}"),
        "f:11:8: admin.sign_in[a].name: another way to sign in is already called `a` (line 6)\n    \
         hint: give it another name",
    );
    check(
        &way.replace("google", "oidc"),
        "f:7:8: admin.sign_in[a].kind: `oidc` needs `issuer`\n    hint: set it as well, or leave both out",
    );
    check(
        &format!("{way}issuer = 'https://accounts.google.com'"),
        "f:10:10: admin.sign_in[a].issuer: `issuer` does nothing beside `google`\n    hint: leave one of them out",
    );
    check(
        &way.replace("client_secret", "secret"),
        "f:5:1: admin.sign_in[a]: `sign_in` needs `client_secret`\n    hint: set it as well, or leave both out\n\
         f:9:1: admin.sign_in[a].secret: there is no setting of this name\n    \
         hint: known here: name, kind, issuer, client_id, scopes, groups_claim, require_group, client_secret, group",
    );
    check(
        &way.replace("client_secret = { env = 'S' }\n", ""),
        "f:5:1: admin.sign_in[a]: `sign_in` needs `client_secret`\n    hint: set it as well, or leave both out",
    );
}

#[test]
fn a_place_of_the_state_that_makes_no_sense_is_told_without_its_password() {
    let hint = "\n    hint: write `sqlite:data/state.db` or `postgres://user@host:5432/database`, the password in \
                `state.password`";
    check(
        "[state]\nurl = 'mysql://me:open-sesame@db/state'",
        &format!(
            "f:6:7: state.url: the state cannot be kept there: it begins with no word that is known here{hint}"
        ),
    );
    check(
        "[state]\nurl = 'sqlite:'",
        &format!("f:6:7: state.url: the state cannot be kept there: it names no file{hint}"),
    );
    check(
        "[state]\nurl = 'postgres://me:open-sesame@db/state'\npassword = { env = 'P' }",
        "f:7:12: state.password: `password` does nothing beside `url`\n    hint: leave one of them out",
    );
    check(
        "[state]\npassword = { env = 'P' }",
        "f:6:12: state.password: `password` does nothing beside `sqlite`\n    hint: leave one of them out",
    );
}

#[test]
fn an_address_of_a_node_that_is_none_is_told() {
    check(
        "[link]\nurl = 'https://a'\ntoken = { env = 'A' }\nnodes = ['https://b', 'ftp://c']",
        "f:8:23: link.nodes[#2]: this is not the address of a web server: it begins with no word that is known here\n    \
         hint: write `https://host`, with a port and a path where it has them",
    );
}

#[test]
fn a_secret_that_is_not_there_or_empty_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dragoman.toml");
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let text = "[admin]\nmaster_key = { file = 'missing' }\nlink = { token = { file = 'empty' } }";
    std::fs::write(&file, format!("{LISTENER}{text}")).unwrap();
    let error = admin_secrets(&load(&file, std::iter::empty()).unwrap()).unwrap_err().to_string();
    assert_eq!(
        error.replace(&folder.path().display().to_string(), "D"),
        "2 mistakes in the settings\n\
         D/dragoman.toml:6:23: admin.master_key.file: the file `D/missing` does not exist\n    \
         hint: paths are relative to the settings file; check the path and its mode\n\
         D/dragoman.toml:7:18: admin.link.token: the secret is empty\n    \
         hint: write it there, or leave the setting out"
    );
}

#[test]
fn nothing_of_it_is_taken_without_a_restart_but_whether_a_listener_is_managed() {
    let check = |one: &str, other: &str, waiting: &[&str], differing: &[&str]| {
        let (one, other) = (good(&format!("{LISTENER}{one}"), &[]), good(&format!("{LISTENER}{other}"), &[]));
        assert_eq!(restart_needed(&one, &other), waiting);
        assert_eq!(changed(&one, &other), differing);
        assert_eq!(restart_needed(&other, &one), waiting);
    };
    check("", "managed = true", &[], &["listener[shop].managed"]);
    check("", "[admin]", &["admin"], &["admin"]);
    check("[admin]", "[admin]\nregistration = 'open'", &["admin.registration"], &["admin.registration"]);
    check(
        "[admin]",
        "[admin]\nmaster_key = { env = 'A' }",
        &["admin.master_key.env"],
        &["admin.master_key.env"],
    );
    let way =
        "[[admin.sign_in]]\nname = 'a'\nkind = 'google'\nclient_id = 'i'\nclient_secret = { env = 'S' }\n";
    check("[admin]", way, &["admin.sign_in"], &["admin.sign_in"]);
    check(way, &way.replace("'i'", "'j'"), &["admin.sign_in"], &["admin.sign_in"]);
    let link = "[link]\nurl = 'https://a'\ntoken = { env = 'A' }";
    check(link, &link.replace("https://a", "https://b"), &["link.url"], &["link.url"]);
    check(link, &format!("{link}\nnodes = ['https://b']"), &["link.nodes"], &["link.nodes"]);
    check("", "[state]\nurl = 'sqlite:a'", &["state.url"], &["state.url"]);
}
