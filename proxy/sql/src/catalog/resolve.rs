//! What does a statement do, now that the catalog is known?

use super::{Acting, Candidate, Catalog, RowArgument};
use exchange::{Access, Basis, Class, Column, Effects, Function, Known, Marks, Relation, Statement, Verb};
use std::sync::Arc;

impl Catalog {
    /// What `statement` does in this database; `None` when that is what it says already. A statement
    /// that calls nothing of the database's own costs a lookup for each name it uses.
    pub fn resolve(&self, statement: &Statement) -> Option<Statement> {
        if !self.complete {
            return None;
        }
        let verb = match &statement.verb {
            Verb::Prepare { name, inner } => {
                self.resolve(inner).map(|inner| Verb::Prepare { name: name.clone(), inner: Box::new(inner) })
            }
            Verb::Declare { name, hold, inner } => self.resolve(inner).map(|inner| Verb::Declare {
                name: name.clone(),
                hold: *hold,
                inner: Box::new(inner),
            }),
            _ => None,
        };
        let effects = self.effects(&statement.effects);
        if verb.is_none() && effects.is_none() {
            return None;
        }
        let mut resolved = statement.clone();
        if let Some(verb) = verb {
            resolved.verb = verb;
        }
        if let Some(effects) = effects {
            resolved.class = class(&effects);
            resolved.effects = Arc::new(effects);
        }
        Some(resolved)
    }

    fn effects(&self, effects: &Effects) -> Option<Effects> {
        if effects.basis != Basis::Grammar {
            return None;
        }
        let functions: Vec<Option<Known>> =
            effects.functions.iter().map(|function| self.known(function)).collect();
        let hidden = self.hidden(effects);
        if hidden.is_empty() && functions.iter().all(Option::is_none) {
            return None;
        }
        let mut resolved = effects.clone();
        for (function, known) in resolved.functions.iter_mut().zip(functions) {
            function.known = known.unwrap_or(function.known);
        }
        let mut all = std::mem::take(&mut resolved.functions).into_vec();
        all.extend(hidden);
        let unknown = all.iter().any(|function| function.known == Known::Unknown);
        resolved.functions = all.into_boxed_slice();
        resolved.marks = if unknown {
            resolved.marks.with(Marks::UNKNOWN_FUNCTION)
        } else {
            Marks(resolved.marks.0 & !Marks::UNKNOWN_FUNCTION.0)
        };
        Some(resolved)
    }

    /// What is known of a function, if that is another thing than the text tells.
    fn known(&self, function: &Function) -> Option<Known> {
        let candidates = self.functions.get(&function.name)?;
        let mut meant = candidates.iter().filter(|one| is_meant(one, function.schema.as_deref())).peekable();
        meant.peek()?;
        let reads = meant.all(|one| one.reads);
        match (function.known, reads) {
            (Known::Unknown, true) => Some(Known::Reads),
            // Which of two functions of a name is called is up to the types and the path: the one that may
            // write counts.
            (Known::Reads, false) => Some(Known::Unknown),
            (Known::Unknown | Known::Acts, _) | (Known::Reads, true) => None,
        }
    }

    /// What the statement calls without naming a function: views, rules, fields that are functions. Each
    /// stands for itself among the functions.
    fn hidden(&self, effects: &Effects) -> Vec<Function> {
        let mut hidden: Vec<Function> = Vec::new();
        let mut add = |schema: Option<&str>, name: &str| {
            let one = Function { schema: schema.map(Into::into), name: name.into(), known: Known::Unknown };
            if !hidden.contains(&one) && !effects.functions.contains(&one) {
                hidden.push(one);
            }
        };
        if !self.relations.is_empty() {
            for relation in effects.relations.iter().filter(|one| self.acts(one)) {
                add(relation.schema.as_deref(), &relation.name);
            }
        }
        if !self.fields.is_empty() {
            for column in effects.columns.iter().filter(|one| self.is_call(one, effects)) {
                add(None, &column.name);
            }
        }
        hidden
    }

    /// Whether using the relation runs something that may write.
    fn acts(&self, relation: &Relation) -> bool {
        let touches = Access(relation.access.0 & !Access::DEFINE.0 & !Access::LOCK.0 & !Access::TRUNCATE.0);
        let writes = touches.intersects(Access::INSERT.with(Access::UPDATE).with(Access::DELETE));
        let is_meant = |one: &&Acting| relation.schema.as_deref().is_none_or(|schema| *schema == *one.schema);
        let all = self.relations.get(&relation.name).into_iter().flatten();
        // What is written through a view is found by reading it.
        all.filter(is_meant).any(|one| (one.read && touches != Access::NONE) || (one.written && writes))
    }

    /// Whether the selection of a column may be a call: `row.name` is `name(row)` where the row has no
    /// column of that name.
    fn is_call(&self, column: &Column, effects: &Effects) -> bool {
        let Some(rows) = self.fields.get(&column.name) else { return false };
        let relation = column.relation.and_then(|place| effects.relations.get(usize::from(place)));
        rows.iter().any(|row| match (row, relation) {
            (RowArgument::Relation(name), Some(relation)) => *name == relation.name,
            (RowArgument::Relation(_) | RowArgument::Any, _) => true,
            (RowArgument::None, _) => false,
        })
    }
}

/// Whether a name with this schema, or none, can mean this function.
fn is_meant(candidate: &Candidate, schema: Option<&str>) -> bool {
    schema.is_none_or(|schema| *schema == *candidate.schema)
}

/// The gravest of what a statement does.
fn class(effects: &Effects) -> Class {
    match effects.base_class {
        Class::Unknown => Class::Unknown,
        _ if effects.marks.contains(Marks::UNKNOWN_FUNCTION) => Class::Code,
        class => class,
    }
}
