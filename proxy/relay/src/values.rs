//! What is kept of a statement beside its shape, where rules ask for it?
//!
//! What a request carried is taken when it is judged and handed to the first record of each of its
//! statements; the text of an error goes with the record that tells of it. Of what may hold a secret nothing
//! is taken, whatever the rules say.

use crate::exchanges::Open;
use crate::scope::Wire;
use crate::session::Remembered;
use exchange::budget::{Budget, Share};
use exchange::{Ask, Kind, Protocol, Request, Statement, Values, Verb};
use policies::Keep;
use sql::{Analysis, Lexing, secrets};
use std::ops::Range;
use std::sync::Arc;

/// Most bytes of a text that are kept.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Most literals or parameters of a statement that are kept, and most bytes of them together.
const VALUES_MAX: usize = wire_postgres::bound::VALUES_MAX;
const VALUES_BYTES_MAX: usize = wire_postgres::bound::VALUES_BYTES_MAX;

/// Most bytes of an error that are kept.
const ERROR_BYTES_MAX: usize = 4 * 1024;

/// Most statements of a text that execute others by their names: each of these is looked through again.
const EXECUTES_MAX: usize = 32;

/// How a server begins to say where in the data of a COPY it was, in every language.
const COPY: &[u8] = b"COPY";

/// Why nothing is there: it may hold a secret.
const SECRET: &str = "secret";

/// Why something is not there: there was more than is kept.
const CUT: &str = "cut";

/// Why nothing is there: the gateway did not hold it.
const UNSEEN: &str = "unseen";

/// The values a statement was given, `None` for NULL.
type Parameters = Vec<Option<Box<[u8]>>>;

/// What was taken of a request.
#[derive(Debug)]
pub(crate) struct Kept {
    /// One for each of its statements.
    parts: Vec<Part>,
    /// The room it takes, until records have all of it.
    _share: Option<Share>,
}

#[derive(Debug, Default)]
struct Part {
    values: Option<Box<Values>>,
    /// Whether the text of its error is wanted, and nothing speaks against it.
    error: bool,
}

/// The text of something that was prepared.
#[derive(Debug)]
pub(crate) struct Prepared {
    text: Box<[u8]>,
    is_cut: bool,
    is_secret: bool,
    _share: Share,
}

impl Prepared {
    /// Keeps `text` for its executions, if there is room.
    pub(crate) fn of(text: &[u8], analysis: &Analysis, budget: &Budget) -> Option<Arc<Prepared>> {
        let is_secret = secrets::may_hold(text, analysis);
        let kept = if is_secret { &b""[..] } else { text.get(..TEXT_BYTES_MAX).unwrap_or(text) };
        let share = budget.take(size_of::<Prepared>() + kept.len())?;
        Some(Arc::new(Prepared {
            text: kept.into(),
            is_cut: kept.len() < text.len(),
            is_secret,
            _share: share,
        }))
    }
}

/// A request of which something is wanted.
pub(crate) struct Asked<'a> {
    pub(crate) ask: &'a Ask<'a, Remembered>,
    pub(crate) analysis: &'a Analysis,
    pub(crate) lexing: Lexing,
    pub(crate) wire: &'a Wire,
    /// Whether what the session's names stand for is certain.
    pub(crate) knows_names: bool,
}

/// Takes what rules want kept; `wants` has an entry for each statement up to the last that is meant.
pub(crate) fn take(wants: &[Keep], asked: &Asked<'_>, budget: &Budget) -> Option<Box<Kept>> {
    if wants.iter().all(|keep| keep.is_nothing()) {
        return None;
    }
    let mut parts: Vec<Part> = match asked.nothing_because() {
        Some(why) => wants.iter().map(|keep| withheld(*keep, why)).collect(),
        None => asked.parts(wants),
    };
    let held = parts.iter().flat_map(|part| &part.values).map(|values| values.held_bytes()).sum::<usize>();
    let share = budget.take(held + parts.len() * size_of::<Part>());
    if share.is_none() {
        parts = wants.iter().map(|keep| withheld(*keep, UNSEEN)).collect();
    }
    Some(Box::new(Kept { parts, _share: share }))
}

fn withheld(keep: Keep, why: &'static str) -> Part {
    let said = || {
        let mut values = Box::<Values>::default();
        values.withheld = Some(why);
        values
    };
    Part { values: (!keep.is_nothing()).then(said), error: false }
}

