//! What has been found of a statement so far?

use exchange::{Access, Basis, Class, Column, Effects, Function, Known, Marks, Relation, Setting, Unjudged};
use std::collections::HashMap;
use std::hash::Hash;

/// A name with the schema it was written with.
pub(super) type Name<'a> = (Option<&'a str>, &'a str);

/// What has been found; names are borrowed from the tree.
pub(super) struct Collector<'a> {
    relations: Once<Name<'a>, Access>,
    functions: Once<Name<'a>, Known>,
    columns: Once<(Option<u16>, &'a str), ()>,
    settings: Vec<Setting>,
    bytes: usize,
    /// The gravest class but for unknown functions.
    class: Class,
    pub(super) marks: Marks,
    pub(super) row_limit: Option<u64>,
    /// The places of the temporary tables it makes.
    temporary: Vec<u16>,
    unjudged: Option<Unjudged>,
}

impl<'a> Collector<'a> {
    pub(super) fn new() -> Collector<'a> {
        Collector {
            relations: Once::new(),
            functions: Once::new(),
            columns: Once::new(),
            settings: Vec::new(),
            bytes: 0,
            class: Class::Read,
            marks: Marks::NONE,
            row_limit: None,
            temporary: Vec::new(),
            unjudged: None,
        }
    }

    /// It does this, too.
    pub(super) fn class(&mut self, class: Class) {
        self.class = self.class.graver(class);
    }

    pub(super) fn mark(&mut self, marks: Marks) {
        self.marks.insert(marks);
    }

    /// It cannot be judged; the first reason stays.
    pub(super) fn stop(&mut self, why: Unjudged) {
        self.unjudged.get_or_insert(why);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.unjudged.is_some()
    }

    /// The relation's place among those found.
    pub(super) fn relation(&mut self, name: Name<'a>, access: Access) -> Option<u16> {
        let (place, new) = self.relations.place(name, Access::NONE);
        if let Some((_, known)) = self.relations.list.get_mut(place) {
            known.insert(access);
        }
        if new {
            self.room(name.1.len() + name.0.map_or(0, str::len));
        }
        u16::try_from(place).ok()
    }

    /// More happens to the relation at `place`.
    pub(super) fn access(&mut self, place: u16, access: Access) {
        if let Some((_, known)) = self.relations.list.get_mut(usize::from(place)) {
            known.insert(access);
        }
    }

    /// The relation at `place` is temporary and of its own making.
    pub(super) fn temporary(&mut self, place: Option<u16>) {
        self.temporary.extend(place);
    }

    /// Whether nothing but such tables is made or written to, and no function may do more.
    fn is_temporary(&self) -> bool {
        let writes = Access::INSERT
            .with(Access::UPDATE)
            .with(Access::DELETE)
            .with(Access::TRUNCATE)
            .with(Access::DEFINE);
        let mut elsewhere = self.relations.list.iter().enumerate().filter(|(place, (_, access))| {
            access.intersects(writes) && !self.temporary.iter().any(|one| usize::from(*one) == *place)
        });
        !self.temporary.is_empty()
            && elsewhere.next().is_none()
            && self.class == Class::Ddl
            && self.functions.list.iter().all(|(_, known)| *known == Known::Reads)
    }

    pub(super) fn function(&mut self, name: Name<'a>, known: Known) {
        let (place, new) = self.functions.place(name, known);
        if new {
            self.room(name.1.len() + name.0.map_or(0, str::len));
        } else if let Some((_, before)) = self.functions.list.get_mut(place)
            && known == Known::Unknown
        {
            *before = known;
        }
    }

    pub(super) fn column(&mut self, relation: Option<u16>, name: &'a str) {
        if self.columns.place((relation, name), ()).1 {
            self.room(name.len());
        }
    }

    pub(super) fn setting(&mut self, setting: Setting) {
        if !self.settings.contains(&setting) {
            self.room(setting.name.len() + setting.value.as_ref().map_or(0, |value| value.len()));
            self.settings.push(setting);
        }
    }

    /// Settings found so far.
    pub(super) fn settings_count(&self) -> usize {
        self.settings.len()
    }

    fn room(&mut self, bytes: usize) {
        self.bytes += bytes;
        let items = self.relations.list.len()
            + self.functions.list.len()
            + self.columns.list.len()
            + self.settings.len();
        if items >= Effects::ITEMS_MAX {
            self.stop(Unjudged::TooLarge("more than 4,096 names".into()));
        }
        if self.bytes > Effects::BYTES_MAX {
            self.stop(Unjudged::TooLarge("more than 128 KiB of names".into()));
        }
    }

    /// What was found is explained and does not run. Planning may call functions whose result does not
    /// change within a statement, so the unknown ones and those that run a text stay.
    pub(super) fn explained(&mut self) {
        for (_, access) in &mut self.relations.list {
            *access = Access::READ;
        }
        let keeps = Marks::UNKNOWN_FUNCTION
            .with(Marks::RUNS_TEXT)
            .with(Marks::LITERALS_DECIDE)
            .with(Marks::READS_CATALOG)
            .with(Marks::READS_SECRETS)
            .with(Marks::USES_NAME);
        self.marks = Marks(self.marks.0 & keeps.0).with(Marks::EXPLAINS).with(Marks::RETURNS_ROWS);
        self.class = if self.marks.contains(Marks::RUNS_TEXT) { Class::Code } else { Class::Read };
        self.row_limit = None;
    }

    /// The same for a server that may work out any function while it plans: all they do still counts.
    pub(super) fn explained_with_functions(&mut self) {
        let class = self.class;
        let functions = Marks::WRITING_FUNCTION
            .with(Marks::ADMINISTERS)
            .with(Marks::SERVER_FILE)
            .with(Marks::LOCKS_ADVISORY)
            .with(Marks::SLEEPS);
        let kept = Marks(self.marks.0 & functions.0);
        self.explained();
        self.class = class;
        self.mark(kept);
    }

    /// The statement's class and effects.
    pub(super) fn finish(mut self, verb: &'static str) -> (Class, Effects) {
        if let Some(why) = self.unjudged {
            return (Class::Unknown, Effects { verb, ..Effects::unjudged(why) });
        }
        let base_class = self.class;
        let class = if self.marks.contains(Marks::UNKNOWN_FUNCTION) {
            base_class.graver(Class::Code)
        } else {
            base_class
        };
        if self.is_temporary() {
            self.mark(Marks::TEMPORARY);
        }
        // What a grave statement does may stand in a literal: such an analysis is its own.
        if !matches!(base_class, Class::Read | Class::Write) {
            self.mark(Marks::LITERALS_DECIDE);
        }
        let named = |schema: Option<&str>, name: &str| (schema.map(Box::from), Box::from(name));
        let relations = self.relations.list.into_iter().map(|((schema, name), access)| {
            let (schema, name) = named(schema, name);
            Relation { schema, name, access }
        });
        let functions = self.functions.list.into_iter().map(|((schema, name), known)| {
            let (schema, name) = named(schema, name);
            Function { schema, name, known }
        });
        let columns = self
            .columns
            .list
            .into_iter()
            .map(|((relation, name), ())| Column { relation, name: name.into() });
        let effects = Effects {
            basis: Basis::Grammar,
            verb,
            base_class,
            relations: relations.collect(),
            functions: functions.collect(),
            columns: columns.collect(),
            settings: self.settings.into(),
            row_limit: self.row_limit,
            marks: self.marks,
        };
        (class, effects)
    }
}

/// From how many entries on a table finds them faster than looking at each.
const SCANNED_MAX: usize = 24;

/// A list in which each key stands once, in order of appearance.
struct Once<Key, Value> {
    list: Vec<(Key, Value)>,
    /// Empty until the list is long.
    places: HashMap<Key, usize>,
}

impl<Key: Copy + Eq + Hash, Value> Once<Key, Value> {
    fn new() -> Once<Key, Value> {
        Once { list: Vec::new(), places: HashMap::new() }
    }

    /// The key's place, and whether it is new.
    fn place(&mut self, key: Key, value: Value) -> (usize, bool) {
        let found = if self.list.len() <= SCANNED_MAX {
            self.list.iter().position(|(known, _)| *known == key)
        } else {
            if self.places.is_empty() {
                self.places = self.list.iter().enumerate().map(|(place, (key, _))| (*key, place)).collect();
            }
            self.places.get(&key).copied()
        };
        if let Some(place) = found {
            return (place, false);
        }
        let place = self.list.len();
        self.list.push((key, value));
        if !self.places.is_empty() {
            self.places.insert(key, place);
        }
        (place, true)
    }
}
