//! What follows from a setting that is changed?

use super::calls::qualified;
use super::walk::Walk;
use exchange::{Class, Marks, Setting};
use pg_raw_parse::Node;
use pg_raw_parse::const_val::ConstValue;
use pg_raw_parse::list::NodeList;
use pg_raw_parse::nodes::{FuncCall, VariableSetKind, VariableSetStmt};

/// Most settings one statement may change: each is compared with the others.
const SETTINGS_MAX: usize = 256;

/// What a setting becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    /// These values, mostly one.
    Values(Vec<String>),
    /// What the login set.
    Reset,
    /// It cannot be told.
    Unknown,
}

impl<'a> Walk<'a> {
    /// SET and RESET, also inside ALTER … SET; the command's tag.
    pub(super) fn set(&mut self, set: &'a VariableSetStmt) -> &'static str {
        let name = set.name().unwrap_or_default();
        let change = match set.kind {
            VariableSetKind::VAR_SET_MULTI => {
                self.set_characteristics(name, set);
                return "set";
            }
            VariableSetKind::VAR_RESET_ALL => {
                self.found.class(Class::Session);
                self.found.mark(Marks::RESETS_SETTINGS);
                return "reset";
            }
            VariableSetKind::VAR_SET_VALUE => values(set.args()).map_or(Change::Unknown, Change::Values),
            VariableSetKind::VAR_SET_DEFAULT | VariableSetKind::VAR_RESET => Change::Reset,
            _ => Change::Unknown,
        };
        self.found.class(Class::Session);
        self.changes(name, &change, set.is_local);
        // `SET … TO DEFAULT` and `SET ROLE NONE` are other writings of `RESET …`.
        let returns = match &change {
            Change::Reset => true,
            Change::Values(values) => name == "role" && values.as_slice() == ["none"],
            Change::Unknown => false,
        };
        if returns { "reset" } else { "set" }
    }

    /// SET TRANSACTION, SET SESSION CHARACTERISTICS, SET TRANSACTION SNAPSHOT.
    fn set_characteristics(&mut self, name: &str, set: &'a VariableSetStmt) {
        match name {
            "TRANSACTION" => {
                self.found.class(Class::Transaction);
                self.transaction_modes(set.args(), "transaction_read_only", true);
            }
            "SESSION CHARACTERISTICS" => {
                self.found.class(Class::Session);
                self.found.mark(Marks::CHANGES_SETTING);
                self.transaction_modes(set.args(), "default_transaction_read_only", false);
            }
            "TRANSACTION SNAPSHOT" => {
                self.found.class(Class::Transaction);
                self.found.mark(Marks::MARKS_TRANSACTION);
            }
            _ => {
                self.found.class(Class::Session);
                self.changes("", &Change::Unknown, set.is_local);
            }
        }
    }

    /// The modes of BEGIN and its like. `setting` is what READ ONLY and READ WRITE change.
    pub(super) fn transaction_modes(&mut self, modes: &'a NodeList, setting: &str, local: bool) {
        for mode in modes.iter() {
            let Node::DefElem(mode) = mode else { return self.unknown_node(mode) };
            if mode.defname() != Some("transaction_read_only") {
                continue;
            }
            let value = constant(mode.arg()).and_then(|value| boolean(&value));
            match value {
                Some(true) if local => self.found.mark(Marks::BEGINS_READ_ONLY),
                Some(true) => {}
                _ => self.found.mark(Marks::UNDOES_READ_ONLY),
            }
            let value = value.map(|value| if value { "on".into() } else { "off".into() });
            self.found.setting(Setting { name: setting.into(), local, value });
        }
    }

    /// `set_config('name', 'value', is_local)` is SET.
    pub(super) fn set_config(&mut self, call: &'a FuncCall) {
        let Some((None | Some("pg_catalog"), "set_config")) = qualified(call.funcname()) else { return };
        let argument = |position| call.args().get(position).unwrap_or(Node::None);
        let named = call.func_variadic || call.args().iter().any(|one| matches!(one, Node::NamedArgExpr(_)));
        let name = constant(argument(0)).filter(|_| !named);
        let change = match argument(1) {
            Node::A_Const(one) if one.isnull => Change::Reset,
            value => constant(value).map_or(Change::Unknown, |value| Change::Values(vec![value])),
        };
        let change = if named { Change::Unknown } else { change };
        let name = name.or_else(|| of_pg_dump(&change).filter(|_| !named).map(str::to_owned));
        let local = constant(argument(2)).and_then(|value| boolean(&value)) == Some(true);
        // The value of a list is one text here: SET writes each of its names for itself.
        let change = match (name.as_deref(), change) {
            (Some(name), Change::Values(values)) if name.eq_ignore_ascii_case("search_path") => {
                Change::Values(values.iter().flat_map(|value| path(value)).collect())
            }
            (_, change) => change,
        };
        self.changes(&name.unwrap_or_default(), &change, local);
    }

    /// The setting `name` is changed; empty where it cannot be told which.
    fn changes(&mut self, name: &str, change: &Change, local: bool) {
        let name = name.to_ascii_lowercase();
        self.found.mark(marks(&name, change).with(Marks::LITERALS_DECIDE));
        let value = match change {
            Change::Values(values) => Some(values.join(", ").into()),
            Change::Reset | Change::Unknown => None,
        };
        if self.found.settings_count() >= SETTINGS_MAX {
            return self.found.stop(exchange::Unjudged::TooLarge("more than 256 settings".into()));
        }
        self.found.setting(Setting { name: name.into(), local, value });
    }
}

/// The setting that pg_dump means where it takes the name from `pg_settings`, since older servers do not
/// have it: told by the value, which no other setting takes and no role is called.
fn of_pg_dump(change: &Change) -> Option<&'static str> {
    match change {
        Change::Values(values) if values.as_slice() == ["view, foreign-table"] => {
            Some("restrict_nonsystem_relation_kind")
        }
        _ => None,
    }
}

