//! What is there before the gateway starts: its name, people with tokens, what they did, traffic, a ledger?

use super::arguments::Arguments;
use crate::ledger::folder;
use crate::ledger::questions::{self, Question};
use crate::ledger::records::{LISTENERS, Records};
use crate::state;
use admin::http::caller::{TOKEN_PREFIX, hash};
use admin_store::activity::{self, Actor, Deed, Outcome, Target};
use admin_store::members::{self, Role};
use admin_store::tokens::{self, NewToken};
use admin_store::users::{self, NewUser};
use admin_store::workspaces::{self, Kind, Slug, Workspace};
use admin_store::{Id, Location, Store, StoreError, Tx, now_us, planes};
use control::{ListenerState, PlaneState};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tempfile::TempDir;

/// The data plane's id: its file beside the ledger says the same.
const PLANE: &str = "01936f5e-0000-7000-8000-00000000b0b0";
/// The workspace of all listeners.
pub const WORKSPACE: &str = "default";
/// People who ask at once, at most.
pub const PEOPLE: usize = 100;
/// Different questions about the ledger.
const LEDGER_QUESTIONS: usize = 3_000;
/// Records of a page.
const PAGE: u32 = 50;
/// The file that says how many records the ledger was made with.
const RECORDS: &str = "records";

/// Everything a gateway finds.
pub struct Prepared {
    /// The folder of its settings, ledger and state.
    pub folder: PathBuf,
    /// A token of each of the people.
    pub tokens: Vec<String>,
    /// The first instant of the minute that was going on.
    pub now_us: i64,
    /// Statements.
    pub fingerprints: u64,
    /// What the ledger is asked.
    pub ledger: Vec<Question>,
    /// What there is to say of it.
    pub lines: Vec<String>,
    // Removed at the end, unless somebody named a folder.
    _folder: Option<TempDir>,
}

/// Makes all of it.
pub fn prepare(arguments: &Arguments) -> Result<Prepared, String> {
    let temporary = match &arguments.folder {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?),
    };
    let named = arguments.folder.clone().or(temporary.as_ref().map(|folder| folder.path().to_owned()));
    let folder = named.ok_or("no folder")?;
    let failed = |error: std::io::Error| format!("`{}`: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(folder.join("plane"), format!("{PLANE}\n")).map_err(failed)?;
    let mut lines = vec![make_ledger(&folder, arguments.records)?];
    println!("{}", lines.concat());
    // Sessions that are asked for; what was written of the same records is the same.
    let mut records = Records::new(arguments.records);
    while records.next().is_some() {}
    let ledger = questions::mix(&records.written, LEDGER_QUESTIONS, PAGE);
    let (tokens, line) = make_state(&folder, arguments)?;
    println!("{line}");
    lines.push(line);
    Ok(Prepared {
        folder,
        tokens,
        now_us: state::at(arguments.scale.now),
        fingerprints: arguments.scale.fingerprints,
        ledger,
        lines,
        _folder: temporary,
    })
}

/// A ledger of `count` records with its indexes; one that is there already stays.
fn make_ledger(folder: &Path, count: u64) -> Result<String, String> {
    let (directory, note) = (folder.join("ledger"), folder.join(RECORDS));
    match fs::read_to_string(&note) {
        Ok(said) if said.starts_with(&format!("ledger: {count} records")) => return Ok(said),
        Ok(said) => return Err(format!("`{}` has another ledger: {said}", folder.display())),
        Err(_) => {}
    }
    let (_, line) = folder::write(&directory, count)?;
    let (_, made) = folder::index(&directory)?;
    let said = format!("{line}; {made}");
    fs::write(&note, &said).map_err(|error| format!("`{}`: {error}", note.display()))?;
    Ok(said)
}

