//! How is a vector played, and who stopped it?

use super::client::{Client, Failure, execution, failure, packets};
use super::path::{Case, Step};
use super::vector::Vector;

/// A write in the look of a read: the owner's view calls the owner's function, which leaves a row.
pub const DISGUISED_WRITE: &str = "SELECT * FROM disguise";
/// What a session behind the gateway is to the server.
pub const BIND: &str = "SET SESSION TRANSACTION READ ONLY";

/// Who stopped an attempt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The gateway, with this error.
    Gateway(u16),
    /// The server, with this error.
    Server(u16),
    /// Whoever closed the connection.
    Closed,
    /// Nobody.
    Nobody,
}

/// A played case.
pub struct Attempt {
    /// Everything that came back.
    pub packets: Vec<Vec<u8>>,
    /// Errors that came back while preparing, which `packets` does not have.
    failures: Vec<Failure>,
    /// Who stopped it.
    pub stop: Stop,
    /// Whether the login succeeded.
    pub was_let_in: bool,
    session: Option<Client>,
}

impl Attempt {
    /// Logs in at `port` and plays a case of `vector`; a session that is bound has told the server
    /// to be read-only itself.
    pub fn play(port: u16, vector: &Vector, case: &Case, is_bound: bool, victim: u32) -> Attempt {
        let mut login = vector.login.clone();
        login.compressed = case.compressed;
        match Client::login(port, &login) {
            Ok(mut session) => {
                if is_bound {
                    session.query(BIND.as_bytes()).expect("the server answers");
                }
                Attempt::over(session, vector, case, victim, is_bound)
            }
            Err(failure) => Attempt {
                packets: Vec::new(),
                stop: stopped_by(&failure),
                failures: vec![failure],
                was_let_in: false,
                session: None,
            },
        }
    }

    /// Plays a case in a session that is open.
    pub fn again(session: Client, vector: &Vector, case: &Case, victim: u32) -> Attempt {
        Attempt::over(session, vector, case, victim, false)
    }

    fn over(session: Client, vector: &Vector, case: &Case, victim: u32, is_bound: bool) -> Attempt {
        let mut attempt = Attempt {
            packets: Vec::new(),
            failures: Vec::new(),
            stop: Stop::Nobody,
            was_let_in: true,
            session: Some(session),
        };
        for step in &case.steps {
            attempt.exchange(&step.with_victim(victim));
            // The path is as the gateway makes it; what a vector does by itself undoes.
            if is_bound && matches!(step, Step::Reset | Step::ChangeUser) {
                attempt.exchange(&Step::Text(BIND.as_bytes().to_vec()));
            }
        }
        if vector.watch == "canary" {
            for step in super::path::text(DISGUISED_WRITE).iter().chain(&super::path::text("COMMIT")) {
                attempt.exchange(step);
            }
        }
        attempt.stop = attempt.who_stopped();
        attempt
    }

    /// Whether the connection was compressed.
    pub fn was_compressed(&self) -> bool {
        self.session.as_ref().is_some_and(Client::is_compressed)
    }

    /// Sends a step and reads its answer; the session is gone when it is over.
    fn exchange(&mut self, step: &Step) {
        let Some(mut session) = self.session.take() else { return };
        if self.converse(&mut session, step).is_some() {
            self.session = Some(session);
        }
    }

