//! Who asks for proof, and what is said when that makes no sense?

use super::super::{listeners, load};
use super::{LISTENER, good, parse, told};
use relay::settings::Authentication;
use relay::verifiers::Question;

const VERIFIER: &str = "md5a6343a68d964ca596d9752250d54bb8a";

/// What a listener with these lines does, with a file of users beside its settings.
fn authentication(users: &str, text: &str) -> Result<Authentication, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("users.txt"), users).unwrap();
    let file = folder.path().join("dragoman.toml");
    std::fs::write(&file, format!("{LISTENER}{text}")).unwrap();
    let ready = listeners(&load(&file, std::iter::empty()).unwrap());
    let folder = folder.path().display().to_string();
    let [listener] = ready.map_err(|error| error.to_string().replace(&folder, "."))?.try_into().unwrap();
    Ok(listener.authentication)
}

fn question(text: &str) -> Option<Question> {
    match authentication("", text).unwrap() {
        Authentication::Relay => None,
        Authentication::Verify(verifiers) => verifiers.question().map(|question| Question::clone(question)),
    }
}

#[test]
fn logins_are_relayed_unless_it_is_said() {
    assert!(matches!(authentication("", ""), Ok(Authentication::Relay)));
    assert!(matches!(authentication("", "authentication = { mode = 'relay' }"), Ok(Authentication::Relay)));
}

#[test]
fn the_upstream_is_asked_by_its_table_or_by_a_function() {
    let probe = "probe = { user = 'p' }\n";
    let table = Question { function: None, database: "postgres".into() };
    assert_eq!(question(&format!("{probe}authentication = {{ mode = 'verify' }}")), Some(table));
    let function =
        Question { function: Some(["gateway".into(), "Verifier".into()]), database: "shop".into() };
    let text = "authentication = { mode = 'verify', lookup = 'gateway.Verifier', lookup_database = 'shop' }";
    assert_eq!(question(&format!("{probe}{text}")), Some(function));
}

#[test]
fn a_file_is_read_with_the_settings_and_then_nobody_is_asked() {
    let text = "authentication = { mode = 'verify', verifiers = 'users.txt' }";
    let users = format!("\"ann\" \"{VERIFIER}\"\n");
    let Ok(Authentication::Verify(verifiers)) = authentication(&users, text) else { panic!("not verified") };
    assert_eq!(verifiers.question(), None);
    assert_eq!(
        authentication("ann:hunter2\n\n?\n", text).unwrap_err(),
        "2 mistakes in the settings\n\
         ./dragoman.toml:5:49: listener[shop].authentication.verifiers: line 1 of the file `./users.txt`: what stands for \
         role `ann` is no verifier: neither `SCRAM-SHA-256$…` nor `md5…`: passwords in plain are not taken\n    \
         hint: write `\"role\" \"SCRAM-SHA-256$…\"`, as `pg_authid.rolpassword` has it; a password itself is never written down\n\
         ./dragoman.toml:5:49: listener[shop].authentication.verifiers: line 3 of the file `./users.txt`: neither \
         `\"role\" \"verifier\"` nor `role:verifier`\n    \
         hint: write `\"role\" \"SCRAM-SHA-256$…\"`, as `pg_authid.rolpassword` has it; a password itself is never written down"
    );
    assert_eq!(
        authentication("", text).unwrap_err().lines().nth(1).unwrap(),
        "./dragoman.toml:5:49: listener[shop].authentication.verifiers: the file `./users.txt` has no role in it"
    );
    let away =
        good(&format!("{LISTENER}authentication = {{ mode = 'verify', verifiers = 'away.txt' }}"), &[]);
    let error = listeners(&away).unwrap_err().to_string();
    assert!(error.contains("the file `/etc/gateway/away.txt` does not exist"), "{error}");
}

#[test]
fn what_makes_no_sense_is_told() {
    let check = |text: &str, expected: &str| match parse(&format!("{LISTENER}{text}"), &[]) {
        Ok(_) => panic!("this is taken: {text}"),
        Err(problems) => assert_eq!(told(&problems), expected, "{text}"),
    };
    let probe = "probe = { user = 'p' }\n";
    check(
        "authentication = { mode = 'verify' }",
        "f:5:27: listener[shop].authentication.mode: `verify` needs to know what is stored of passwords\n    \
         hint: set `verifiers`, or `probe.user`, whose role looks them up at the upstream",
    );
    check(
        "protocol = 'mysql'\nauthentication = { mode = 'verify', verifiers = 'users.txt' }",
        "f:6:27: listener[shop].authentication.mode: logins of MySQL cannot be verified at the gateway\n    \
         hint: use `relay`, which MySQL's logins pass with TLS on either side",
    );
    check(
        "authentication = { verifiers = 'users.txt' }",
        "f:5:32: listener[shop].authentication.verifiers: `verifiers` needs `mode = \"verify\"`\n    \
         hint: set it as well, or leave both out",
    );
    check(
        "authentication = { lookup = 'gateway.verifier' }",
        "f:5:29: listener[shop].authentication.lookup: `lookup` needs `mode = \"verify\"`\n    \
         hint: set it as well, or leave both out",
    );
    check(
        "authentication = { mode = 'verify', verifiers = 'users.txt', lookup = 'a.b' }",
        "f:5:71: listener[shop].authentication.lookup: `lookup` does nothing beside `verifiers`\n    \
         hint: leave one of them out",
    );
    check(
        &format!("{probe}authentication = {{ mode = 'verify', lookup = 'verifier' }}"),
        "f:6:46: listener[shop].authentication.lookup: `verifier` is not the name of a function\n    \
         hint: write `schema.function`, letter for letter and without quotes",
    );
    check(
        &format!("{probe}allow_unauthenticated = true\nauthentication = {{ mode = 'verify' }}"),
        "f:6:25: listener[shop].allow_unauthenticated: `allow_unauthenticated` does nothing beside \
         `authentication.mode = \"verify\"`\n    hint: leave one of them out",
    );
    check(
        &format!("{probe}authentication = {{ mode = 'verify', lookup_database = '' }}"),
        "f:6:55: listener[shop].authentication.lookup_database: the name is empty\n    \
         hint: write a name, or leave the setting out",
    );
    check(
        "authentication = { mode = 'verfy' }",
        "f:5:27: listener[shop].authentication.mode: `verfy` is not one of its values\n    hint: did you mean `verify`?",
    );
}