/// What it means that the setting changes so.
fn marks(name: &str, change: &Change) -> Marks {
    match name {
        "" => Marks::UNDOES_READ_ONLY
            .with(Marks::CHANGES_ROLE)
            .with(Marks::CHANGES_PATH)
            .with(Marks::SHADOWS_CATALOG)
            .with(Marks::CHANGES_READING)
            .with(Marks::CHANGES_SETTING),
        "default_transaction_read_only" | "transaction_read_only" => {
            let harmless = match change {
                Change::Values(values) => {
                    matches!(values.as_slice(), [value] if boolean(value) == Some(true))
                }
                // Back to what the login set. A transaction becomes read-write by it before PostgreSQL 15,
                // which refuses it since.
                Change::Reset => name == "default_transaction_read_only",
                Change::Unknown => false,
            };
            if harmless {
                Marks::CHANGES_SETTING
            } else {
                Marks::UNDOES_READ_ONLY.with(Marks::CHANGES_SETTING)
            }
        }
        "role" | "session_authorization" => Marks::CHANGES_ROLE,
        "search_path" => {
            let shadows = match change {
                Change::Values(names) => names.iter().skip(1).any(|name| name == "pg_catalog"),
                Change::Reset => false,
                Change::Unknown => true,
            };
            Marks::CHANGES_PATH.with(if shadows { Marks::SHADOWS_CATALOG } else { Marks::NONE })
        }
        "standard_conforming_strings" | "client_encoding" | "backslash_quote" => Marks::CHANGES_READING,
        _ => Marks::CHANGES_SETTING,
    }
}

/// The names in the text of a `search_path`, folded as the server folds them.
fn path(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|name| {
            let name =
                name.trim_matches(|character: char| character.is_ascii_whitespace() || character == '\u{b}');
            match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
                Some(quoted) => quoted.to_owned(),
                None => name.to_ascii_lowercase(),
            }
        })
        .collect()
}

/// The constants of a list; `None` if any is none.
fn values(list: &NodeList) -> Option<Vec<String>> {
    list.iter().map(constant).collect()
}

/// The text of a constant, also where a cast to text stands around it.
pub(super) fn constant(node: Node<'_>) -> Option<String> {
    let value = match node {
        Node::A_Const(one) => one.val()?,
        Node::TypeCast(cast) => {
            let name = cast.type_name()?;
            let is_text = name.names().iter().next_back().and_then(|part| part.sval()) == Some("text");
            match cast.arg() {
                Node::A_Const(one) if is_text && name.array_bounds().is_empty() => one.val()?,
                _ => return None,
            }
        }
        _ => return None,
    };
    match value {
        ConstValue::Integer(value) => Some(value.to_string()),
        ConstValue::Float(text) | ConstValue::String(text) => Some(text.to_owned()),
        ConstValue::Boolean(value) => Some(if value { "true".into() } else { "false".into() }),
        _ => None,
    }
}

/// A boolean as the server reads it: a word's beginning is enough where it is no other's.
pub(super) fn boolean(value: &str) -> Option<bool> {
    let value = value.to_ascii_lowercase();
    let begins = |word: &str, least: usize| value.len() >= least && word.starts_with(&value);
    if begins("true", 1) || begins("yes", 1) || value == "on" || value == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || value == "0" {
        Some(false)
    } else {
        None
    }
}
