//! To which relation does a column belong, once the whole statement was seen?
//!
//! A reader notes levels of query, what their FROM names, what each query returns and which columns
//! stand where. Only then is each column followed to the relation it comes from, through queries in
//! FROM and WITH, in bounded steps and without recursion.

use super::{AMONG_MAX, ColumnUse, ITEMS_MAX, Join, JoinKind, Place, RelationUse, Usage};
use exchange::Access;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;

/// Most names looked at to find where others belong.
const STEPS_MAX: usize = 2_000_000;

/// A level of query.
pub(super) type Level = usize;

/// A query that returns columns.
pub(super) type Query = usize;

/// Something that columns can be of.
#[derive(Debug)]
pub(super) struct Item {
    /// The alias, or the relation's own name; empty for none.
    pub(super) name: Box<str>,
    /// The schema, where there is one and no alias hides it.
    pub(super) schema: Option<Box<str>>,
    pub(super) of: Of,
    /// Names given to its columns, in order.
    pub(super) columns: Vec<Box<str>>,
}

/// What an item is.
#[derive(Clone, Debug)]
pub(super) enum Of {
    /// A relation, by its place.
    Relation(usize),
    Query(Query),
    /// The items of a join that has a name of its own.
    Items(Range<usize>),
    /// A function, or what is not told.
    Other,
}

/// A column as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reference {
    Named {
        level: Level,
        schema: Option<Box<str>>,
        /// What stands before the dot.
        item: Option<Box<str>>,
        name: Box<str>,
    },
    /// Of one of these items of the level, and of no other level.
    Within { level: Level, items: Range<usize>, name: Box<str> },
    /// What a query returns in this place.
    Output { query: Query, position: usize },
    /// What a query returns under this name.
    Returned { query: Query, name: Box<str> },
    /// What ORDER BY or GROUP BY of a query names: what it returns under that name, or a column.
    By { level: Level, query: Query, name: Box<str> },
}

/// What a query returns.
#[derive(Debug)]
pub(super) enum Output {
    Value {
        name: Option<Box<str>>,
        /// The column that it is, if it is no more than that.
        of: Option<Reference>,
    },
    /// `*`, or `item.*`.
    All(Option<Box<str>>),
}

#[derive(Debug, Default)]
pub(super) struct Returns {
    pub(super) level: Level,
    pub(super) outputs: Vec<Output>,
    /// Those of a UNION and its like.
    pub(super) branches: Vec<Query>,
    /// Names given to what it returns, in order.
    pub(super) names: Vec<Box<str>>,
}

#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) parent: Option<Level>,
    pub(super) items: Vec<Item>,
    /// The query a WITH names, visible from here on down.
    pub(super) with: Option<(Box<str>, Query)>,
}

/// A column that USING made of two.
#[derive(Debug)]
struct Merged {
    level: Level,
    /// Of which items.
    items: Range<usize>,
    /// Which of them stand for it.
    chosen: Range<usize>,
    name: Box<str>,
}

/// A statement as far as it was read.
#[derive(Debug)]
pub(super) struct Draft {
    /// Whether names of aliases compare without case.
    caseless: bool,
    pub(super) relations: Vec<RelationUse>,
    places: HashMap<(Option<Box<str>>, Box<str>), usize>,
    pub(super) scopes: Vec<Scope>,
    pub(super) queries: Vec<Returns>,
    merged: Vec<Merged>,
    uses: Vec<(Reference, bool, Place)>,
    /// Levels of which every column is used.
    stars: Vec<(Level, Place)>,
    joins: Vec<(Reference, Reference, JoinKind)>,
    pub(super) complete: bool,
    steps: usize,
}

impl Draft {
    pub(super) fn new(caseless: bool) -> Draft {
        Draft {
            caseless,
            relations: Vec::new(),
            places: HashMap::new(),
            scopes: Vec::new(),
            queries: Vec::new(),
            merged: Vec::new(),
            uses: Vec::new(),
            stars: Vec::new(),
            joins: Vec::new(),
            complete: true,
            steps: 0,
        }
    }

    /// A level inside `parent`.
    pub(super) fn open(&mut self, parent: Option<Level>) -> Level {
        self.scopes.push(Scope { parent, ..Scope::default() });
        self.scopes.len() - 1
    }

    /// A level inside `parent` from which the query `name` of a WITH can be seen.
    pub(super) fn open_with(&mut self, parent: Option<Level>, name: Box<str>, query: Query) -> Level {
        let with = Some((name, query));
        self.scopes.push(Scope { parent, items: Vec::new(), with });
        self.scopes.len() - 1
    }

    pub(super) fn parent(&self, level: Level) -> Option<Level> {
        self.scopes.get(level).and_then(|scope| scope.parent)
    }

    /// A query of which nothing is known yet.
    pub(super) fn query(&mut self) -> Query {
        self.queries.push(Returns::default());
        self.queries.len() - 1
    }

    /// What `query` returns, in terms of `level`.
    pub(super) fn returns(&mut self, query: Query, level: Level, outputs: Vec<Output>) {
        if let Some(known) = self.queries.get_mut(query) {
            (known.level, known.outputs) = (level, outputs);
        }
    }

    /// `query` also returns this.
    pub(super) fn output(&mut self, query: Query, level: Level, output: Output) {
        if let Some(known) = self.queries.get_mut(query) {
            known.level = level;
            known.outputs.push(output);
        }
    }

    pub(super) fn branch(&mut self, query: Query, branch: Query) {
        if let Some(known) = self.queries.get_mut(query) {
            known.branches.push(branch);
        }
    }

    /// What `query` returns is given these names.
    pub(super) fn names(&mut self, query: Query, names: Vec<Box<str>>) {
        if let Some(known) = self.queries.get_mut(query) {
            known.names = names;
        }
    }

