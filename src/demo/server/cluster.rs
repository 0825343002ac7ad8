//! What does a server find in its data directory: the cluster, its settings, who may log in?

use super::account::{self, Account};
use super::failure::{last_words, tells_full_disk};
use super::{ServerError, ServerOptions, binaries, process};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longest run of initdb. It takes about a second; a slow disk and a loaded machine fit in.
const INITDB_LIMIT: Duration = Duration::from_secs(120);
/// How long a server of an earlier owner may look alive before it is taken for a running one.
const FORMER_PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether it is gone.
const FORMER_INTERVAL: Duration = Duration::from_millis(20);
/// Most of initdb's output that is read.
const OUTPUT_BYTES_MAX: u64 = 64 * 1024;
/// Tried in this order: not every machine knows the first.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];
/// Our settings, beside postgresql.conf, written anew at each start.
const SETTINGS_FILE: &str = "dragoman.conf";

/// Makes the cluster where there is none, and checks the one that is there. Answers its absolute
/// path.
pub(super) fn prepare(
    options: &ServerOptions,
    version: &str,
    account: Option<Account>,
) -> Result<PathBuf, ServerError> {
    let data =
        std::path::absolute(&options.data).map_err(|source| ServerError::file(&options.data, source))?;
    let parent = data.parent().unwrap_or(&data);
    fs::create_dir_all(parent).map_err(|source| ServerError::file(parent, source))?;
    account::check_reach(parent)?;
    if data.join("PG_VERSION").exists() {
        check_version(&data, version)?;
        account::check_owner(&data, account)?;
    } else if is_absent_or_empty(&data)? {
        make(options, &data, account)?;
    } else {
        return Err(ServerError::NotACluster { data });
    }
    fs::canonicalize(&data).map_err(|source| ServerError::file(&data, source))
}

/// Writes what the server reads at its start.
pub(super) fn configure(
    options: &ServerOptions,
    port: u16,
    sockets: &Path,
    account: Option<Account>,
) -> Result<(), ServerError> {
    let data = &options.data;
    write_file(&data.join(SETTINGS_FILE), &settings(options, port, sockets), account)?;
    write_file(&data.join("pg_hba.conf"), &login_rules(options), account)
}

/// The server itself, in the foreground, in a process group of its own: a Ctrl-C at the terminal
/// is ours to answer, in our order.
pub(super) fn command(options: &ServerOptions, account: Option<Account>) -> Result<Command, ServerError> {
    let mut command = Command::new(options.bin.join("postgres"));
    command.arg("-D").arg(&options.data);
    log_to(&mut command, &log_file(&options.data), account)?;
    Ok(command)
}

/// Lets a server write what it says into a new file, as its own account and in its own process group.
pub(super) fn log_to(
    command: &mut Command,
    path: &Path,
    account: Option<Account>,
) -> Result<(), ServerError> {
    let log = open_new(path).map_err(|source| ServerError::file(path, source))?;
    account::give(path, account)?;
    let errors = log.try_clone().map_err(|source| ServerError::file(path, source))?;
    command.stdout(log).stderr(errors);
    confine(command, account);
    Ok(())
}

/// Where the server's log is.
pub(super) fn log_file(data: &Path) -> PathBuf {
    data.join("server.log")
}

/// Whether the server with this process id accepts connections: line 1 of postmaster.pid is its
/// process id, line 8 its state (PostgreSQL source, src/include/utils/pidfile.h).
pub(super) fn is_ready(data: &Path, process: i32) -> bool {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return false };
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(process.to_string().as_str()) && lines.nth(6) == Some("ready")
}

/// A server whose owner was killed a moment ago is still shutting down: waits for it to be gone.
pub(super) fn wait_for_former_server(data: &Path, limit: Duration) -> Result<(), ServerError> {
    let start = Instant::now();
    while let Some(process) = former_server(data) {
        // One that is not on its way out gets a moment to hear that it should be.
        let patience = if is_stopping(data) { limit } else { FORMER_PATIENCE };
        if start.elapsed() > patience {
            return Err(ServerError::InUse { data: data.to_owned(), process });
        }
        std::thread::sleep(FORMER_INTERVAL);
    }
    Ok(())
}