    fn converse(&mut self, session: &mut Client, step: &Step) -> Option<()> {
        let mut answers = 0;
        match step {
            Step::Text(sql) => {
                session.send(&packets(0, &[b"\x03", sql.as_slice()].concat())).ok()?;
                answers = 1;
            }
            Step::Bytewise(sql) => {
                session.send_bytewise(&packets(0, &[b"\x03", sql.as_slice()].concat())).ok()?;
                answers = 1;
            }
            Step::Together(texts) => {
                let all = texts.iter().flat_map(|sql| packets(0, &[b"\x03", sql.as_slice()].concat()));
                session.send(&all.collect::<Vec<u8>>()).ok()?;
                answers = texts.len();
            }
            Step::Binary(sql, cursor, times) => {
                let Some(statement) = self.prepared(session.prepare(sql)?) else { return Some(()) };
                for _ in 0..*times {
                    self.packets.extend(session.execute(statement, *cursor)?);
                }
                session.close(statement)?;
            }
            Step::Later(sql, between) => {
                let Some(statement) = self.prepared(session.prepare(sql)?) else { return Some(()) };
                self.packets.extend(session.query(between)?);
                self.packets.extend(session.execute(statement, false)?);
                session.close(statement)?;
            }
            Step::Direct(sql) => {
                let prepare = packets(0, &[b"\x16", sql.as_slice()].concat());
                session.send(&[prepare, packets(0, &execution(u32::MAX, false))].concat()).ok()?;
                let prepared = session.prepared()?;
                self.packets.extend(session.answer()?);
                if let Some(statement) = self.prepared(prepared) {
                    session.close(statement)?;
                }
            }
            Step::AtOnce(commands) => {
                let all = commands.iter().flat_map(|command| packets(0, command));
                session.send(&all.collect::<Vec<u8>>()).ok()?;
                for command in commands {
                    match command.first() {
                        Some(0x16) => drop(self.prepared(session.prepared()?)),
                        // Nobody answers long data.
                        Some(0x18) => {}
                        _ => self.packets.extend(session.answer()?),
                    }
                }
            }
            Step::Reset => self.packets.extend(session.reset()?),
            Step::ChangeUser => self.packets.extend(session.change_user()?),
            Step::Bytes(bytes, count) => {
                session.send(bytes).ok()?;
                answers = *count;
            }
        }
        for _ in 0..answers {
            self.packets.extend(session.answer()?);
        }
        Some(())
    }

    fn prepared<T>(&mut self, prepared: Result<T, Failure>) -> Option<T> {
        prepared.map_err(|failure| self.failures.push(failure)).ok()
    }

    /// The session, as new, for another attempt that needs none of its own.
    pub fn into_session(self) -> Option<Client> {
        let mut session = self.session?;
        session.query(b"ROLLBACK")?;
        let answer = session.reset()?;
        session.query(b"USE vault")?;
        answer.iter().all(|packet| failure(packet).is_none()).then_some(session)
    }

    /// Whether the session is here, and not handed on.
    pub fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// The session as it is, for the next case of the same vector.
    pub fn take_session(&mut self) -> Option<Client> {
        self.session.take()
    }

    /// Whether the answer shows `text`.
    pub fn shows(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let is_row = |packet: &&Vec<u8>| failure(packet).is_none();
        self.packets.iter().filter(is_row).any(|packet| packet.windows(text.len()).any(|part| part == text))
    }