    /// The place of a relation, to which this happens.
    pub(super) fn relation(&mut self, schema: Option<&str>, name: &str, access: Access) -> Option<usize> {
        let key = (schema.map(Box::from), Box::from(name));
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None if self.relations.len() >= ITEMS_MAX => {
                self.complete = false;
                return None;
            }
            None => {
                let (schema, name) = key.clone();
                self.relations.push(RelationUse { schema, name, access: Access::NONE });
                self.places.insert(key, self.relations.len() - 1);
                self.relations.len() - 1
            }
        };
        if let Some(relation) = self.relations.get_mut(place) {
            relation.access.insert(access);
        }
        Some(place)
    }

    /// Where the next item of `level` will be.
    pub(super) fn items(&self, level: Level) -> usize {
        self.scopes.get(level).map_or(0, |scope| scope.items.len())
    }

    pub(super) fn item(&mut self, level: Level, item: Item) {
        if let Some(scope) = self.scopes.get_mut(level) {
            scope.items.push(item);
        }
    }

    /// What an item of `level` is, and its schema where no alias hides it.
    pub(super) fn item_at(&self, level: Level, place: usize) -> Option<&Item> {
        self.scopes.get(level)?.items.get(place)
    }

    /// Every column of what FROM of `level` names, in the end.
    pub(super) fn all(&mut self, level: Level, place: Place) {
        self.stars.push((level, place));
    }

    fn expand(&mut self) {
        for (level, place) in std::mem::take(&mut self.stars) {
            for item in 0..self.items(level) {
                if let Some(Of::Relation(_)) = self.item_at(level, item).map(|item| &item.of) {
                    let name = "*".into();
                    self.column(Reference::Within { level, items: item..item + 1, name }, false, place);
                }
            }
        }
    }

    /// A join by `USING (name)` of these items.
    pub(super) fn using(&mut self, level: Level, left: Range<usize>, right: Range<usize>, name: &str) {
        let within = |items: Range<usize>| Reference::Within { level, items, name: name.into() };
        for items in [left.clone(), right.clone()] {
            self.column(within(items), false, Place::Join);
        }
        // Where the left side is a join by the same column, its own left side stands for it.
        let inside = |one: &&Merged| {
            one.level == level
                && one.items.start >= left.start
                && one.items.end <= left.end
                && self.same(&one.name, name)
        };
        let before = self.merged.iter().rev().take(AMONG_MAX).find(inside);
        let chosen = before.map_or(left.clone(), |one| one.chosen.clone());
        self.join(within(chosen.clone()), within(right.clone()), JoinKind::Using);
        if self.merged.len() < ITEMS_MAX {
            self.merged.push(Merged { level, items: left.start..right.end, chosen, name: name.into() });
        }
    }

    /// The query that a WITH around `level` gives this name.
    pub(super) fn with(&mut self, level: Level, name: &str) -> Option<Query> {
        let mut at = Some(level);
        while let Some(level) = at {
            if !self.step(1) {
                return None;
            }
            let scope = self.scopes.get(level)?;
            match &scope.with {
                Some((known, query)) if self.same(known, name) => return Some(*query),
                _ => at = scope.parent,
            }
        }
        None
    }

    pub(super) fn column(&mut self, reference: Reference, written: bool, place: Place) {
        if self.uses.len() < 4 * ITEMS_MAX {
            self.uses.push((reference, written, place));
        } else {
            self.complete = false;
        }
    }

    pub(super) fn join(&mut self, left: Reference, right: Reference, kind: JoinKind) {
        if self.joins.len() < 2 * ITEMS_MAX {
            self.joins.push((left, right, kind));
        } else {
            self.complete = false;
        }
    }

    /// What all of it comes to.
    pub(super) fn finish(mut self) -> Usage {
        self.expand();
        let mut columns = Once::default();
        for (reference, written, place) in std::mem::take(&mut self.uses) {
            if let (Some(column), _) = self.follow(&reference) {
                columns.push(ColumnUse { column, written, place });
            }
        }
        let mut joins = Once::default();
        for (left, right, kind) in std::mem::take(&mut self.joins) {
            let ((left, one), (right, other)) = (self.follow(&left), self.follow(&right));
            let (Some(left), Some(right)) = (left, right) else { continue };
            // Two columns of the same row, or one column, bring nothing together.
            let same_row = one.is_some() && one == other;
            let same_column = left == right && left.relation.is_none() && kind != JoinKind::Natural;
            if !same_row && !same_column {
                joins.push(Join { left, right, kind });
            }
        }
        self.complete &= self.steps < STEPS_MAX && !columns.full && !joins.full;
        Usage { relations: self.relations, columns: columns.list, joins: joins.list, complete: self.complete }
    }

    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        if self.caseless { one.eq_ignore_ascii_case(other) } else { one == other }
    }

    /// Counts work; `false` when there was too much of it.
    pub(super) fn step(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.steps < STEPS_MAX
    }
}

/// A list in which each stands once, in order of appearance.
#[derive(Debug)]
struct Once<Value> {
    list: Vec<Value>,
    known: HashSet<Value>,
    full: bool,
}

impl<Value> Default for Once<Value> {
    fn default() -> Once<Value> {
        Once { list: Vec::new(), known: HashSet::new(), full: false }
    }
}

impl<Value: Clone + Eq + Hash> Once<Value> {
    fn push(&mut self, value: Value) {
        if self.known.contains(&value) {
            return;
        }
        if self.list.len() >= ITEMS_MAX {
            self.full = true;
            return;
        }
        self.known.insert(value.clone());
        self.list.push(value);
    }
}
