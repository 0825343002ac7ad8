//! What do queries and changes of rows mean?

use super::calls::qualified;
use super::scope::Item;
use super::walk::{Condition, Part, Place, Task, Walk};
use exchange::{Access, Class, Marks, Unjudged};
use pg_raw_parse::Node;
use pg_raw_parse::list::NodeList;
use pg_raw_parse::nodes::{
    Alias, CmdType, CommonTableExpr, DeleteStmt, InsertStmt, IntoClause, JoinExpr, LimitOption,
    LockingClause, MergeStmt, OnConflictClause, RangeFunction, RangeTableFunc, RangeVar, ResTarget,
    ReturningClause, SelectStmt, SetOperation, UpdateStmt, WithClause,
};

impl<'a> Walk<'a> {
    pub(super) fn select(&mut self, select: &'a SelectStmt, place: Place) {
        let Some(with) = select.with_clause() else { return self.select_body(select, place) };
        let scope = self.with_scope(with, place.scope);
        self.tasks.push(Task::Select(select, Place { scope, ..place }));
        self.with_queries(with, place.scope, scope);
    }

    /// A query but for its WITH.
    pub(super) fn select_body(&mut self, select: &'a SelectStmt, place: Place) {
        let scope = self.scopes.open(place.scope);
        let inside = Place { condition: place.condition, ..Walk::within(scope) };
        let returned = Place { output: place.output, ..inside };
        if let Some(into) = select.into_clause() {
            self.into(into);
        }
        if place.part == Part::Whole {
            self.limit(select);
        }
        // What is pushed last is looked at first.
        for order in select.sort_clause().iter().rev() {
            self.push(inside, [Node::SortBy(order)]);
        }
        // The constant of DISTINCT without ON is a null in a list.
        self.push(
            inside,
            [
                Node::NodeList(select.group_clause()),
                select.having_clause(),
                Node::NodeList(select.window_clause()),
                select.limit_offset(),
                select.limit_count(),
            ],
        );
        self.push(returned, [Node::NodeList(select.values_lists())]);
        if select.op == SetOperation::SETOP_NONE {
            let outermost = place.part != Part::Within && select.values_lists().is_empty();
            self.condition(select.where_clause(), inside, false, outermost);
            self.sources(select.from_clause(), inside);
        } else {
            let part = if place.part == Part::Whole { Part::Branch } else { place.part };
            self.push(Place { part, ..place }, [select.larg(), select.rarg()].map(Node::from));
        }
        for target in select.target_list().iter().rev() {
            self.push(returned, [Node::ResTarget(target)]);
        }
        self.push(inside, [Node::NodeList(select.distinct_clause())]);
        for locking in select.locking_clause().iter() {
            self.locking(locking, scope);
        }
    }

    fn limit(&mut self, select: &'a SelectStmt) {
        let null = matches!(select.limit_count(), Node::None)
            || matches!(select.limit_count(), Node::A_Const(one) if one.isnull);
        if !null {
            self.found.mark(Marks::LIMITED);
            // WITH TIES returns more.
            if select.limit_option != LimitOption::LIMIT_OPTION_WITH_TIES && self.found.row_limit.is_none() {
                self.found.row_limit = Walk::count(select.limit_count());
            }
        }
    }

    /// `SELECT … INTO`, or what CREATE TABLE AS makes.
    pub(super) fn into(&mut self, into: &'a IntoClause) {
        self.found.class(Class::Ddl);
        match into.rel() {
            Some(relation) => self.defines(relation),
            None => self.found.stop(Unjudged::Node("IntoClause")),
        }
    }

