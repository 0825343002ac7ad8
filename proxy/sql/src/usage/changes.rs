//! What does a change of rows use, by the grammar's tree?

use super::draft::{Item, Level, Query};
use super::tree::{Reader, Spot, Task, as_target, first_item, outputs};
use super::{JoinKind, Place};
use exchange::Access;
use pg_raw_parse::Node;
use pg_raw_parse::nodes::{
    CmdType, InsertStmt, MergeStmt, OnConflictClause, RangeVar, ResTarget, ReturningClause, WithClause,
};

impl<'a> Reader<'a> {
    pub(super) fn change(
        &mut self,
        with: Option<&'a WithClause>,
        parent: Option<Level>,
        relation: Option<&'a RangeVar>,
        access: Access,
    ) -> Level {
        let parent = self.with_queries(with, parent);
        let level = self.draft.open(parent);
        match relation {
            Some(relation) => self.target(relation, access, level),
            None => self.draft.complete = false,
        }
        level
    }

    /// The relation a change is about: the first item of its level.
    pub(super) fn target(&mut self, relation: &'a RangeVar, access: Access, level: Level) {
        let place =
            self.draft.relation(relation.schemaname(), relation.relname().unwrap_or_default(), access);
        self.relation_item(relation, place, level);
    }

    pub(super) fn insert(&mut self, insert: &'a InsertStmt, parent: Option<Level>, query: Query) {
        let level = self.change(None, parent, insert.relation(), Access::INSERT);
        self.assignments(insert.cols().iter().filter_map(as_target), level, Place::Insert);
        if insert.cols().is_empty() {
            self.draft.column(first_item(level, "*"), true, Place::Insert);
        }
        if let Some(conflict) = insert.on_conflict_clause() {
            self.conflict(conflict, level);
        }
        self.returning(insert.returning_clause(), level, query);
        if !matches!(insert.select_stmt(), Node::None) {
            let inserted = self.draft.query();
            self.tasks.push(Task::Query(insert.select_stmt(), parent, inserted));
        }
    }

    fn conflict(&mut self, conflict: &'a OnConflictClause, level: Level) {
        if let Some(of) = self.draft.item_at(level, 0).map(|item| item.of.clone()) {
            self.draft.item(level, Item { name: "excluded".into(), schema: None, of, columns: Vec::new() });
        }
        if let Some(infer) = conflict.infer() {
            for element in infer.index_elems().iter() {
                let Node::IndexElem(element) = element else { continue };
                if let Some(name) = element.name() {
                    self.draft.column(first_item(level, name), false, Place::Insert);
                }
                self.push(Spot { level, place: Place::Insert }, element.expr());
            }
            self.push(Spot { level, place: Place::Insert }, infer.where_clause());
        }
        self.assignments(conflict.target_list().iter(), level, Place::Set);
        self.push(Spot { level, place: Place::Where }, conflict.where_clause());
    }

    /// Columns of the first item that get values.
    pub(super) fn assignments(
        &mut self,
        targets: impl Iterator<Item = &'a ResTarget>,
        level: Level,
        place: Place,
    ) {
        for target in targets {
            if let Some(name) = target.name() {
                self.draft.column(first_item(level, name), true, place);
            }
            self.push_list(Spot { level, place }, target.indirection());
            self.push(Spot { level, place }, target.val());
        }
    }

    pub(super) fn returning(&mut self, returning: Option<&'a ReturningClause>, level: Level, query: Query) {
        let Some(returning) = returning else { return };
        if let Some(of) = self.draft.item_at(level, 0).map(|item| item.of.clone()) {
            for option in returning.options().iter() {
                let name = option.value().unwrap_or_default().into();
                self.draft.item(level, Item { name, schema: None, of: of.clone(), columns: Vec::new() });
            }
        }
        let targets = || returning.exprs().iter().filter_map(as_target);
        self.draft.returns(query, level, outputs(targets(), level));
        for target in targets() {
            self.push(Spot { level, place: Place::Select }, target.val());
        }
    }

    pub(super) fn merge(&mut self, merge: &'a MergeStmt, parent: Option<Level>, query: Query) {
        let level = self.change(merge.with_clause(), parent, merge.relation(), Access::READ);
        self.source(merge.source_relation(), level);
        self.push_condition(Spot { level, place: Place::Join }, merge.join_condition(), JoinKind::Inner);
        for when in merge.merge_when_clauses().iter() {
            let inserts = when.command_type == CmdType::CMD_INSERT;
            let place = if inserts { Place::Insert } else { Place::Set };
            self.push(Spot { level, place: Place::Where }, when.condition());
            self.assignments(when.target_list().iter().filter_map(as_target), level, place);
            if inserts && when.target_list().is_empty() {
                self.draft.column(first_item(level, "*"), true, place);
            }
            self.push_list(Spot { level, place }, when.values());
        }
        self.returning(merge.returning_clause(), level, query);
    }
}
