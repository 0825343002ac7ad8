//! Is it written into the ledger that somebody reads it, or erases a day's values?
//!
//! Before anything is handed out, so that nobody reads unseen by going away early. Whoever asks the control plane is
//! named by it; a program at the command line asks the gateway through its private socket, which sees for itself whose
//! process that is. Where no gateway runs, the program takes the ledger's lock and writes the line as a writer of its own.

use super::values::{self, Day};
use super::{Ledger, LedgerError, LedgerSettings, Notes, head};
use crate::live::socket;
use crate::live::wire::{ASKED_BYTES_MAX, Answer, Read, Request, STATEMENTS_USUAL, Sort, VERSION, Want};
use control::LedgerReader;
use exchange::{Event, LedgerAccess, ReaderKind, Record, RecordBody};
use relay::journal::{Full, LedgerHealth, Ticket};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest a reader waits until the line is kept. While the disk is full or broken the line waits in memory and is
/// written when it works again; then, above all, somebody has to be able to read the ledger.
const KEPT_MAX: Duration = Duration::from_secs(2);
/// Longest the gateway is waited for.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// Longest another command is waited for that is writing its own line.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// Of a text that is too long so much is left out besides, for the words that say what is.
const CUT_WORDS_BYTES: usize = 120;
/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// The file in the folder of keys that says which ledger they are of.
const HOME: &str = "ledger";
/// What the system says of a process that nobody logged in for.
const NOBODY: u32 = u32::MAX;

/// Where it was written down that somebody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// In this ledger, by the gateway that writes it.
    ByGateway,
    /// In this ledger, by this process.
    ByOneself,
    /// Nowhere, and why.
    Nowhere(String),
    /// Nowhere, although somebody writes this ledger at this moment and could have, and why.
    Refused(String),
}

/// What somebody at the command line is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Whether the records are taken away as a file.
    pub takes_away: bool,
    /// The conditions.
    pub asked: String,
    /// In which form the records are handed out.
    pub format: String,
}

/// Has it written down that this process is about to read the ledger of these settings.
pub fn write_down(settings: &LedgerSettings, usage: &Use) -> Written {
    let Use { takes_away, asked, format } = usage;
    written(settings, |directory| Read {
        directory,
        takes_away: *takes_away,
        asked: shortened(asked).into_owned(),
        format: format.clone(),
        erased: None,
    })
}

/// Has it written down that this process has erased the values of a day.
pub fn write_down_erased(settings: &LedgerSettings, day: Day) -> Written {
    written(settings, |directory| Read {
        directory,
        takes_away: false,
        asked: String::new(),
        format: String::new(),
        erased: Some(day.to_string()),
    })
}

fn written(settings: &LedgerSettings, read: impl FnOnce((u64, u64)) -> Read) -> Written {
    let Some(directory) = identity(&settings.directory) else {
        return Written::Nowhere(format!("there is no `{}`", settings.directory.display()));
    };
    let read = read(directory);
    let why_not = match ask_gateway(&settings.directory, &read) {
        Ok(()) => return Written::ByGateway,
        Err(why_not) => why_not,
    };
    let pid = i32::try_from(std::process::id()).ok();
    let record = of_process(&read, rustix::process::geteuid().as_raw(), pid, &settings.keys);
    let reason = match record.and_then(|record| write_by_oneself(settings, record)) {
        Ok(()) => return Written::ByOneself,
        Err(reason) => reason,
    };
    let why = match why_not {
        NoGateway::Away => reason,
        NoGateway::Unwilling(said) => format!("{said}; {reason}"),
    };
    if is_being_written(&settings.directory) { Written::Refused(why) } else { Written::Nowhere(why) }
}