    fn locking(&mut self, locking: &'a LockingClause, scope: u32) {
        self.found.mark(Marks::LOCKS_ROWS);
        let named = locking.locked_rels();
        for position in 0..self.scopes.items(scope).len() {
            let item = self.scopes.items(scope).get(position).copied();
            let chosen = |item: &Item<'_>| {
                named.is_empty()
                    || named
                        .iter()
                        .any(|one| matches!(one, Node::RangeVar(one) if one.relname() == Some(item.name)))
            };
            if let Some(relation) = item.filter(chosen).and_then(|item| item.relation) {
                self.found.access(relation, Access::LOCK);
            }
        }
    }

    /// A WHERE, which decides what rows are meant.
    fn condition(&mut self, expression: Node<'a>, place: Place, guards: bool, outermost: bool) {
        if !guards && !outermost {
            return self.push(place, [expression]);
        }
        let condition = u32::try_from(self.conditions.len()).ok();
        self.conditions.push(Condition { scope: place.scope, looks: false, guards, outermost });
        self.push(Place { condition, ..place }, [expression]);
    }

    /// The level from which all the queries of `with` are seen.
    fn with_scope(&mut self, with: &'a WithClause, outer: u32) -> u32 {
        with.ctes()
            .iter()
            .fold(outer, |scope, query| self.scopes.open_with(scope, query.ctename().unwrap_or_default()))
    }

    /// The queries of `with`: a query sees those before it, with RECURSIVE all of them.
    fn with_queries(&mut self, with: &'a WithClause, outer: u32, inner: u32) {
        // Levels were made one after the other, so that of a query's forerunners is counted down to.
        let mut scope = inner;
        let queries: Vec<&'a CommonTableExpr> = with.ctes().iter().collect();
        for (position, query) in queries.iter().enumerate().rev() {
            scope = if with.recursive {
                inner
            } else if position == 0 {
                outer
            } else {
                scope - 1
            };
            let place = Walk::within(scope);
            if let Some(cycle) = query.cycle_clause() {
                self.push(place, [cycle.cycle_mark_value(), cycle.cycle_mark_default()]);
            }
            self.push(place, [query.ctequery()]);
        }
    }

    fn sources(&mut self, list: &'a NodeList, place: Place) {
        self.source_items(list.iter().rev().collect(), place);
    }

    /// What stands in FROM, the last first.
    fn source_items(&mut self, mut items: Vec<Node<'a>>, place: Place) {
        while let Some(node) = items.pop() {
            match node {
                Node::None => {}
                Node::RangeVar(relation) => self.range(relation, place),
                Node::RangeSubselect(one) => {
                    self.alias(one.alias(), place);
                    self.push(place, [one.subquery()]);
                }
                Node::RangeFunction(one) => self.range_function(one, place),
                Node::RangeTableFunc(one) => self.range_table(one, place),
                Node::RangeTableSample(one) => {
                    let method = qualified(one.method());
                    match method {
                        Some((None | Some("pg_catalog"), "system" | "bernoulli")) => {}
                        // Of the extensions tsm_system_rows and tsm_system_time.
                        Some((_, "system_rows" | "system_time")) => {}
                        Some(name) => self.found.unknown(name),
                        None => self.unknown_node(node),
                    }
                    self.push(place, [Node::NodeList(one.args()), one.repeatable()]);
                    items.push(one.relation());
                }
                Node::JoinExpr(join) => {
                    self.join(join, place);
                    items.push(join.rarg());
                    items.push(join.larg());
                }
                Node::JsonTable(table) => {
                    self.found.mark(Marks::SINCE_17);
                    self.alias(table.alias(), place);
                    self.json_table(table, place);
                }
                other => self.unknown_node(other),
            }
        }
    }

    /// A relation that is read, or a query of a WITH.
    fn range(&mut self, relation: &'a RangeVar, place: Place) {
        let name = relation.relname().unwrap_or_default();
        let schema = relation.schemaname();
        if schema.is_none() && self.scopes.is_with(place.scope, name) {
            let name = relation.alias().and_then(Alias::aliasname).unwrap_or(name);
            return self.scopes.item(place.scope, Item { name, schema: None, relation: None });
        }
        self.owner(relation, Access::READ, place.scope);
    }

    /// A relation, and its columns are of this level.
    pub(super) fn owner(&mut self, relation: &'a RangeVar, access: Access, scope: u32) -> Option<u16> {
        let name = (relation.schemaname(), relation.relname().unwrap_or_default());
        let place = self.found.uses(name, access);
        let alias = relation.alias();
        let (schema, name) = alias.and_then(Alias::aliasname).map_or(name, |alias| (None, alias));
        // Columns that are given other names could be any.
        let renamed = alias.is_some_and(|alias| !alias.colnames().is_empty());
        if renamed {
            self.found.column(place, "*");
        }
        self.scopes.item(scope, Item { name, schema, relation: place.filter(|_| !renamed) });
        place
    }

    /// What is called so has columns, but is no relation.
    fn alias(&mut self, alias: Option<&'a Alias>, place: Place) {
        let name = alias.and_then(Alias::aliasname).unwrap_or_default();
        self.scopes.item(place.scope, Item { name, schema: None, relation: None });
    }

    fn range_function(&mut self, one: &'a RangeFunction, place: Place) {
        let mut name = one.alias().and_then(Alias::aliasname);
        for pair in one.functions().iter() {
            let Node::NodeList(pair) = pair else { return self.unknown_node(pair) };
            for part in pair.iter() {
                match part {
                    Node::NodeList(columns) => self.column_types(columns, place),
                    Node::FuncCall(call) => {
                        name = name.or_else(|| qualified(call.funcname()).map(|(_, name)| name));
                        self.push(place, [part]);
                    }
                    other => self.push(place, [other]),
                }
            }
        }
        for column in one.coldeflist().iter() {
            self.type_of(column.type_name(), place);
        }
        let name = name.unwrap_or_default();
        self.scopes.item(place.scope, Item { name, schema: None, relation: None });
    }

    fn column_types(&mut self, columns: &'a NodeList, place: Place) {
        for column in columns.iter() {
            match column {
                Node::ColumnDef(column) => self.type_of(column.type_name(), place),
                other => self.unknown_node(other),
            }
        }
    }

    fn range_table(&mut self, one: &'a RangeTableFunc, place: Place) {
        self.alias(one.alias(), place);
        self.push(place, [one.docexpr(), one.rowexpr(), Node::NodeList(one.namespaces())]);
        for column in one.columns().iter() {
            self.type_of(column.type_name(), place);
            self.push(place, [column.colexpr(), column.coldefexpr()]);
        }
    }

    fn join(&mut self, join: &'a JoinExpr, place: Place) {
        for column in join.using_clause().iter() {
            self.found.column(None, column.sval().unwrap_or_default());
        }
        if join.is_natural {
            // It compares the columns both sides have, whatever they are.
            self.found.column(None, "*");
        }
        for alias in [join.alias(), join.join_using_alias()].into_iter().flatten() {
            self.alias(Some(alias), place);
        }
        if join.alias().is_some_and(|alias| !alias.colnames().is_empty()) {
            // Columns that are given other names could be any of any relation.
            self.found.column(None, "*");
        }
        self.push(place, [join.quals()]);
    }

    /// Opens the level of a change of rows and puts the queries of its WITH before what was pushed.
    fn change(&mut self, with: Option<&'a WithClause>, place: Place) -> Place {
        let scope = with.map_or(place.scope, |with| self.with_scope(with, place.scope));
        let scope = self.scopes.open(scope);
        self.found.class(Class::Write);
        Place { scope, condition: None, ..place }
    }

    fn change_with(&mut self, with: Option<&'a WithClause>, outer: u32, inside: u32) {
        if let Some(with) = with {
            // The level of the change is the one behind its WITH's.
            self.with_queries(with, outer, inside - 1);
        }
    }

    /// The relation a change is about.
    fn target(&mut self, relation: Option<&'a RangeVar>, access: Access, place: Place) -> Option<u16> {
        match relation {
            Some(relation) => self.owner(relation, access, place.scope),
            None => {
                self.found.stop(Unjudged::Node("RangeVar"));
                None
            }
        }
    }

    fn returning(&mut self, returning: Option<&'a ReturningClause>, target: Option<u16>, place: Place) {
        let Some(returning) = returning else { return };
        for option in returning.options().iter() {
            let name = option.value().unwrap_or_default();
            self.scopes.item(place.scope, Item { name, schema: None, relation: target });
        }
        if let Some(target) = target {
            self.found.access(target, Access::READ);
        }
        if place.part == Part::Whole {
            self.found.mark(Marks::RETURNS_ROWS);
        }
        self.push(place, [Node::NodeList(returning.exprs())]);
    }

    pub(super) fn insert(&mut self, insert: &'a InsertStmt, place: Place) {
        let inside = self.change(insert.with_clause(), place);
        let quiet = Walk::within(inside.scope);
        let target = self.target(insert.relation(), Access::INSERT, inside);
        self.targets(insert.cols(), target, quiet);
        if insert.cols().is_empty() {
            self.found.column(target, "*");
        }
        if let Some(conflict) = insert.on_conflict_clause() {
            self.conflict(conflict, target, quiet);
        }
        self.returning(insert.returning_clause(), target, inside);
        // The query does not see the target: what it inserts has a level of its own beside it.
        let beside = self.scopes_around(insert.with_clause(), place.scope, inside.scope);
        self.push(Place { scope: beside, ..quiet }, [insert.select_stmt()]);
        self.change_with(insert.with_clause(), place.scope, inside.scope);
    }

    /// The level around that of a change.
    fn scopes_around(&self, with: Option<&'a WithClause>, outer: u32, inside: u32) -> u32 {
        if with.is_some() { inside - 1 } else { outer }
    }

    fn conflict(&mut self, conflict: &'a OnConflictClause, target: Option<u16>, place: Place) {
        self.scopes.item(place.scope, Item { name: "excluded", schema: None, relation: target });
        if let Some(infer) = conflict.infer() {
            for element in infer.index_elems().iter() {
                match element {
                    Node::IndexElem(element) => {
                        if let Some(name) = element.name() {
                            self.found.column(target, name);
                        }
                        self.push(place, [element.expr()]);
                    }
                    other => self.unknown_node(other),
                }
            }
            self.push(place, [infer.where_clause()]);
        }
        let mut changes = false;
        for one in conflict.target_list().iter() {
            changes = true;
            self.assigned(one, target, place);
        }
        if let Some(target) = target.filter(|_| changes) {
            self.found.access(target, Access::UPDATE);
        }
        self.push(place, [conflict.where_clause()]);
    }

    fn targets(&mut self, targets: &'a NodeList, relation: Option<u16>, place: Place) {
        for target in targets.iter() {
            match target {
                Node::ResTarget(target) => self.assigned(target, relation, place),
                other => self.unknown_node(other),
            }
        }
    }

    /// A column that gets a value.
    fn assigned(&mut self, target: &'a ResTarget, relation: Option<u16>, place: Place) {
        if let Some(name) = target.name() {
            self.found.column(relation, name);
        }
        for step in target.indirection().iter() {
            match step {
                // A field of a composite column, not a function: something is stored in it.
                Node::String(_) => {}
                Node::A_Indices(one) => self.push(place, [one.lidx(), one.uidx()]),
                other => self.unknown_node(other),
            }
        }
        self.push(place, [target.val()]);
    }

    pub(super) fn update(&mut self, update: &'a UpdateStmt, place: Place) {
        let inside = self.change(update.with_clause(), place);
        let quiet = Walk::within(inside.scope);
        let target = self.target(update.relation(), Access::UPDATE, inside);
        for one in update.target_list().iter() {
            self.assigned(one, target, quiet);
        }
        self.sources(update.from_clause(), quiet);
        self.returning(update.returning_clause(), target, inside);
        self.condition(update.where_clause(), quiet, true, place.part == Part::Whole);
        self.change_with(update.with_clause(), place.scope, inside.scope);
    }

    pub(super) fn delete(&mut self, delete: &'a DeleteStmt, place: Place) {
        let inside = self.change(delete.with_clause(), place);
        let quiet = Walk::within(inside.scope);
        let target = self.target(delete.relation(), Access::DELETE, inside);
        self.sources(delete.using_clause(), quiet);
        self.returning(delete.returning_clause(), target, inside);
        self.condition(delete.where_clause(), quiet, true, place.part == Part::Whole);
        self.change_with(delete.with_clause(), place.scope, inside.scope);
    }

    pub(super) fn merge(&mut self, merge: &'a MergeStmt, place: Place) {
        let inside = self.change(merge.with_clause(), place);
        let quiet = Walk::within(inside.scope);
        // The join reads it.
        let mut changes = Access::READ;
        for when in merge.merge_when_clauses().iter() {
            changes.insert(match when.command_type {
                CmdType::CMD_INSERT => Access::INSERT,
                CmdType::CMD_UPDATE => Access::UPDATE,
                CmdType::CMD_DELETE => Access::DELETE,
                _ => Access::NONE,
            });
        }
        let target = self.target(merge.relation(), changes, inside);
        self.source_items(vec![merge.source_relation()], quiet);
        self.returning(merge.returning_clause(), target, inside);
        let outermost = place.part == Part::Whole;
        // One condition for all: the join's and those of its branches.
        let guards = changes.intersects(Access::UPDATE.with(Access::DELETE));
        self.condition(merge.join_condition(), quiet, guards, outermost);
        let condition = self.conditions.len().checked_sub(1).and_then(|last| u32::try_from(last).ok());
        let guarded = Place { condition: condition.filter(|_| guards || outermost), ..quiet };
        for when in merge.merge_when_clauses().iter() {
            self.push(guarded, [when.condition()]);
            for node in when.target_list().iter() {
                match node {
                    Node::ResTarget(one) => self.assigned(one, target, quiet),
                    other => self.unknown_node(other),
                }
            }
            if when.command_type == CmdType::CMD_INSERT && when.target_list().is_empty() {
                self.found.column(target, "*");
            }
            self.push(quiet, [Node::NodeList(when.values())]);
        }
        self.change_with(merge.with_clause(), place.scope, inside.scope);
    }
}