fn former_server(data: &Path) -> Option<i32> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let id: i32 = text.lines().next()?.trim().parse().ok()?;
    process::is_postgres(id).then_some(id)
}

fn is_stopping(data: &Path) -> bool {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    text.lines().nth(7).map(str::trim) == Some("stopping")
}

fn check_version(data: &Path, server: &str) -> Result<(), ServerError> {
    let path = data.join("PG_VERSION");
    let found = fs::read_to_string(&path).map_err(|source| ServerError::file(&path, source))?;
    let found = found.trim();
    if found == binaries::major(server) {
        return Ok(());
    }
    Err(ServerError::Version { data: data.to_owned(), found: found.to_owned(), server: server.to_owned() })
}

fn is_absent_or_empty(directory: &Path) -> Result<bool, ServerError> {
    match fs::read_dir(directory) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(ServerError::file(directory, source)),
    }
}

/// Runs initdb beside the final place and renames: a cluster that is there is a whole one.
fn make(options: &ServerOptions, data: &Path, account: Option<Account>) -> Result<(), ServerError> {
    let draft = beside(data, "initializing");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|source| ServerError::file(&draft, source))?;
    }
    let made = make_draft(options, &draft, account).and_then(|()| include_settings(&draft));
    if let Err(error) = made {
        let _ = fs::remove_dir_all(&draft);
        return Err(error);
    }
    fs::rename(&draft, data).map_err(|source| ServerError::file(data, source))
}

fn make_draft(options: &ServerOptions, draft: &Path, account: Option<Account>) -> Result<(), ServerError> {
    let mut said = String::new();
    for locale in LOCALES {
        account::make_private_directory(draft, account)?;
        match run_initdb(options, draft, locale, account)? {
            Initialised::Yes => return Ok(()),
            Initialised::No { output } => said = output,
        }
        fs::remove_dir_all(draft).map_err(|source| ServerError::file(draft, source))?;
        if !said.contains("locale") {
            break;
        }
    }
    if tells_full_disk(&said) {
        return Err(ServerError::DiskFull { place: draft.to_owned() });
    }
    if said.contains("error while loading shared libraries") {
        return Err(ServerError::Broken { program: options.bin.join("initdb"), output: last_words(&said) });
    }
    Err(ServerError::Initdb { data: options.data.clone(), output: last_words(&said) })
}

enum Initialised {
    Yes,
    No { output: String },
}

fn run_initdb(
    options: &ServerOptions,
    draft: &Path,
    locale: &str,
    account: Option<Account>,
) -> Result<Initialised, ServerError> {
    let program = options.bin.join("initdb");
    let failed = |source| ServerError::Spawn { program: program.clone(), source };
    let (mut reader, writer) = io::pipe().map_err(failed)?;
    let mut command = Command::new(&program);
    command.arg("-D").arg(draft).args(["-U", &options.superuser, "-E", "UTF8", "--no-sync", "--auth=trust"]);
    command.arg(format!("--locale={locale}")).args(&options.initdb_arguments);
    let password = PasswordFile::write(draft, options.password.as_deref(), account)?;
    if let Some(file) = &password {
        command.arg("--pwfile").arg(&file.0);
    }
    command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
    confine(&mut command, account);
    let process = process::spawn(command).map_err(failed)?;
    if !process.wait(INITDB_LIMIT) {
        process.kill_tree().map_err(failed)?;
        let output = format!("it did not finish within {} s", INITDB_LIMIT.as_secs());
        return Ok(Initialised::No { output });
    }
    if process.succeeded() {
        return Ok(Initialised::Yes);
    }
    let mut output = Vec::new();
    reader.by_ref().take(OUTPUT_BYTES_MAX).read_to_end(&mut output).map_err(failed)?;
    Ok(Initialised::No { output: String::from_utf8_lossy(&output).into_owned() })
}

/// initdb reads the superuser's password from a file, which lives as long as this.
struct PasswordFile(PathBuf);

