//! Where does a reference to a column lead?

use super::draft::{Draft, Item, Level, Of, Output, Query, Reference};
use super::{AMONG_MAX, Column};
use std::collections::HashSet;
use std::ops::Range;

/// Most references one column is followed through.
const FOLLOWED_MAX: usize = 1_000;

/// Where a reference leads.
#[derive(Debug)]
enum Found {
    Column(Column),
    /// To another reference, or several.
    Further(Vec<Reference>),
    /// To no column of a relation.
    Nothing,
}

impl Draft {
    /// The column a reference leads to, and the item it names first.
    pub(super) fn follow(&mut self, reference: &Reference) -> (Option<Column>, Option<(Level, usize)>) {
        let mut seen = HashSet::new();
        let mut owner = None;
        let mut column: Option<Column> = None;
        let mut next = vec![reference.clone()];
        while let Some(reference) = next.pop() {
            if !self.step(1) || seen.len() > FOLLOWED_MAX {
                return (None, owner);
            }
            // A query that calls itself returns what its other branches return.
            if !seen.insert(reference.clone()) {
                continue;
            }
            match self.lead(&reference, &mut owner) {
                Found::Further(references) => next.extend(references),
                Found::Nothing => return (None, owner),
                Found::Column(found) => match &column {
                    // Branches of a UNION that return columns of different relations return neither.
                    Some(known) if found != *known => return (None, owner),
                    _ => column = Some(found),
                },
            }
        }
        (column, owner)
    }

    fn lead(&mut self, reference: &Reference, owner: &mut Option<(Level, usize)>) -> Found {
        match reference {
            Reference::Named { level, schema, item: Some(item), name } => {
                match self.find(*level, schema.as_deref(), item) {
                    Some((level, place)) => {
                        owner.get_or_insert((level, place));
                        self.of_item(level, place, name)
                    }
                    None => Found::Nothing,
                }
            }
            Reference::Named { level, item: None, name, .. } => self.unqualified(*level, None, name, owner),
            Reference::Within { level, items, name } => {
                self.unqualified(*level, Some(items.clone()), name, owner)
            }
            Reference::Output { query, position } => self.of_output(*query, *position),
            Reference::Returned { query, name } => self.of_query(*query, name),
            Reference::By { level, query, name } => match self.position(*query, name) {
                Some(position) => self.of_output(*query, position),
                None => self.unqualified(*level, None, name, owner),
            },
        }
    }

    /// The innermost item called so.
    fn find(&mut self, level: Level, schema: Option<&str>, name: &str) -> Option<(Level, usize)> {
        let mut at = Some(level);
        while let Some(level) = at {
            let scope = self.scopes.get(level)?;
            let looked = 1 + scope.items.len();
            let called = |item: &Item| {
                self.same(&item.name, name) && (schema.is_none() || item.schema.as_deref() == schema)
            };
            let found = scope.items.iter().position(called);
            at = scope.parent;
            if !self.step(looked) {
                return None;
            }
            if let Some(place) = found {
                return Some((level, place));
            }
        }
        None
    }

    fn of_item(&self, level: Level, place: usize, name: &str) -> Found {
        let Some(item) = self.item_at(level, place) else { return Found::Nothing };
        let given = item.columns.iter().position(|column| self.same(column, name));
        match (&item.of, given) {
            (Of::Query(query), Some(position)) => {
                Found::Further(vec![Reference::Output { query: *query, position }])
            }
            (Of::Query(query), None) => {
                Found::Further(vec![Reference::Returned { query: *query, name: name.into() }])
            }
            // Which column of a relation has the name is not told.
            (Of::Relation(_) | Of::Items(_) | Of::Other, Some(_)) | (Of::Other, None) => Found::Nothing,
            (Of::Relation(relation), None) => {
                Found::Column(Column { relation: Some(*relation), among: Box::default(), name: name.into() })
            }
            (Of::Items(items), None) => {
                let items = items.clone();
                Found::Further(vec![Reference::Within { level, items, name: name.into() }])
            }
        }
    }

    fn of_output(&self, query: Query, position: usize) -> Found {
        let Some(query) = self.queries.get(query) else { return Found::Nothing };
        if !query.branches.is_empty() {
            let output = |branch: &Query| Reference::Output { query: *branch, position };
            return Found::Further(query.branches.iter().map(output).collect());
        }
        let before = query.outputs.get(..position).unwrap_or_default();
        if before.iter().any(|output| matches!(output, Output::All(_))) {
            return Found::Nothing;
        }
        match query.outputs.get(position) {
            Some(Output::Value { of: Some(reference), .. }) => Found::Further(vec![reference.clone()]),
            _ => Found::Nothing,
        }
    }

    /// The position of what `query` returns under this name, where it can be told.
    fn position(&self, query: Query, name: &str) -> Option<usize> {
        let mut query = self.queries.get(query)?;
        for _ in 0..FOLLOWED_MAX {
            if let Some(position) = query.names.iter().position(|one| self.same(one, name)) {
                return Some(position);
            }
            match query.branches.first() {
                Some(first) => query = self.queries.get(*first)?,
                None => break,
            }
        }
        let all = query.outputs.iter().position(|output| matches!(output, Output::All(_)));
        let certain = query.outputs.get(..all.unwrap_or(query.outputs.len()))?;
        certain.iter().position(|output| match output {
            Output::Value { name: Some(one), .. } => self.same(one, name),
            _ => false,
        })
    }

