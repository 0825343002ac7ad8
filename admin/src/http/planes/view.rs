//! How are data planes shown?

use crate::app::fleet::{self, Acknowledged, PlaneDetail, Planes, Standing};
use crate::app::plane_restarts;
use crate::http::publications::show::AcknowledgedWord;
use crate::http::timestamp::Timestamp;
use admin_store::listeners::Listener;
use admin_store::now_us;
use admin_store::planes::PlaneEvent;
use control::{CertificateState, DrainPhase, DrainState};
use serde::Serialize;
use utoipa::ToSchema;

/// How a data plane is, in a word.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandingWord {
    /// It is there, and of the control plane's version or a later one.
    Well,
    /// It is there and has not told of itself when it should have.
    Late,
    /// Nothing is heard of it.
    Lost,
    /// It is there, and of an earlier version than the control plane.
    OlderVersion,
}

/// A data plane as it was last heard of.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaneView {
    /// Its own id, kept over restarts.
    pub id: String,
    /// As people know it: its machine's name.
    pub name: String,
    /// How it is.
    pub standing: StandingWord,
    /// The program's version.
    pub version: String,
    /// When it started; absent while it has not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was first heard of.
    pub first_seen_at: Timestamp,
    /// When it was last heard of.
    pub last_seen_at: Timestamp,
    /// When its latest report of what happened was taken; absent where none was since it started. One that has nothing
    /// to tell does not report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_at: Option<Timestamp>,
    /// Whether it is connected.
    pub is_listening: bool,
    /// The snapshot of published rule sets that it acknowledged last; 0 for none.
    pub snapshot: u64,
    /// The snapshot that is in force there by its own words; absent of a version that does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<u64>,
    /// How far it is with taking no more sessions; absent where it takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain: Option<DrainedView>,
    /// Why it cannot be restarted from here; absent where it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cannot_restart: Option<String>,
    /// What became of the latest snapshot there.
    pub rules: AcknowledgedWord,
    /// Why it did not take what it acknowledged last, as far as listeners that who asks may see are concerned; empty
    /// when that is in force.
    pub problems: Vec<String>,
    /// How many more problems there are, of listeners that who asks may not see or of the data plane itself.
    pub problems_elsewhere: u64,
    /// Sessions, refusals and events it could only count.
    pub untold: u64,
    /// Bytes of memory it uses; absent where it did not tell, or told another node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Its listeners that who asks may see, also those it no longer has.
    pub listeners: Vec<PlaneListenerView>,
    /// What happened to it, latest first; at most 50.
    pub events: Vec<PlaneEventView>,
}

/// A listener of a data plane.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaneListenerView {
    /// Its name.
    pub name: String,
    /// The slug of the workspace it belongs to; empty while its plane has not told.
    pub workspace: String,
    /// Whether the data plane has it now: one that stops takes no sessions any more.
    pub is_present: bool,
    /// `postgres`, `mysql`; empty where it is not known, as what follows.
    pub protocol: String,
    /// `development`, `staging`, `production`.
    pub environment: String,
    /// The address it serves.
    pub listen: String,
    /// `observe`, `enforce`.
    pub mode: String,
    /// Whether a server behind it accepts connections; absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_up: Option<bool>,
    /// Sessions, as it last told.
    pub sessions: u64,
    /// Its certificates, the one that expires first first.
    pub certificates: Vec<CertificateView>,
}

/// A certificate of a listener, or its list of revoked ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateView {
    /// The setting that names its file.
    #[schema(example = "tls.certificate")]
    pub setting: String,
    /// When it no longer holds.
    pub expires_at: Timestamp,
}

/// Something that happened to a data plane.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaneEventView {
    /// When.
    pub at: Timestamp,
    /// `joined`, `restarted`, `updated`, `not_restarted`, `lost`, `back`, `draining`, `drained`, `serving`.
    #[schema(example = "restarted")]
    pub event: String,
    /// What else there is to know, such as versions; may be empty.
    pub detail: String,
}

/// What a data plane that is drained does.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrainWord {
    /// It says that it is not ready, and accepts.
    Accepting,
    /// It accepts no more, and has sessions left.
    Draining,
    /// It accepts no more, and has none.
    Drained,
}

/// How far a data plane is with taking no more sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrainedView {
    /// What it does now.
    pub phase: DrainWord,
    /// When it was asked.
    pub since: Timestamp,
    /// Until then it accepts.
    pub accepts_until: Timestamp,
    /// So long after that sessions that are idle outside a transaction are ended; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_idle_after_seconds: Option<u32>,
    /// Sessions that are left.
    pub sessions: u64,
}