impl PasswordFile {
    fn write(
        draft: &Path,
        password: Option<&str>,
        account: Option<Account>,
    ) -> Result<Option<PasswordFile>, ServerError> {
        let Some(password) = password else { return Ok(None) };
        let path = beside(draft, "password");
        write_file(&path, password, account)?;
        Ok(Some(PasswordFile(path)))
    }
}

impl Drop for PasswordFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// `…/postgres` and `initializing` make `…/postgres.initializing`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn confine(command: &mut Command, account: Option<Account>) {
    command.stdin(std::process::Stdio::null()).process_group(0);
    // A user's own settings must not reach the server: PGDATA, PGPORT, PGOPTIONS, a locale.
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PG") || name.as_encoded_bytes().starts_with(b"LC_") {
            command.env_remove(name);
        }
    }
    if let Some(account) = account {
        // The working directory may be one the account cannot enter; the standard library also
        // drops the supplementary groups when root changes the uid.
        command.uid(account.uid).gid(account.gid).current_dir("/");
    }
}

fn include_settings(draft: &Path) -> Result<(), ServerError> {
    let path = draft.join("postgresql.conf");
    OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| writeln!(file, "\ninclude_if_exists = '{SETTINGS_FILE}'"))
        .map_err(|source| ServerError::file(&path, source))
}

fn settings(options: &ServerOptions, port: u16, sockets: &Path) -> String {
    let sockets = sockets.display().to_string();
    let port = port.to_string();
    let ours = [
        ("listen_addresses", "127.0.0.1"),
        ("port", port.as_str()),
        ("unix_socket_directories", sockets.as_str()),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        // Sample data: what a power cut destroys can be made again.
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
    ];
    let theirs = options.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut text = String::from("# Written at each start. Later lines win.\n");
    for (name, value) in ours.into_iter().chain(theirs) {
        let value = value.replace('\\', "\\\\").replace('\'', "''");
        let _ = writeln!(text, "{name} = '{value}'");
    }
    text
}

fn login_rules(options: &ServerOptions) -> String {
    if let Some(text) = &options.hba {
        return text.clone();
    }
    let method = if options.password.is_some() { "scram-sha-256" } else { "trust" };
    format!(
        "local all all trust\nhost all all 127.0.0.1/32 {method}\nlocal replication all trust\n\
         host replication all 127.0.0.1/32 {method}\n"
    )
}

pub(super) fn write_file(path: &Path, text: &str, account: Option<Account>) -> Result<(), ServerError> {
    open_new(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| ServerError::file(path, source))?;
    account::give(path, account)
}

/// A new, empty file for its owner alone. Never follows a link that lies there: root writes here.
fn open_new(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_setting_of_the_caller_comes_last_and_is_quoted() {
        let options = ServerOptions::new("/bin", "/data").with("search_path", r"o'hara\x");
        let text = settings(&options, 6431, Path::new("/sockets"));
        assert!(text.contains("port = '6431'\n"), "{text}");
        assert!(text.ends_with("search_path = 'o''hara\\\\x'\n"), "{text}");
    }

    #[test]
    fn a_password_asks_for_scram_over_tcp_and_a_callers_rules_win() {
        let mut options = ServerOptions::new("/bin", "/data");
        assert!(login_rules(&options).contains("127.0.0.1/32 trust"));
        options.password = Some("secret".to_owned());
        assert!(login_rules(&options).contains("127.0.0.1/32 scram-sha-256"));
        options.hba = Some("local all all peer\n".to_owned());
        assert_eq!(login_rules(&options), "local all all peer\n");
    }

    #[test]
    fn ready_is_believed_only_from_the_server_that_was_started() {
        let place = tempfile::tempdir().unwrap();
        let check = |text: &str, expected: bool| {
            fs::write(place.path().join("postmaster.pid"), text).unwrap();
            assert_eq!(is_ready(place.path(), 42), expected, "{text}");
        };
        check("42\n/data\n1\n6431\n/s\n127.0.0.1\n 1 2\nready   \n", true);
        check("42\n/data\n1\n6431\n/s\n127.0.0.1\n 1 2\nstarting\n", false);
        check("41\n/data\n1\n6431\n/s\n127.0.0.1\n 1 2\nready   \n", false);
        check("42\n/data\n", false);
    }
}