impl Asked<'_> {
    /// Why nothing at all of the request is kept.
    fn nothing_because(&self) -> Option<&'static str> {
        let of_names = self.names_withhold();
        let because = match &self.ask.request {
            Request::Run { text } | Request::Prepare { text, .. } => {
                secrets::may_hold(text, self.analysis).then_some(SECRET)
            }
            Request::Execute { .. } => match self.prepared() {
                None => Some(UNSEEN),
                Some(prepared) => (prepared.is_secret || self.is_given_secret()).then_some(SECRET),
            },
            Request::Function { .. }
            | Request::Command { .. }
            | Request::Unsupported { .. }
            | Request::Oversize { .. } => Some(UNSEEN),
        };
        because.or(of_names)
    }

    fn names_withhold(&self) -> Option<&'static str> {
        let executes = |statement: &&Arc<Statement>| matches!(statement.verb, Verb::Execute { .. });
        let mut executing = self.analysis.statements.iter().filter(executes);
        let withheld = executing.by_ref().take(EXECUTES_MAX).find_map(|one| self.name_withholds(one));
        withheld.or_else(|| executing.next().map(|_| UNSEEN))
    }

    /// Why nothing is kept of a statement that hands values to another one, by what that one is.
    fn name_withholds(&self, statement: &Statement) -> Option<&'static str> {
        let wire = self.knows_names.then_some(self.wire);
        match crate::naming::source(self.analysis, statement, wire) {
            None => Some(UNSEEN),
            Some(source) => secrets::takes(&source, self.lexing).then_some(SECRET),
        }
    }

    fn prepared(&self) -> Option<&Prepared> {
        let Request::Execute { statement, .. } = &self.ask.request else { return None };
        statement.as_ref()?.text.as_deref()
    }

    /// Whether a parameter tells of a secret by itself.
    fn is_given_secret(&self) -> bool {
        let Request::Execute { name, .. } = &self.ask.request else { return false };
        let bound = self.wire.parameters(name);
        bound.is_some_and(|(values, _)| values.iter().flatten().any(|value| secrets::tells(value)))
    }

    fn parts(&self, wants: &[Keep]) -> Vec<Part> {
        let (text, is_cut) = match &self.ask.request {
            Request::Run { text } | Request::Prepare { text, .. } => (*text, false),
            _ => self.prepared().map_or((&b""[..], false), |prepared| (&*prepared.text, prepared.is_cut)),
        };
        let places = self.places(text, wants);
        let part = |(keep, place): (&Keep, Option<Range<usize>>)| match place {
            Some(place) if !keep.is_nothing() => {
                self.part(*keep, text.get(place).unwrap_or_default(), is_cut)
            }
            _ => Part { values: None, error: keep.contains(Keep::ERROR) },
        };
        wants.iter().zip(places).map(part).collect()
    }

    /// Where in the text each statement stands. Where that cannot be told, all of it stands for the first
    /// statement that is meant.
    fn places(&self, text: &[u8], wants: &[Keep]) -> Vec<Option<Range<usize>>> {
        let whole = 0..text.len();
        if self.analysis.statements.len() > 1 && self.ask.request.kind() == Kind::Run {
            let places: Vec<_> = sql::split::Statements::new(text, self.lexing).map(Some).collect();
            if places.len() == self.analysis.statements.len() && !self.analysis.folded {
                return places;
            }
        }
        let first = wants.iter().position(|keep| !keep.is_nothing());
        (0..wants.len()).map(|place| (Some(place) == first).then(|| whole.clone())).collect()
    }

    fn part(&self, keep: Keep, text: &[u8], is_cut: bool) -> Part {
        let mut values = Values::default();
        let mut is_cut = is_cut && keep.contains(Keep::TEXT);
        if keep.contains(Keep::TEXT) {
            let kept = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
            is_cut |= kept.len() < text.len();
            values.text = Some(kept.into());
        }
        if keep.contains(Keep::PARAMETERS) || keep.contains(Keep::HASHES) {
            match self.parameters(text) {
                Some((parameters, more)) => {
                    is_cut |= more;
                    values.hashed = keep.contains(Keep::HASHES).then(|| parameters.clone());
                    values.parameters = keep.contains(Keep::PARAMETERS).then_some(parameters);
                }
                None => values.withheld = Some(UNSEEN),
            }
        }
        if is_cut {
            values.withheld = Some(CUT);
        }
        let is_empty = values == Values::default();
        Part { values: (!is_empty).then(|| Box::new(values)), error: keep.contains(Keep::ERROR) }
    }

    /// The values a statement was given: those bound, or the literals of its text; and whether there are more.
    fn parameters(&self, text: &[u8]) -> Option<(Parameters, bool)> {
        if let Request::Execute { name, .. } = &self.ask.request {
            let (values, is_cut) = self.wire.parameters(name)?;
            return Some((values.to_vec(), is_cut));
        }
        let literals = sql::literals::values(text, self.lexing, VALUES_MAX, VALUES_BYTES_MAX);
        Some((literals.values.into_iter().map(Some).collect(), literals.is_cut))
    }
}

impl Open {
    /// What goes with the next record of the statement in this place.
    pub(crate) fn take_values(&mut self, place: usize) -> Option<Box<Values>> {
        self.kept.as_mut()?.take(place)
    }

    /// The statement that ends next has failed, with an error of these fields.
    pub(crate) fn failed(&mut self, fields: &[u8], protocol: Protocol) {
        let place = self.next;
        if let Some(kept) = &mut self.kept {
            kept.failed(place, fields, protocol);
        }
    }
}

impl Kept {
    fn take(&mut self, place: usize) -> Option<Box<Values>> {
        self.parts.get_mut(place)?.values.take()
    }

    fn failed(&mut self, place: usize, fields: &[u8], protocol: Protocol) {
        let Some(part) = self.parts.get_mut(place).filter(|part| part.error) else { return };
        let error = match protocol {
            Protocol::Postgres => told(fields),
            Protocol::Mysql => fields.to_vec(),
        };
        if error.is_empty() {
            return;
        }
        let values = part.values.get_or_insert_default();
        // An error may show what ran within: nobody judged that.
        if secrets::may_show(&error) {
            values.withheld = Some(SECRET);
            return;
        }
        let kept = error.get(..ERROR_BYTES_MAX).unwrap_or(&error);
        if kept.len() < error.len() {
            values.withheld = Some(CUT);
        }
        values.error = Some(kept.into());
    }
}

/// The fields of an error that are texts, a line each.
fn told(fields: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (kind, text) in wire_postgres::message::fields(fields) {
        let name: &[u8] = match kind {
            b'M' => b"",
            b'D' => b"detail: ",
            b'H' => b"hint: ",
            // Of a COPY it shows the data, which is never kept.
            b'W' if !text.windows(COPY.len()).any(|word| word == COPY) => b"where: ",
            _ => continue,
        };
        if !lines.is_empty() {
            lines.push(b'\n');
        }
        lines.extend_from_slice(name);
        lines.extend_from_slice(text);
    }
    lines
}

#[cfg(test)]
mod tests;