/// A state of its own for each run: what is told in it is of the last days.
fn make_state(folder: &Path, arguments: &Arguments) -> Result<(Vec<String>, String), String> {
    let directory = folder.join("control");
    if directory.exists() {
        fs::remove_dir_all(&directory).map_err(|error| format!("`{}`: {error}", directory.display()))?;
    }
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let file = directory.join("state.db");
    let made = runtime.block_on(async {
        let store = Store::open(Location::File(file.clone())).await?;
        let mut tx = store.write().await?;
        planes::upsert(&mut tx, &plane(), now_us()).await?;
        let (workspace, people) = make_people(&mut tx).await?;
        make_activity(&mut tx, &workspace, &people, arguments.entries).await?;
        tx.commit().await?;
        state::fill(&store, PLANE, arguments.scale).await;
        store.close().await;
        Ok::<_, StoreError>(people)
    });
    let people = made.map_err(|error| format!("the state: {error}"))?;
    let bytes = fs::metadata(&file).map_or(0, |metadata| metadata.len());
    let line = format!(
        "state: {} fingerprints, minutes of {} h, hours of {} days, {} sessions and as many refusals of {} listeners, \
         {} people, {} entries of the activity: {:.0} MB of SQLite (made in {:.0} s)",
        arguments.scale.fingerprints,
        arguments.scale.hours,
        arguments.scale.days,
        arguments.scale.sessions,
        state::LISTENERS.len(),
        PEOPLE,
        arguments.entries,
        bytes as f64 / 1e6,
        began.elapsed().as_secs_f64()
    );
    Ok((people.into_iter().map(|person| person.token).collect(), line))
}

/// The plane with the listeners of the traffic, whose numbers are 1 to 3, and those that only the ledger has.
fn plane() -> PlaneState {
    let more = LISTENERS.iter().filter(|name| !state::LISTENERS.contains(name));
    let listeners = state::LISTENERS.iter().chain(more).map(|name| ListenerState {
        name: (*name).to_owned(),
        protocol: "postgres".to_owned(),
        workspace: WORKSPACE.to_owned(),
        ..ListenerState::default()
    });
    PlaneState {
        plane: PLANE.to_owned(),
        name: "bench".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at_us: now_us(),
        listeners: listeners.collect(),
        ..PlaneState::default()
    }
}

struct Person {
    id: Id,
    token: String,
}

/// People who all belong to the workspace, each with one of their own besides and a token.
async fn make_people(tx: &mut Tx) -> Result<(Workspace, Vec<Person>), StoreError> {
    let slug = |text: &str| Slug::parse(text).ok_or(StoreError::Missing("slug"));
    let workspace = workspaces::create(tx, &slug(WORKSPACE)?, WORKSPACE, Kind::Gateway, None).await?;
    let mut people = Vec::with_capacity(PEOPLE);
    for number in 0..PEOPLE {
        let (email, name) = (format!("person{number}@bench.example"), format!("Person {number}"));
        let new = NewUser {
            email: &email,
            is_email_verified: true,
            name: &name,
            password_hash: None,
            is_instance_admin: number == 0,
        };
        let user = users::create(tx, &new).await?;
        let own = slug(&format!("person-{number}"))?;
        let own = workspaces::create(tx, &own, &name, Kind::Personal, Some(user.id)).await?;
        members::add(tx, own.id, user.id, Role::Owner, &[]).await?;
        members::add(tx, workspace.id, user.id, Role::Admin, &[]).await?;
        let token = format!("{TOKEN_PREFIX}{number:043}");
        let scopes = admin::access::Capability::ALL.map(admin::access::Capability::as_str);
        let scopes: Vec<String> = scopes.into_iter().chain(["profile"]).map(str::to_owned).collect();
        let new = NewToken {
            user: user.id,
            workspace: None,
            name: "bench",
            prefix: TOKEN_PREFIX,
            secret_hash: &hash(&token),
            scopes: &scopes,
            expires_at: None,
        };
        tokens::create(tx, &new).await?;
        people.push(Person { id: user.id, token });
    }
    Ok((workspace, people))
}

async fn make_activity(
    tx: &mut Tx,
    workspace: &Workspace,
    people: &[Person],
    entries: u32,
) -> Result<(), StoreError> {
    for (number, person) in (0..entries).zip(people.iter().cycle()) {
        let action = ["search_ledger", "create_query", "publish_rule_set", "create_connection"];
        let action = action.get(number as usize % 4).copied().unwrap_or_default();
        let deed = Deed {
            workspace: Some(workspace.id),
            actor: Actor::User(person.id),
            actor_label: "bench".to_owned(),
            action: action.to_owned(),
            target: Target {
                kind: "query".to_owned(),
                id: number.to_string(),
                label: format!("query {number}"),
            },
            details: serde_json::json!({ "records": number % 50 }),
            outcome: Outcome::Done,
            request_id: String::new(),
            address: "192.0.2.7".to_owned(),
        };
        activity::append(tx, &deed).await?;
    }
    Ok(())
}
