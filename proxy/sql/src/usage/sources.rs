//! What does FROM name, by the grammar's tree, and how are its parts joined?

use super::draft::{Item, Level, Of, Reference};
use super::tree::{Reader, Spot, Task, strings};
use super::{JoinKind, Place};
use exchange::Access;
use pg_raw_parse::Node;
use pg_raw_parse::list::NodeList;
use pg_raw_parse::nodes::{Alias, JoinExpr, JoinType, JsonTable, RangeFunction, RangeTableFunc, RangeVar};
use pg_raw_parse::walk::{Recurse, walk_manual};

/// A part of FROM that is still to be looked at.
enum Step<'a> {
    Source(Node<'a>),
    /// The left side of a join is done, which began at this item.
    Right(&'a JoinExpr, usize),
    /// Both are: the left side begins at the first of these items, the right at the second.
    Joined(&'a JoinExpr, usize, usize),
}

impl<'a> Reader<'a> {
    pub(super) fn sources(&mut self, list: &'a NodeList, level: Level) {
        for node in list.iter() {
            self.source(node, level);
        }
    }

    /// One part of FROM, with the joins in it.
    pub(super) fn source(&mut self, node: Node<'a>, level: Level) {
        let mut steps = vec![Step::Source(node)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Source(Node::JoinExpr(join)) => {
                    steps.push(Step::Right(join, self.draft.items(level)));
                    steps.push(Step::Source(join.larg()));
                }
                Step::Source(Node::RangeTableSample(one)) => {
                    let spot = Spot { level, place: Place::Other };
                    self.push_list(spot, one.args());
                    self.push(spot, one.repeatable());
                    steps.push(Step::Source(one.relation()));
                }
                Step::Source(node) => self.single(node, level),
                Step::Right(join, left) => {
                    steps.push(Step::Joined(join, left, self.draft.items(level)));
                    steps.push(Step::Source(join.rarg()));
                }
                Step::Joined(join, left, right) => self.joined(join, level, left, right),
            }
        }
    }

    fn single(&mut self, node: Node<'a>, level: Level) {
        let spot = Spot { level, place: Place::Other };
        match node {
            Node::None => {}
            Node::RangeVar(relation) => self.range(relation, level),
            Node::RangeSubselect(one) => {
                let query = self.draft.query();
                // Only LATERAL sees what stands beside it.
                let parent = if one.lateral { Some(level) } else { self.draft.parent(level) };
                self.tasks.push(Task::Query(one.subquery(), parent, query));
                self.alias(one.alias(), Of::Query(query), level);
            }
            Node::RangeFunction(one) => self.range_function(one, spot),
            Node::RangeTableFunc(one) => self.range_table(one, spot),
            Node::JsonTable(table) => self.json_table(table, spot),
            _ => self.draft.complete = false,
        }
    }

    /// A relation that is read, or a query of a WITH.
    fn range(&mut self, relation: &'a RangeVar, level: Level) {
        let name = relation.relname().unwrap_or_default();
        let schema = relation.schemaname();
        if let (None, Some(query)) = (schema, self.draft.with(level, name)) {
            let (alias, columns) = named(relation.alias());
            let name = alias.unwrap_or(name).into();
            return self.draft.item(level, Item { name, schema: None, of: Of::Query(query), columns });
        }
        let place = self.draft.relation(schema, name, Access::READ);
        self.relation_item(relation, place, level);
    }

    /// The columns of a relation are of this level.
    pub(super) fn relation_item(&mut self, relation: &'a RangeVar, place: Option<usize>, level: Level) {
        let (alias, columns) = named(relation.alias());
        let (schema, name) = match alias {
            Some(alias) => (None, alias),
            None => (relation.schemaname().map(Box::from), relation.relname().unwrap_or_default()),
        };
        // What names its columns have then is not told.
        self.draft.complete &= columns.is_empty();
        let of = place.map_or(Of::Other, Of::Relation);
        self.draft.item(level, Item { name: name.into(), schema, of, columns });
    }

    fn alias(&mut self, alias: Option<&'a Alias>, of: Of, level: Level) {
        let (name, columns) = named(alias);
        let name = name.unwrap_or_default().into();
        self.draft.item(level, Item { name, schema: None, of, columns });
    }

    fn range_function(&mut self, one: &'a RangeFunction, spot: Spot) {
        let mut name = named(one.alias()).0;
        for pair in one.functions().iter() {
            let Node::NodeList(pair) = pair else { continue };
            for part in pair.iter() {
                match part {
                    Node::NodeList(_) => {}
                    Node::FuncCall(call) => {
                        name = name.or_else(|| call.funcname().iter().next_back().and_then(Node::as_str));
                        self.push(spot, part);
                    }
                    other => self.push(spot, other),
                }
            }
        }
        let name = name.unwrap_or_default().into();
        self.draft.item(spot.level, Item { name, schema: None, of: Of::Other, columns: Vec::new() });
    }

    fn range_table(&mut self, one: &'a RangeTableFunc, spot: Spot) {
        self.alias(one.alias(), Of::Other, spot.level);
        self.push(spot, one.docexpr());
        self.push(spot, one.rowexpr());
        for column in one.columns().iter() {
            self.push(spot, column.colexpr());
            self.push(spot, column.coldefexpr());
        }
    }

    fn json_table(&mut self, table: &'a JsonTable, spot: Spot) {
        self.alias(table.alias(), Of::Other, spot.level);
        self.push_list(spot, table.passing());
        if let Some(value) = table.context_item() {
            let tasks = &mut self.tasks;
            walk_manual::<()>(Node::JsonValueExpr(value), |part| {
                tasks.push(Task::Node(part, spot));
                Recurse::no()
            });
        }
    }

    fn joined(&mut self, join: &'a JoinExpr, level: Level, left: usize, right: usize) {
        let end = self.draft.items(level);
        let all = |items| Reference::Within { level, items, name: "*".into() };
        for column in join.using_clause().iter() {
            let name = column.sval().unwrap_or_default();
            self.draft.using(level, left..right, right..end, name);
        }
        if join.is_natural {
            self.draft.join(all(left..right), all(right..end), JoinKind::Natural);
        }
        let kind = match join.jointype {
            JoinType::JOIN_LEFT => JoinKind::Left,
            JoinType::JOIN_RIGHT => JoinKind::Right,
            JoinType::JOIN_FULL => JoinKind::Full,
            _ => JoinKind::Inner,
        };
        self.push_condition(Spot { level, place: Place::Join }, join.quals(), kind);
        for alias in [join.alias(), join.join_using_alias()].into_iter().flatten() {
            self.alias(Some(alias), Of::Items(left..end), level);
        }
    }
}

/// The name an alias gives, and those of its columns.
fn named(alias: Option<&Alias>) -> (Option<&str>, Vec<Box<str>>) {
    match alias {
        Some(alias) => (alias.aliasname(), strings(alias.colnames())),
        None => (None, Vec::new()),
    }
}