/// Whether a process holds the ledger's lock. Who may not look at the lock cannot tell.
fn is_being_written(directory: &Path) -> bool {
    let lock = File::open(directory.join("lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Why the gateway did not write it down.
enum NoGateway {
    /// There is none.
    Away,
    /// It said no, or this process may not ask it.
    Unwilling(String),
}

fn ask_gateway(directory: &Path, read: &Read) -> Result<(), NoGateway> {
    let path = socket::path(directory);
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => NoGateway::Away,
        _ => NoGateway::Unwilling(format!("the gateway cannot be asked at `{}`: {error}", path.display())),
    };
    let mut stream = UnixStream::connect(&path).map_err(failed)?;
    stream.set_read_timeout(Some(ANSWER_WAIT)).map_err(failed)?;
    stream.set_write_timeout(Some(ANSWER_WAIT)).map_err(failed)?;
    let request = Request {
        v: VERSION,
        want: Want::Read,
        statements: STATEMENTS_USUAL,
        sort: Sort::Time,
        active_since_us: None,
        read: Some(Box::new(read.clone())),
    };
    let mut line = serde_json::to_vec(&request).map_err(|error| failed(error.into()))?;
    line.push(b'\n');
    stream.write_all(&line).map_err(failed)?;
    let mut answer = String::new();
    BufReader::new(stream.take(ANSWER_BYTES_MAX)).read_line(&mut answer).map_err(failed)?;
    match serde_json::from_str::<Answer>(&answer) {
        Ok(Answer { written_down: true, .. }) => Ok(()),
        Ok(Answer { error: Some(error), .. }) => {
            Err(NoGateway::Unwilling(format!("the gateway says: {error}")))
        }
        _ => Err(NoGateway::Unwilling("the gateway gave no answer".to_owned())),
    }
}

/// The name of this process's user, and of who logged in where that is somebody else.
pub fn oneself() -> String {
    let pid = i32::try_from(std::process::id()).ok();
    process_name(rustix::process::geteuid().as_raw(), pid.and_then(login))
}

/// Writes a line without a gateway, as a writer of its own. Only where the ledger is at home and this user's own: in a
/// copy of it there is nothing to be written, and files of another user could not be read by the gateway later.
pub fn write_by_oneself(settings: &LedgerSettings, record: Record) -> Result<(), String> {
    let owner = fs::metadata(&settings.directory).map(|metadata| metadata.uid());
    let own = rustix::process::geteuid().as_raw();
    if owner.is_ok_and(|owner| owner != own) {
        return Err("no gateway runs, and the folder is another user's".to_owned());
    }
    if !settings.keys.is_dir() {
        return Err(format!("no gateway runs, and its keys are not in `{}`", settings.keys.display()));
    }
    let home = fs::read_to_string(settings.keys.join(HOME)).ok();
    if home.is_some() && home != home_of(&settings.directory) {
        // Two ledgers would go on from one line, both signed with the same key.
        return Err(
            "no gateway runs, and this folder is a copy of the ledger that the keys are of".to_owned()
        );
    }
    let words = |error: LedgerError| error.to_string().lines().next().unwrap_or_default().to_owned();
    let handle = open(settings).and_then(|ledger| ledger.spawn(Vec::new()));
    let handle = handle.map_err(words)?;
    let offered = handle.offer(record);
    handle.close().map_err(words)?;
    offered.map_err(|full| full.to_string())
}

/// Opens the ledger; two commands that read at the same time write one after the other.
fn open(settings: &LedgerSettings) -> Result<Ledger, LedgerError> {
    let end = Instant::now() + LOCK_WAIT;
    loop {
        match Ledger::open(settings.clone(), Arc::new(LedgerHealth::default())) {
            Err(LedgerError::Locked { .. }) if Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return opened,
        }
    }
}

/// Notes beside the keys which ledger they are of, so that no command goes on with a copy of it.
pub(super) fn settle(settings: &LedgerSettings) {
    let Some(home) = home_of(&settings.directory).filter(|_| settings.keys.is_dir()) else { return };
    let path = settings.keys.join(HOME);
    if fs::read_to_string(&path).is_ok_and(|noted| noted == home) {
        return;
    }
    if let Err(error) = head::replace(&path, &settings.keys.join("ledger.new"), home.as_bytes(), false) {
        // The ledger is written all the same; a command would not see a copy for what it is.
        tracing::warn!(error = %error.with_causes(), "it cannot be noted beside the keys which ledger they are of");
    }
}

/// What is noted of a directory.
fn home_of(directory: &Path) -> Option<String> {
    identity(directory).map(|(device, number)| format!("device {device}, inode {number}\n"))
}

/// By what a directory is known to be the same one: its device and its number.
pub(crate) fn identity(directory: &Path) -> Option<(u64, u64)> {
    fs::metadata(directory).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// What is written down of a process of this machine. That a day was erased is believed where its key is: in `keys`.
pub(crate) fn of_process(read: &Read, uid: u32, pid: Option<i32>, keys: &Path) -> Result<Record, String> {
    let name = process_name(uid, pid.and_then(login));
    if let Some(day) = &read.erased {
        let day: Day = day.parse().map_err(|error| format!("`{}`: {error}", cut(day)))?;
        if !values::was_erased(keys, day) {
            return Err(format!("the values of {day} are not erased: `{}` does not say so", keys.display()));
        }
        let note = format!("the values of {day} were erased by {name}");
        return Ok(now(Event::LedgerErased, RecordBody::Note(note.into())));
    }
    let access = LedgerAccess {
        kind: ReaderKind::Process,
        name: name.into(),
        asked: shortened(&read.asked).into(),
        format: cut(&read.format).into(),
    };
    Ok(record(read.takes_away, access))
}

/// The access of somebody who asks the control plane.
pub(crate) fn of_person(reader: &LedgerReader) -> LedgerAccess {
    LedgerAccess {
        kind: if reader.is_token { ReaderKind::Token } else { ReaderKind::Person },
        name: cut(&reader.name).into(),
        asked: shortened(&reader.asked).into(),
        format: cut(&reader.format).into(),
    }
}

impl Notes {
    /// Writes down that the ledger is read, and waits until that is kept.
    pub(crate) async fn keep_access(&self, takes_away: bool, access: LedgerAccess) -> Result<(), Full> {
        self.keep(record(takes_away, access)).await
    }

    /// Writes a record down, and waits until it is kept.
    pub(crate) async fn keep(&self, record: Record) -> Result<(), Full> {
        let ticket = Arc::new(Ticket::default());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).intend(record, &ticket)?;
        let _ = tokio::time::timeout(KEPT_MAX, &*ticket).await;
        Ok(())
    }
}

fn record(takes_away: bool, access: LedgerAccess) -> Record {
    let event = if takes_away { Event::LedgerExport } else { Event::LedgerRead };
    now(event, RecordBody::Access(Box::new(access)))
}

fn now(event: Event, body: RecordBody) -> Record {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Record { event, at_us: u64::try_from(since.as_micros()).unwrap_or(u64::MAX), session: None, body }
}

/// The name of a process's user; where somebody has logged in as another one, that name as well: `root (ada)`.
fn process_name(uid: u32, login: Option<u32>) -> String {
    let passwords = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = |uid: u32| user_name(&passwords, uid).map_or_else(|| format!("user {uid}"), str::to_owned);
    match login.filter(|login| *login != uid) {
        Some(login) => format!("{} ({})", name(uid), name(login)),
        None => name(uid),
    }
}

/// Who has logged in for a process, as the kernel keeps it (proc_pid_loginuid); `sudo` does not change that.
fn login(pid: i32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/loginuid")).ok()?;
    text.trim().parse().ok().filter(|uid| *uid != NOBODY)
}

/// The name of a user in the text of passwd(5).
fn user_name(passwords: &str, uid: u32) -> Option<&str> {
    passwords.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

/// Conditions as a line has room for them. Where something is left out it says how much, and of the whole the hash:
/// who pads a question cannot hide what was asked.
fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= ASKED_BYTES_MAX {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(ASKED_BYTES_MAX - CUT_WORDS_BYTES);
    let kept = text.get(..end).unwrap_or_default();
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Cow::Owned(format!("{kept}… (+{} bytes, sha256 {hex})", text.len() - end))
}

/// As much of a text as a line has room for.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(ASKED_BYTES_MAX)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use relay::journal::journal_with_room;
    use std::sync::Mutex;

    #[test]
    fn a_process_is_named_by_its_user_and_by_who_logged_in() {
        let passwords = "root:x:0:0:root:/root:/bin/sh\nbroken\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(user_name(passwords, 0), Some("root"));
        assert_eq!(user_name(passwords, 1000), Some("ada"));
        assert_eq!(user_name(passwords, 7), None);
        assert_eq!(process_name(4_000_000_000, None), "user 4000000000");
        assert_eq!(process_name(4_000_000_000, Some(4_000_000_001)), "user 4000000000 (user 4000000001)");
        assert_eq!(process_name(4_000_000_000, Some(4_000_000_000)), "user 4000000000");
    }

    #[tokio::test]
    async fn a_read_goes_on_while_nothing_can_be_written_and_is_refused_when_too_many_wait() {
        let (journal, mut reader) = journal_with_room(Arc::default(), 2);
        let notes = Notes(Arc::new(Mutex::new(journal)));
        let access = LedgerAccess {
            kind: ReaderKind::Process,
            name: "ada".into(),
            asked: "all".into(),
            format: "csv".into(),
        };
        let keep = || notes.keep_access(true, access.clone());
        // Nobody takes what is written: both wait for as long as anybody does, and go on.
        let (one, other) = tokio::join!(keep(), keep());
        assert!(one.is_ok() && other.is_ok());
        assert!(keep().await.is_err(), "a third has no room");
        let waiting: Vec<Event> =
            std::iter::from_fn(|| reader.next()).map(|entry| entry.record.event).collect();
        assert_eq!(waiting, [Event::LedgerExport; 2], "they are written when it works again");
    }

    #[test]
    fn without_a_gateway_a_line_goes_into_the_ledger_itself_and_never_into_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let settings = LedgerSettings::new(folder.path().join("ledger"));
        let line = || now(Event::LedgerErased, RecordBody::Note("a day".into()));
        Ledger::open(settings.clone(), Arc::default()).unwrap().spawn(Vec::new()).unwrap().close().unwrap();
        assert_eq!(write_by_oneself(&settings, line()), Ok(()));
        let copy = folder.path().join("copy");
        fs::create_dir(&copy).unwrap();
        for entry in fs::read_dir(&settings.directory).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
        let files = fs::read_dir(&copy).unwrap().count();
        let of_copy = LedgerSettings { directory: copy.clone(), ..settings.clone() };
        let refused = write_by_oneself(&of_copy, line());
        assert!(refused.is_err_and(|why| why.contains("is a copy of the ledger")));
        assert_eq!(fs::read_dir(&copy).unwrap().count(), files);
        // A gateway that is started there makes it the ledger: its settings say so.
        Ledger::open(of_copy.clone(), Arc::default()).unwrap().spawn(Vec::new()).unwrap().close().unwrap();
        assert_eq!(write_by_oneself(&of_copy, line()), Ok(()));
        assert!(write_by_oneself(&settings, line()).is_err());
    }

    #[test]
    fn long_conditions_are_cut_between_characters() {
        let long = "é".repeat(ASKED_BYTES_MAX);
        assert_eq!(cut(&long).len(), ASKED_BYTES_MAX);
        assert_eq!(cut(&format!("a{long}")).len(), ASKED_BYTES_MAX - 1);
        assert_eq!(cut("user=ada"), "user=ada");
    }

    #[test]
    fn what_is_left_out_of_conditions_is_told_with_the_hash_of_all() {
        let fits = "x".repeat(ASKED_BYTES_MAX);
        assert_eq!(shortened(&fits), fits);
        // `(printf 'user=ada text='; head -c 2983 /dev/zero | tr '\\0' x; printf ' class=ddl') | sha256sum`
        let long = format!("user=ada text={} class=ddl", "x".repeat(2_983));
        let told = shortened(&long);
        assert!(told.len() <= ASKED_BYTES_MAX && told.starts_with("user=ada text=xxx"), "{told}");
        let end = "… (+1127 bytes, sha256 412f6e3cb8c00e9a454be48b96d791fa9f22bd7efc18eefe74ba00f74a712923)";
        assert!(told.ends_with(end), "{told}");
        // Another end has another hash; the texts would be the same otherwise.
        let other = long.replace("ddl", "dml");
        assert_ne!(shortened(&other), told);
        for length in [ASKED_BYTES_MAX + 1, 10 * ASKED_BYTES_MAX] {
            assert!(shortened(&"é".repeat(length)).len() <= ASKED_BYTES_MAX);
        }
        let reader = LedgerReader {
            is_token: false,
            name: "ada".to_owned(),
            asked: long,
            format: "csv".to_owned(),
            takes_away: true,
        };
        assert!(of_person(&reader).asked.ends_with(end), "what the control plane asks too");
    }

    #[test]
    fn a_day_is_told_as_erased_only_where_its_key_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let read = Read {
            directory: (1, 2),
            takes_away: false,
            asked: String::new(),
            format: String::new(),
            erased: Some("2026-11-20".to_owned()),
        };
        let told = || of_process(&read, 0, None, folder.path());
        assert!(told().is_err_and(|why| why.starts_with("the values of 2026-11-20 are not erased")));
        fs::create_dir(folder.path().join("values")).unwrap();
        fs::write(folder.path().join("values/2026-11-20.key"), [7; 32]).unwrap();
        assert!(told().is_err());
        values::erase(folder.path(), "2026-11-20".parse().unwrap(), "ada").unwrap();
        assert_eq!(told().unwrap().event, Event::LedgerErased);
    }

    #[test]
    fn a_ledger_that_is_being_written_refuses_and_one_that_nobody_writes_is_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let settings = LedgerSettings::new(folder.path().join("ledger"));
        let handle = Ledger::open(settings.clone(), Arc::default()).unwrap().spawn(Vec::new()).unwrap();
        let usage = Use { takes_away: true, asked: "all".to_owned(), format: "csv".to_owned() };
        // Nobody answers at the socket, and who writes does not let go.
        assert!(matches!(write_down(&settings, &usage), Written::Refused(_)));
        handle.close().unwrap();
        let keyless = LedgerSettings { keys: folder.path().join("nothing"), ..settings.clone() };
        assert!(matches!(write_down(&keyless, &usage), Written::Nowhere(_)));
        assert_eq!(write_down(&settings, &usage), Written::ByOneself);
    }
}
