//! What follows from a call of a function, an operator or a type's name?

use super::collect::{Collector, Name};
use crate::functions::{self, Kind};
use exchange::{Access, Class, Known, Marks, Unjudged};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::nodes::TypeName;

/// The parts of a qualified name: its last two, which are the schema and the name.
pub(super) fn qualified(parts: &NodeList) -> Option<Name<'_>> {
    let count = parts.len();
    let part = |place: usize| parts.get(place).and_then(|node| node.as_str());
    let name = part(count.checked_sub(1)?)?;
    let schema = match count.checked_sub(2) {
        Some(place) => Some(part(place)?),
        None => None,
    };
    Some((schema, name))
}

/// What is known of a function by its name.
fn kind((schema, name): Name<'_>) -> Option<Kind> {
    // Nobody else notices that a session gives back what it holds.
    if name == "pg_advisory_unlock_all" && matches!(schema, None | Some("pg_catalog")) {
        return Some(Kind::Reads);
    }
    match schema {
        None => functions::builtin(name)
            .or_else(|| functions::of_extension(name))
            .or_else(|| functions::of_type(name)),
        Some("pg_catalog") => functions::builtin(name).or_else(|| functions::of_type(name)),
        Some("information_schema") => functions::of_information_schema(name),
        // Any schema may hold an extension.
        Some(_) => functions::of_extension(name),
    }
}

impl<'a> Collector<'a> {
    /// The function is called with as many arguments.
    pub(super) fn call(&mut self, parts: &'a NodeList, arguments: usize) {
        match qualified(parts) {
            // With three it replaces in what it is given; with two it runs a query.
            Some(name @ (None | Some("pg_catalog"), "ts_rewrite")) if arguments == 3 => {
                self.function(name, Known::Reads);
            }
            Some(name) => self.call_named(name),
            None => self.stop(Unjudged::Node("FuncCall")),
        }
    }

    pub(super) fn call_named(&mut self, name: Name<'a>) {
        match kind(name) {
            Some(Kind::Reads) => self.function(name, Known::Reads),
            Some(kind) => {
                self.function(name, Known::Acts);
                self.acts(kind, name.1);
            }
            None => self.unknown(name),
        }
    }

    /// A function nobody knows is called.
    pub(super) fn unknown(&mut self, name: Name<'a>) {
        self.function(name, Known::Unknown);
        self.mark(Marks::UNKNOWN_FUNCTION);
    }

    /// What follows from a function that does more than read.
    pub(super) fn acts(&mut self, kind: Kind, name: &str) {
        let (class, marks) = match kind {
            Kind::Reads => return,
            Kind::Sleeps => return self.mark(Marks::SLEEPS),
            Kind::Writes => (Class::Write, Marks::WRITING_FUNCTION),
            Kind::Session => (Class::Session, Marks::NONE),
            Kind::Locks => (Class::Session, Marks::LOCKS_ADVISORY),
            Kind::Notifies => (Class::Session, Marks::NOTIFIES),
            Kind::Administers => (Class::Maintenance, Marks::ADMINISTERS),
            Kind::ServerFile => (Class::Code, Marks::SERVER_FILE),
            Kind::RunsText => (Class::Code, Marks::RUNS_TEXT),
        };
        self.class(class);
        self.mark(marks.with(Marks::LITERALS_DECIDE));
        if matches!(
            name,
            "txid_current"
                | "txid_current_if_assigned"
                | "pg_current_xact_id"
                | "pg_current_xact_id_if_assigned"
                | "pg_export_snapshot"
        ) {
            self.mark(Marks::MARKS_TRANSACTION);
        }
        if name.contains("replication") || name.starts_with("pg_logical_slot") {
            self.mark(Marks::REPLICATES);
        }
    }

    /// A field is selected by this name: `('s'::regclass).nextval` calls the function.
    pub(super) fn field(&mut self, name: &'a str) {
        if functions::acts_on_one_argument(name) {
            self.call_named((None, name));
        }
    }

    /// The operator is used. One that names a schema other than `pg_catalog` is somebody's own.
    pub(super) fn operator(&mut self, parts: &'a NodeList) {
        match qualified(parts) {
            Some((Some(schema), name)) if schema != "pg_catalog" => self.unknown((Some(schema), name)),
            Some(_) => {}
            None if parts.is_empty() => {}
            None => self.stop(Unjudged::Node("A_Expr")),
        }
    }

    /// A value is made one of this type. What it is called after may stand in a literal.
    pub(super) fn type_name(&mut self, name: &TypeName) {
        let last = name.names().iter().next_back().and_then(|part| part.sval());
        if last.is_some_and(|last| last.starts_with("reg")) {
            self.mark(Marks::LITERALS_DECIDE);
        }
    }

    /// The relation is used; its place among those found.
    pub(super) fn uses(&mut self, name: Name<'a>, access: Access) -> Option<u16> {
        match name {
            (None | Some("pg_catalog"), table) if table.starts_with("pg_") => {
                self.mark(Marks::READS_CATALOG);
                if SECRET_CATALOGS.contains(&table) {
                    self.mark(Marks::READS_SECRETS);
                }
            }
            (Some("pg_catalog"), _) => self.mark(Marks::READS_CATALOG),
            (Some("information_schema"), table) => {
                self.mark(Marks::READS_CATALOG);
                if matches!(table, "user_mapping_options" | "_pg_user_mappings") {
                    self.mark(Marks::READS_SECRETS);
                }
            }
            _ => {}
        }
        self.relation(name, access)
    }
}

/// Catalogs and views with passwords, keys or the bytes of large objects.
const SECRET_CATALOGS: &[&str] = &[
    "pg_authid",
    "pg_shadow",
    "pg_user_mapping",
    "pg_user_mappings",
    "pg_largeobject",
    "pg_subscription",
    "pg_hba_file_rules",
    "pg_ident_file_mappings",
    "pg_file_settings",
];
