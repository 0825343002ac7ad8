//! Where in the document is a setting, and what do people call it?

use super::address::is_name;
use super::problem::{Cause, Problem};
use super::tree::{Node, Value};
use std::path::PathBuf;
use std::sync::Arc;

/// One step of a path through the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Key(String),
    Index(usize),
}

/// A path through the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(Vec<Segment>);

impl Path {
    /// The path of a listener.
    pub(crate) fn listener(index: usize) -> Path {
        Path::default().key("listener").index(index)
    }

    /// One step further.
    pub(crate) fn key(&self, key: &str) -> Path {
        let mut path = self.clone();
        path.0.push(Segment::Key(String::from(key)));
        path
    }

    /// One step further.
    pub(crate) fn index(&self, index: usize) -> Path {
        let mut path = self.clone();
        path.0.push(Segment::Index(index));
        path
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.0
    }
}

/// Where each value of a [`super::Config`] was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) file: PathBuf,
    pub(crate) root: Arc<Node>,
}

impl Origin {
    /// A problem with what is at `path`.
    pub(crate) fn problem(&self, path: &Path, cause: Cause) -> Problem {
        Problem { place: self.root.place(path), key: display(path, &self.root), cause }
    }
}

/// A path for people: `status.listen`, `listener[shop].tls.key`, `listener[#2].name`.
pub(crate) fn display(path: &Path, root: &Node) -> String {
    let mut text = String::new();
    let mut node = Some(root);
    for segment in path.segments() {
        match segment {
            Segment::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
                node = node.and_then(|node| node.get(key));
            }
            Segment::Index(index) => {
                node = node.and_then(|node| node.items().get(*index));
                text.push_str(&match node.and_then(name_of) {
                    Some(name) => format!("[{name}]"),
                    None => format!("[#{}]", index + 1),
                });
            }
        }
    }
    text
}

fn name_of(node: &Node) -> Option<&str> {
    match &node.get("name")?.value {
        Value::String(name) if is_name(name) => Some(name),
        _ => None,
    }
}