/// What a data plane answered that was to take no more sessions, or to take them again.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrainView {
    /// How far it is; absent where it takes sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain: Option<DrainedView>,
}

impl DrainView {
    pub(super) fn of(state: Option<DrainState>) -> DrainView {
        DrainView { drain: state.map(DrainedView::of) }
    }
}

impl DrainedView {
    fn of(state: DrainState) -> DrainedView {
        DrainedView {
            phase: match state.phase {
                DrainPhase::Accepting => DrainWord::Accepting,
                DrainPhase::Draining => DrainWord::Draining,
                DrainPhase::Drained => DrainWord::Drained,
            },
            since: Timestamp(state.since_us),
            accepts_until: Timestamp(state.accepts_until_us),
            end_idle_after_seconds: state.end_idle_after_seconds,
            sessions: state.sessions,
        }
    }
}

/// Data planes, and what they are measured by.
#[derive(Debug, Serialize, ToSchema)]
pub struct FleetView {
    /// When this was so.
    pub at: Timestamp,
    /// The control plane's version.
    pub version: String,
    /// The latest snapshot of what is published; 0 before the first.
    pub published: u64,
    /// Those first heard of first.
    pub items: Vec<PlaneView>,
}

impl FleetView {
    /// As they are shown.
    pub(super) fn of(planes: Planes) -> FleetView {
        let Planes { all, published } = planes;
        FleetView {
            at: Timestamp(now_us()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            published,
            items: all.into_iter().map(|plane| PlaneView::of(plane, published)).collect(),
        }
    }
}

impl PlaneView {
    fn of(plane: PlaneDetail, published: u64) -> PlaneView {
        let rules = fleet::acknowledged(&plane.member, published);
        let cannot_restart = plane_restarts::unable(&plane.member);
        let PlaneDetail { member, standing, reported_at, memory_bytes, listeners, events } = plane;
        let plane = member.plane;
        PlaneView {
            id: plane.id,
            name: plane.name,
            standing: match standing {
                Standing::Well => StandingWord::Well,
                Standing::Late => StandingWord::Late,
                Standing::Lost => StandingWord::Lost,
                Standing::OlderVersion => StandingWord::OlderVersion,
            },
            version: plane.version,
            started_at: Some(plane.started_at).filter(|at| *at > 0).map(Timestamp),
            first_seen_at: Timestamp(plane.first_seen_at),
            last_seen_at: Timestamp(plane.last_seen_at),
            reported_at: reported_at.map(Timestamp),
            is_listening: member.is_connected,
            snapshot: plane.snapshot,
            in_force: plane.in_force,
            drain: plane.drain.map(DrainedView::of),
            cannot_restart,
            rules: match rules {
                Acknowledged::InForce => AcknowledgedWord::InForce,
                Acknowledged::Refused => AcknowledgedWord::Refused,
                Acknowledged::Pending => AcknowledgedWord::Pending,
                Acknowledged::Away => AcknowledgedWord::Away,
            },
            problems: plane.problems,
            problems_elsewhere: member.problems_elsewhere,
            untold: plane.untold,
            memory_bytes,
            listeners: listeners.into_iter().map(PlaneListenerView::of).collect(),
            events: events.into_iter().map(PlaneEventView::of).collect(),
        }
    }
}

impl PlaneListenerView {
    fn of(listener: Listener) -> PlaneListenerView {
        let state = listener.state.unwrap_or_default();
        let mut certificates = state.certificates;
        certificates.sort_by_key(|one| one.expires_at_us);
        PlaneListenerView {
            name: listener.name,
            workspace: listener.workspace,
            is_present: listener.present,
            protocol: state.protocol,
            environment: state.environment,
            listen: state.listen,
            mode: state.mode,
            upstream_up: state.upstream_up,
            sessions: state.sessions,
            certificates: certificates.into_iter().map(CertificateView::of).collect(),
        }
    }
}

impl CertificateView {
    fn of(certificate: CertificateState) -> CertificateView {
        CertificateView { setting: certificate.setting, expires_at: Timestamp(certificate.expires_at_us) }
    }
}

impl PlaneEventView {
    fn of(event: PlaneEvent) -> PlaneEventView {
        PlaneEventView { at: Timestamp(event.at), event: event.event, detail: event.detail }
    }
}