    /// The errors that came back.
    fn all_failures(&self) -> impl Iterator<Item = Failure> + '_ {
        self.failures.iter().cloned().chain(self.packets.iter().filter_map(|packet| failure(packet)))
    }

    /// Whether anything was answered by an error.
    pub fn failed(&self) -> bool {
        self.all_failures().next().is_some() || self.session.is_none()
    }

    /// The errors in a few words.
    pub fn errors(&self) -> String {
        let words = self.all_failures().map(|failure| format!("{} {}", failure.code, failure.text));
        let mut words: Vec<_> = words.collect();
        if self.session.is_none() {
            words.push("the session is over".to_owned());
        }
        words.join("; ")
    }

    /// Ends the session and waits until the server has let go of everything it held.
    pub fn finish(self) {
        if let Some(session) = self.session {
            session.quit();
        }
    }

    /// Whether the session still answers a query. It also tries to write in disguise: what that leaves
    /// is seen by whoever watches.
    pub fn is_usable(&mut self) -> bool {
        self.goes_on(&["ROLLBACK", "SELECT * FROM vault.disguise"])
    }

    /// The same for a session that is not used again: it tries to write in every way, and answers at the
    /// latest when its character set and its modes are such as everybody can read. One that reads by
    /// another grammar does when it is made as new.
    pub fn is_usable_to_its_end(&mut self, is_foreign: bool) -> bool {
        let write = "INSERT INTO vault.canary VALUES (666, 'afterwards')";
        let disguised = "SELECT * FROM vault.disguise";
        let texts =
            ["ROLLBACK", write, disguised, "COMMIT", "SET NAMES utf8mb4", "SET sql_mode = ''", disguised];
        if let Some(mut session) = self.session.take() {
            let _ = self.converse(&mut session, &Step::Binary(disguised.as_bytes().to_vec(), false, 1));
            self.session = Some(session);
        }
        let goes_on = self.goes_on(&texts);
        if goes_on || !is_foreign {
            return goes_on;
        }
        self.exchange(&Step::Reset);
        self.goes_on(&["USE vault", disguised])
    }

    fn goes_on(&mut self, texts: &[&str]) -> bool {
        for sql in texts {
            self.exchange(&Step::Text(sql.as_bytes().to_vec()));
        }
        let Some(session) = &mut self.session else { return false };
        let answer = session.query(b"SELECT 'still here'").unwrap_or_default();
        answer.iter().any(|packet| packet.ends_with(b"still here")) && answer.len() == 5
    }

    fn who_stopped(&self) -> Stop {
        let stops: Vec<Stop> = self.all_failures().map(|failure| stopped_by(&failure)).collect();
        let by_gateway = stops.iter().find(|stop| matches!(stop, Stop::Gateway(_)));
        match (by_gateway.or(stops.first()), &self.session) {
            (Some(stop), _) => stop.clone(),
            (None, None) => Stop::Closed,
            (None, Some(_)) => Stop::Nobody,
        }
    }
}

impl Step {
    /// The same with the victim's number in the place of `{victim}`.
    fn with_victim(&self, victim: u32) -> Step {
        let fill = |sql: &Vec<u8>| match std::str::from_utf8(sql) {
            Ok(text) if text.contains("{victim}") => {
                text.replace("{victim}", &victim.to_string()).into_bytes()
            }
            _ => sql.clone(),
        };
        match self {
            Step::Text(sql) => Step::Text(fill(sql)),
            Step::Bytewise(sql) => Step::Bytewise(fill(sql)),
            Step::Together(texts) => Step::Together(texts.iter().map(fill).collect()),
            Step::Binary(sql, cursor, times) => Step::Binary(fill(sql), *cursor, *times),
            Step::Later(sql, between) => Step::Later(fill(sql), between.clone()),
            Step::Direct(sql) => Step::Direct(fill(sql)),
            Step::Bytes(bytes, answers) => Step::Bytes(with_number(bytes, victim), *answers),
            Step::Reset | Step::ChangeUser | Step::AtOnce(_) => self.clone(),
        }
    }
}

/// The victim's number in the place of the four bytes `{vi}`.
fn with_number(bytes: &[u8], victim: u32) -> Vec<u8> {
    let sign = b"{vi}";
    let mut bytes = bytes.to_vec();
    if let Some(at) = bytes.windows(sign.len()).position(|part| part == sign) {
        bytes[at..at + sign.len()].copy_from_slice(&victim.to_le_bytes());
    }
    bytes
}

/// The gateway's own errors begin small or name a rule; the server's do neither.
fn stopped_by(failure: &Failure) -> Stop {
    let text =
        failure.text.strip_prefix('#').map_or(failure.text.as_str(), |text| text.get(5..).unwrap_or(""));
    match text.chars().next() {
        Some(letter) if letter.is_lowercase() || text.contains("; rule `") => Stop::Gateway(failure.code),
        _ => Stop::Server(failure.code),
    }
}
