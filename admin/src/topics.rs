//! Who is watching what happens now, and what are they told?
//!
//! Every watcher has a box with one place a topic. What is published is merged into the places of those
//! who watch the workspace, and each watcher empties a place at most four times a second: memory does not
//! grow with how much happens, nor with how slow somebody reads. What does not fit is counted.

use admin_store::Id;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Between two messages of one topic to one watcher: at most four a second.
pub const MESSAGE_EVERY: Duration = Duration::from_millis(250);
/// Watchers at once, in all and of one person.
pub const WATCHERS_MAX: usize = 200;
/// Watchers of one person at once.
pub const WATCHERS_A_PERSON_MAX: usize = 20;
/// Items of a list in one message.
const ITEMS_MAX: usize = 50;
/// Keys of an object in one message.
const KEYS_MAX: usize = 200;

/// What can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Sums by listener: numbers add up.
    Traffic,
    /// Statements that were refused or held, one by one.
    Refusals,
    /// Wire sessions that began, one by one.
    Sessions,
    /// Listeners as they are now, by name.
    Listeners,
    /// Connections as they are now, by id.
    Health,
    /// What people do, one by one.
    Activity,
    /// That there is something new to be told of, one by one.
    Notifications,
}

/// How two messages of a topic become one.
enum Merge {
    /// Numbers of the same key add up.
    Sum,
    /// The latest of the same key holds.
    Latest,
    /// One behind the other, the latest kept.
    List,
}

impl Topic {
    fn merge(self) -> Merge {
        match self {
            Topic::Traffic => Merge::Sum,
            Topic::Listeners | Topic::Health => Merge::Latest,
            Topic::Refusals | Topic::Sessions | Topic::Activity | Topic::Notifications => Merge::List,
        }
    }
}

/// What waits for a watcher in one topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// An object, or a list where things are told one by one.
    pub data: Value,
    /// Things that did not fit.
    pub dropped: u64,
}

/// A watcher's box.
#[derive(Debug, Default)]
pub struct Mailbox {
    places: Mutex<BTreeMap<Topic, Option<Waiting>>>,
    news: Notify,
}

impl Mailbox {
    fn places(&self) -> MutexGuard<'_, BTreeMap<Topic, Option<Waiting>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches these topics from now on, and no others.
    pub fn subscribe(&self, topics: &[Topic]) {
        let mut places = self.places();
        let mut kept = BTreeMap::new();
        for topic in topics {
            kept.insert(*topic, places.remove(topic).flatten());
        }
        *places = kept;
    }

    /// Whether it watches one of these topics.
    fn is_told_of(&self, topics: &[Topic]) -> bool {
        let places = self.places();
        topics.iter().any(|topic| places.contains_key(topic))
    }

    /// The topics for which something waits.
    pub fn ready(&self) -> Vec<Topic> {
        self.places().iter().filter(|(_, waiting)| waiting.is_some()).map(|(topic, _)| *topic).collect()
    }

    /// Takes what waits in a topic.
    pub fn take(&self, topic: Topic) -> Option<Waiting> {
        self.places().get_mut(&topic)?.take()
    }

    /// Waits until something comes. Cancel safe.
    pub async fn wait(&self) {
        self.news.notified().await;
    }

    fn put(&self, topic: Topic, data: &Value) {
        if let Some(place) = self.places().get_mut(&topic) {
            merge(topic, place.get_or_insert_with(Waiting::default), data);
            self.news.notify_one();
        }
    }
}

fn merge(topic: Topic, waiting: &mut Waiting, data: &Value) {
    match topic.merge() {
        Merge::List => {
            if !waiting.data.is_array() {
                waiting.data = Value::Array(Vec::new());
            }
            let Value::Array(items) = &mut waiting.data else { return };
            match data {
                Value::Array(more) => items.extend(more.iter().cloned()),
                one => items.push(one.clone()),
            }
            let too_many = items.len().saturating_sub(ITEMS_MAX);
            items.drain(..too_many);
            waiting.dropped = waiting.dropped.saturating_add(too_many as u64);
        }
        how @ (Merge::Sum | Merge::Latest) => {
            if !waiting.data.is_object() {
                waiting.data = Value::Object(Map::new());
            }
            let (Value::Object(fields), Value::Object(more)) = (&mut waiting.data, data) else { return };
            for (key, value) in more {
                let has_room = fields.len() < KEYS_MAX;
                match fields.get_mut(key) {
                    Some(known) if matches!(how, Merge::Sum) => add(known, value),
                    Some(known) => *known = value.clone(),
                    None if has_room => drop(fields.insert(key.clone(), value.clone())),
                    None => waiting.dropped = waiting.dropped.saturating_add(1),
                }
            }
        }
    }
}

/// Adds numbers, those in objects too; anything else becomes what came later.
fn add(known: &mut Value, more: &Value) {
    match (known, more) {
        (Value::Object(fields), Value::Object(more)) => {
            for (key, value) in more {
                match fields.get_mut(key) {
                    Some(known) => add(known, value),
                    None => drop(fields.insert(key.clone(), value.clone())),
                }
            }
        }
        (known, more) => {
            *known = match (known.as_u64(), more.as_u64()) {
                (Some(one), Some(other)) => one.saturating_add(other).into(),
                _ => more.clone(),
            }
        }
    }
}