    fn of_query(&self, query: Query, name: &str) -> Found {
        if let Some(position) = self.position(query, name) {
            return Found::Further(vec![Reference::Output { query, position }]);
        }
        let Some(returns) = self.queries.get(query) else { return Found::Nothing };
        if !returns.branches.is_empty() {
            let returned = |branch: &Query| Reference::Returned { query: *branch, name: name.into() };
            return Found::Further(returns.branches.iter().map(returned).collect());
        }
        let mut all = None;
        for output in &returns.outputs {
            match output {
                Output::Value { name: Some(one), of } if self.same(one, name) => {
                    return of.clone().map_or(Found::Nothing, |of| Found::Further(vec![of]));
                }
                Output::Value { .. } => {}
                // Of which of several the column is cannot be told.
                Output::All(_) if all.is_some() => return Found::Nothing,
                Output::All(item) => all = Some(item),
            }
        }
        let level = returns.level;
        match all {
            None => Found::Nothing,
            Some(Some(item)) => Found::Further(vec![Reference::Named {
                level,
                schema: None,
                item: Some(item.clone()),
                name: name.into(),
            }]),
            Some(None) => Found::Further(vec![Reference::Within {
                level,
                items: 0..self.items(level),
                name: name.into(),
            }]),
        }
    }

    /// A column without qualifier: of this level, or of those around it unless `only` some items of this one
    /// are meant.
    fn unqualified(
        &mut self,
        level: Level,
        only: Option<Range<usize>>,
        name: &str,
        owner: &mut Option<(Level, usize)>,
    ) -> Found {
        let mut candidates = Candidates::default();
        let mut at = Some(level);
        while let Some(level) = at {
            let items = only.clone().unwrap_or(0..self.items(level));
            for place in items {
                if !self.step(1) {
                    return Found::Nothing;
                }
                if self.candidate(level, place, name, &mut candidates) && candidates.list.is_empty() {
                    // A query returns it under this name: nothing else beside it may have such a column.
                    owner.get_or_insert((level, place));
                    return self.of_item(level, place, name);
                }
            }
            at = self.parent(level).filter(|_| only.is_none());
        }
        match (candidates.only(), candidates.list.as_slice()) {
            (_, []) => Found::Nothing,
            (Some((level, place)), _) => {
                owner.get_or_insert((level, place));
                self.of_item(level, place, name)
            }
            (None, _) => Found::Column(self.undecided(&candidates, name)),
        }
    }

    /// Takes an item that may have the column; whether it is a query that is known to have it.
    fn candidate(&self, level: Level, place: usize, name: &str, candidates: &mut Candidates) -> bool {
        let Some(item) = self.item_at(level, place) else { return false };
        if item.columns.iter().any(|column| self.same(column, name)) {
            return true;
        }
        match &item.of {
            Of::Relation(_) if item.columns.is_empty() => candidates.list.push((level, place)),
            Of::Relation(_) => candidates.open = true,
            Of::Query(query) if self.position(*query, name).is_some() => return true,
            Of::Query(query) if self.returns_all(*query) => candidates.list.push((level, place)),
            Of::Query(_) => {}
            // Its own items stand beside it.
            Of::Items(_) => {}
            Of::Other => candidates.open = true,
        }
        false
    }

    /// Whether a query, or a branch of it, returns every column of something.
    fn returns_all(&self, query: Query) -> bool {
        let mut next = vec![query];
        for _ in 0..FOLLOWED_MAX {
            let Some(query) = next.pop().and_then(|query| self.queries.get(query)) else { return false };
            if query.outputs.iter().any(|output| matches!(output, Output::All(_))) {
                return true;
            }
            next.extend(&query.branches);
        }
        true
    }

    /// A column of one of several relations, or of something else.
    fn undecided(&self, candidates: &Candidates, name: &str) -> Column {
        let mut among: Vec<usize> = Vec::new();
        for (level, place) in &candidates.list {
            match self.item_at(*level, *place).map(|item| &item.of) {
                Some(Of::Relation(relation)) if !among.contains(relation) => among.push(*relation),
                _ => {}
            }
        }
        // The same relation under two names.
        let queries = candidates.list.iter().any(|(level, place)| {
            matches!(self.item_at(*level, *place).map(|item| &item.of), Some(Of::Query(_)))
        });
        let relation = among.first().copied().filter(|_| among.len() == 1 && !queries && !candidates.open);
        if relation.is_some() {
            among.clear();
        }
        among.truncate(AMONG_MAX);
        Column { relation, among: among.into(), name: name.into() }
    }
}

/// Items that may have a column.
#[derive(Debug, Default)]
struct Candidates {
    list: Vec<(Level, usize)>,
    /// Whether something else may have it, too.
    open: bool,
}

impl Candidates {
    fn only(&self) -> Option<(Level, usize)> {
        match self.list.as_slice() {
            [one] if !self.open => Some(*one),
            _ => None,
        }
    }
}
