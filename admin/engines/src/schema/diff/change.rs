//! What is one difference, and how is it said in a sentence?

use super::super::model::{Object, ObjectKey, ObjectKind};
use serde::{Deserialize, Serialize};

/// Longest value that is quoted in a sentence; longer ones are in the change itself.
const QUOTED_MAX: usize = 60;

/// One difference between two snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The object it is about.
    pub object: ObjectKey,
    /// What it is; what it became, when that changed.
    pub kind: ObjectKind,
    /// What happened to the object, or to the part of it.
    pub action: Action,
    /// The part of the object; absent when it is the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// What of it changed, such as `data_type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How bad it may be for what uses the database.
    pub severity: Severity,
    /// All of it in words.
    pub sentence: String,
    /// What was removed may live on in what this adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible_rename_of: Option<PossibleRename>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It was not there.
    Added,
    /// It is no more.
    Removed,
    /// It is different.
    Changed,
}

/// How bad a change may be for what uses the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing that worked stops working.
    Safe,
    /// It depends on how it is used.
    Risky,
    /// What uses it fails.
    Breaking,
}

/// A part of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub aspect: Aspect,
    /// Its name, or what stands for one.
    pub name: String,
}

/// What a part of an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// A column.
    Column,
    /// The primary key.
    PrimaryKey,
    /// A unique key.
    UniqueKey,
    /// A foreign key.
    ForeignKey,
    /// A check.
    Check,
    /// An exclusion constraint.
    Exclusion,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
    /// A policy of row security.
    Policy,
    /// A partition that is not a table of its own.
    Partition,
    /// A table it inherits from.
    Inheritance,
    /// A privilege of somebody.
    Grant,
    /// A label of an enum.
    Label,
    /// A setting.
    Option,
}

/// What something may have been called before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PossibleRename {
    /// The name it may have had: of a column, or of a table with its schema.
    pub name: String,
    /// The key of the table it may have been; absent for columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectKey>,
    /// How much they are alike, up to 100.
    pub confidence_percent: u8,
}

impl Aspect {
    /// The words for it in sentences.
    pub fn words(self) -> &'static str {
        match self {
            Aspect::Column => "column",
            Aspect::PrimaryKey => "primary key",
            Aspect::UniqueKey => "unique key",
            Aspect::ForeignKey => "foreign key",
            Aspect::Check => "check",
            Aspect::Exclusion => "exclusion constraint",
            Aspect::Index => "index",
            Aspect::Trigger => "trigger",
            Aspect::Policy => "policy",
            Aspect::Partition => "partition",
            Aspect::Inheritance => "inheritance from",
            Aspect::Grant => "grant",
            Aspect::Label => "label",
            Aspect::Option => "option",
        }
    }
}

/// Writes the differences of one object.
pub(super) struct Writer {
    object: ObjectKey,
    kind: ObjectKind,
    name: String,
    pub(super) changes: Vec<Change>,
}

impl Writer {
    pub(super) fn new(object: &Object) -> Writer {
        Writer { object: object.key(), kind: object.kind, name: named(object), changes: Vec::new() }
    }

    pub(super) fn kind(&self) -> ObjectKind {
        self.kind
    }

    /// A part that was not there; `content` says what it is.
    pub(super) fn added(&mut self, aspect: Aspect, name: &str, content: String, severity: Severity) {
        let change = self.part(Action::Added, aspect, name, severity);
        self.changes.push(Change { after: Some(content), ..change });
    }

    /// A part that is no more.
    pub(super) fn removed(&mut self, aspect: Aspect, name: &str, content: String, severity: Severity) {
        let change = self.part(Action::Removed, aspect, name, severity);
        self.changes.push(Change { before: Some(content), ..change });
    }

    fn part(&self, action: Action, aspect: Aspect, name: &str, severity: Severity) -> Change {
        let what = if action == Action::Added { "added" } else { "removed" };
        Change {
            object: self.object.clone(),
            kind: self.kind,
            action,
            part: Some(Part { aspect, name: name.to_owned() }),
            field: None,
            before: None,
            after: None,
            severity,
            sentence: format!("{} `{name}` of {} was {what}", aspect.words(), self.name),
            possible_rename_of: None,
        }
    }

    /// A property of the object or of a part; nothing is written where both are equal.
    pub(super) fn field(
        &mut self,
        part: Option<(Aspect, &str)>,
        field: &str,
        before: Option<String>,
        after: Option<String>,
        severity: Severity,
    ) {
        if before == after {
            return;
        }
        let whose = match part {
            Some((aspect, name)) => format!("{} `{name}` of {}", aspect.words(), self.name),
            None => self.name.clone(),
        };
        let what = field.replace('_', " ");
        let sentence = match (&before, &after) {
            (None, Some(after)) => format!("the {what} of {whose} is now {}", quoted(after)),
            (Some(before), None) => format!("the {what} of {whose} was {} and is gone", quoted(before)),
            (Some(before), Some(after)) if is_short(before) && is_short(after) => {
                format!("the {what} of {whose} changed from `{before}` to `{after}`")
            }
            _ => format!("the {what} of {whose} changed"),
        };
        self.changes.push(Change {
            object: self.object.clone(),
            kind: self.kind,
            action: Action::Changed,
            part: part.map(|(aspect, name)| Part { aspect, name: name.to_owned() }),
            field: Some(field.to_owned()),
            before,
            after,
            severity,
            sentence,
            possible_rename_of: None,
        });
    }

    /// A property that is there or not.
    pub(super) fn flag(
        &mut self,
        part: Option<(Aspect, &str)>,
        field: &str,
        before: bool,
        after: bool,
        severity: Severity,
    ) {
        let word = |value: bool| Some(if value { "yes" } else { "no" }.to_owned());
        self.field(part, field, word(before), word(after), severity);
    }
}

pub(super) fn object_added(object: &Object) -> Change {
    whole(object, Action::Added, Severity::Safe, "was added")
}

pub(super) fn object_removed(object: &Object) -> Change {
    whole(object, Action::Removed, Severity::Breaking, "was removed")
}

fn whole(object: &Object, action: Action, severity: Severity, what: &str) -> Change {
    Change {
        object: object.key(),
        kind: object.kind,
        action,
        part: None,
        field: None,
        before: None,
        after: None,
        severity,
        sentence: format!("{} {what}", named(object)),
        possible_rename_of: None,
    }
}

/// The table `sales.orders`, with its kind before it.
fn named(object: &Object) -> String {
    let key = object.key().to_string();
    // A key begins with the word of its group; the object's kind says more.
    let name = key.split_once(' ').map_or(key.as_str(), |(_, name)| name);
    format!("{} `{name}`", object.kind)
}

fn is_short(value: &str) -> bool {
    value.chars().count() <= QUOTED_MAX && !value.contains('\n')
}

fn quoted(value: &str) -> String {
    if is_short(value) { format!("`{value}`") } else { "a longer text".to_owned() }
}