/// One watcher among all.
#[derive(Debug)]
struct Watcher {
    person: Id,
    workspace: String,
    mailbox: Arc<Mailbox>,
}

/// All watchers of this node.
#[derive(Debug, Default)]
pub struct Topics {
    watchers: Mutex<Watchers>,
}

#[derive(Debug, Default)]
struct Watchers {
    all: HashMap<u64, Watcher>,
    next: u64,
}

/// Why somebody cannot watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Too many watch.
    Instance,
    /// The person watches from too many places.
    Person,
}

/// Somebody watches as long as this lives.
#[derive(Debug)]
pub struct Watching<'t> {
    topics: &'t Topics,
    number: u64,
    /// What they are told.
    pub mailbox: Arc<Mailbox>,
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.topics.watchers().all.remove(&self.number);
    }
}

impl Topics {
    fn watchers(&self) -> MutexGuard<'_, Watchers> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to watch a workspace, for no topic yet.
    pub fn watch(&self, workspace: &str, person: Id) -> Result<Watching<'_>, Full> {
        let mut watchers = self.watchers();
        if watchers.all.len() >= WATCHERS_MAX {
            return Err(Full::Instance);
        }
        if watchers.all.values().filter(|one| one.person == person).count() >= WATCHERS_A_PERSON_MAX {
            return Err(Full::Person);
        }
        let mailbox = Arc::new(Mailbox::default());
        watchers.next += 1;
        let number = watchers.next;
        let workspace = workspace.to_owned();
        watchers.all.insert(number, Watcher { person, workspace, mailbox: Arc::clone(&mailbox) });
        Ok(Watching { topics: self, number, mailbox })
    }

    /// Whether anybody watches anything.
    pub fn has_watchers(&self) -> bool {
        !self.watchers().all.is_empty()
    }

    /// Whether anybody watches a workspace: nothing needs to be put together else.
    pub fn is_watched(&self, workspace: &str) -> bool {
        self.watchers().all.values().any(|one| one.workspace == workspace)
    }

    /// The workspaces in which somebody watches one of these topics.
    pub fn watched(&self, topics: &[Topic]) -> BTreeSet<String> {
        let watchers = self.watchers();
        let watching = watchers.all.values().filter(|one| one.mailbox.is_told_of(topics));
        watching.map(|one| one.workspace.clone()).collect()
    }

    /// Tells everybody who watches `topic` of the workspace with this slug.
    pub fn publish(&self, workspace: &str, topic: Topic, data: &Value) {
        for watcher in self.watchers().all.values().filter(|one| one.workspace == workspace) {
            watcher.mailbox.put(topic, data);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn what_waits_is_merged_and_bounded() {
        let topics = Topics::default();
        let watching = topics.watch("shop", Id::new()).unwrap();
        watching.mailbox.subscribe(&[Topic::Traffic, Topic::Refusals, Topic::Listeners]);
        for round in 0..1_000_u64 {
            topics.publish("shop", Topic::Traffic, &json!({ "pg": { "calls": 2, "errors": round % 2 } }));
            topics.publish("shop", Topic::Refusals, &json!([{ "round": round }]));
            topics.publish("shop", Topic::Listeners, &json!({ "pg": { "sessions": round } }));
            topics.publish("shop", Topic::Activity, &json!({ "nobody": "watches" }));
            topics.publish("other", Topic::Traffic, &json!({ "pg": { "calls": 1 } }));
        }
        let watched = |topics: &[Topic]| topics_of(&watching, topics);
        assert!(watched(&[Topic::Health, Topic::Traffic]) && !watched(&[Topic::Activity]));
        let mailbox = &watching.mailbox;
        assert_eq!(
            mailbox.take(Topic::Traffic).unwrap().data,
            json!({ "pg": { "calls": 2_000, "errors": 500 } })
        );
        let refusals = mailbox.take(Topic::Refusals).unwrap();
        assert_eq!((refusals.data.as_array().unwrap().len(), refusals.dropped), (50, 950));
        assert_eq!(refusals.data[49], json!({ "round": 999 }));
        assert_eq!(mailbox.take(Topic::Listeners).unwrap().data, json!({ "pg": { "sessions": 999 } }));
        assert_eq!((mailbox.take(Topic::Activity), mailbox.take(Topic::Traffic)), (None, None));
    }

    fn topics_of(watching: &Watching<'_>, topics: &[Topic]) -> bool {
        watching.topics.watched(topics).contains("shop")
    }

    #[test]
    fn so_many_can_watch_and_no_more() {
        let topics = Topics::default();
        let person = Id::new();
        let watching: Vec<_> =
            (0..WATCHERS_A_PERSON_MAX).map(|_| topics.watch("a", person).unwrap()).collect();
        assert_eq!(topics.watch("a", person).err(), Some(Full::Person));
        let more = WATCHERS_MAX - WATCHERS_A_PERSON_MAX;
        let others: Vec<_> = (0..more).map(|_| topics.watch("b", Id::new()).unwrap()).collect();
        assert_eq!(topics.watch("a", Id::new()).err(), Some(Full::Instance));
        drop(watching);
        assert!(topics.watch("a", person).is_ok());
        drop(others);
        assert!(!topics.is_watched("b"));
    }
}
