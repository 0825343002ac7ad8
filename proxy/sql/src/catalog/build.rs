//! What follows from the rows of a catalog?

use super::{
    Acting, Candidate, Catalog, CatalogFacts, FunctionFact, ITEMS_MAX, Origin, Reached, RelationFact,
    RowArgument,
};
use crate::functions::{self, Kind};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

impl Catalog {
    /// What follows from `facts`. Linear in them.
    pub fn new(mut facts: CatalogFacts) -> Catalog {
        let count = facts.functions.len().saturating_add(facts.relations.len());
        if facts.truncated || count > ITEMS_MAX {
            return Catalog {
                id: 0,
                complete: false,
                functions: HashMap::new(),
                fields: HashMap::new(),
                relations: HashMap::new(),
            };
        }
        facts.functions.sort_by_key(|function| function.id);
        facts.relations.sort_by_key(|relation| relation.id);
        let acts = Acts::find(&facts);
        Catalog {
            id: identify(&facts),
            complete: true,
            functions: candidates(&facts, &acts),
            fields: fields(&facts, &acts),
            relations: relations(&facts, &acts),
        }
    }
}

/// Which functions and relations may do more than read, by number. What has no entry is not known, and
/// so may.
struct Acts {
    functions: HashMap<u64, bool>,
    /// When read.
    relations: HashMap<u64, bool>,
}

/// A node of the graph of what reaches what.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    Function(u64),
    Relation(u64),
}

impl Acts {
    /// Begins with what acts by itself and follows who reaches it, against the direction of the call.
    fn find(facts: &CatalogFacts) -> Acts {
        let mut acts = Acts {
            functions: facts.functions.iter().map(|one| (one.id, acts_by_itself(one))).collect(),
            relations: facts.relations.iter().map(|one| (one.id, false)).collect(),
        };
        let mut callers: HashMap<Node, Vec<Node>> = HashMap::new();
        let mut open = Vec::new();
        let functions =
            facts.functions.iter().map(|one| (Node::Function(one.id), &one.functions, &one.relations));
        let relations = facts
            .relations
            .iter()
            .map(|one| (Node::Relation(one.id), &one.read.functions, &one.read.relations));
        for (node, functions, relations) in functions.chain(relations) {
            for function in functions {
                match acts.functions.get(function) {
                    Some(_) => callers.entry(Node::Function(*function)).or_default().push(node),
                    // Named, and nobody can see what it is.
                    None => open.push(node),
                }
            }
            // A relation without an entry only gives rows.
            for relation in relations.iter().filter(|relation| acts.relations.contains_key(relation)) {
                callers.entry(Node::Relation(*relation)).or_default().push(node);
            }
        }
        open.extend(acts.functions.iter().filter(|(_, acts)| **acts).map(|(id, _)| Node::Function(*id)));
        let mut marked: std::collections::HashSet<Node> = open.iter().copied().collect();
        while let Some(node) = open.pop() {
            match node {
                Node::Function(id) => acts.functions.insert(id, true),
                Node::Relation(id) => acts.relations.insert(id, true),
            };
            for caller in callers.get(&node).into_iter().flatten() {
                if marked.insert(*caller) {
                    open.push(*caller);
                }
            }
        }
        acts
    }

    fn function(&self, id: u64) -> bool {
        self.functions.get(&id).copied().unwrap_or(true)
    }

    fn relation(&self, id: u64) -> bool {
        self.relations.get(&id).copied().unwrap_or(false)
    }

    fn any(&self, reached: &Reached) -> bool {
        reached.functions.iter().any(|id| self.function(*id))
            || reached.relations.iter().any(|id| self.relation(*id))
    }
}

/// Whether a function may do more than read, without what it calls.
fn acts_by_itself(function: &FunctionFact) -> bool {
    let kind = match function.origin {
        Origin::System if *function.schema == *"information_schema" => {
            functions::of_information_schema(&function.name)
        }
        Origin::System => functions::builtin(&function.name),
        Origin::Extension => functions::of_extension(&function.name),
        Origin::User => None,
    };
    kind.map_or(function.volatile, |kind| kind != Kind::Reads)
}

fn candidates(facts: &CatalogFacts, acts: &Acts) -> HashMap<Box<str>, Box<[Candidate]>> {
    let own = facts.functions.iter().filter(|one| one.origin != Origin::System);
    gathered(
        own.map(|one| (&one.name, Candidate { schema: one.schema.clone(), reads: !acts.function(one.id) })),
    )
}

fn fields(facts: &CatalogFacts, acts: &Acts) -> HashMap<Box<str>, Box<[RowArgument]>> {
    let acting = facts
        .functions
        .iter()
        .filter(|one| one.origin != Origin::System && one.row != RowArgument::None && acts.function(one.id));
    gathered(acting.map(|one| (&one.name, one.row.clone())))
}

fn relations(facts: &CatalogFacts, acts: &Acts) -> HashMap<Box<str>, Box<[Acting]>> {
    let acting = facts.relations.iter().filter_map(|one| {
        let (read, written) = (acts.relation(one.id), acts.any(&one.written));
        (read || written).then(|| (&one.name, Acting { schema: one.schema.clone(), read, written }))
    });
    gathered(acting)
}

fn gathered<'a, T>(items: impl Iterator<Item = (&'a Box<str>, T)>) -> HashMap<Box<str>, Box<[T]>> {
    let mut all: HashMap<Box<str>, Vec<T>> = HashMap::new();
    for (name, item) in items {
        all.entry(name.clone()).or_default().push(item);
    }
    all.into_iter().map(|(name, items)| (name, items.into_boxed_slice())).collect()
}

/// The first bytes of a hash over all facts, in order of their numbers.
fn identify(facts: &CatalogFacts) -> u64 {
    let mut hash = Sha256::new();
    let text = |hash: &mut Sha256, text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    let numbers = |hash: &mut Sha256, numbers: &[u64]| {
        hash.update((numbers.len() as u64).to_le_bytes());
        numbers.iter().for_each(|number| hash.update(number.to_le_bytes()));
    };
    for FunctionFact { id, schema, name, volatile, origin, row, functions, relations } in &facts.functions {
        hash.update(id.to_le_bytes());
        text(&mut hash, schema);
        text(&mut hash, name);
        hash.update([u8::from(*volatile), *origin as u8]);
        match row {
            RowArgument::None => hash.update([0]),
            RowArgument::Any => hash.update([1]),
            RowArgument::Relation(relation) => {
                hash.update([2]);
                text(&mut hash, relation);
            }
        }
        numbers(&mut hash, functions);
        numbers(&mut hash, relations);
    }
    hash.update([0xff]);
    for RelationFact { id, schema, name, read, written } in &facts.relations {
        hash.update(id.to_le_bytes());
        text(&mut hash, schema);
        text(&mut hash, name);
        for reached in [read, written] {
            numbers(&mut hash, &reached.functions);
            numbers(&mut hash, &reached.relations);
        }
    }
    hash.finalize().iter().take(8).fold(0, |id, byte| id << 8 | u64::from(*byte))
}
