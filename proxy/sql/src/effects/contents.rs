//! What do the expressions and queries do that a definition holds?
//!
//! Some run at once (the index of a table that has rows, the default of a new column), the others for whoever
//! uses what is defined. Bodies of functions are texts in a language of their own and not looked into.

use super::scope::Item;
use super::walk::{Place, Walk};
use exchange::{Access, Marks};
use pg_raw_parse::Node;
use pg_raw_parse::nodes::{
    AlterDomainStmt, AlterTableCmd, AlterTableType, ColumnDef, Constraint, CreateDomainStmt, CreateStatsStmt,
    CreateStmt, IndexElem, IndexStmt, PartitionBoundSpec, RangeVar, RuleStmt,
};

impl<'a> Walk<'a> {
    /// A level on which columns are those of `relation`.
    pub(super) fn columns_of(&mut self, relation: Option<&'a RangeVar>) -> Place {
        let scope = self.scopes.open(0);
        if let Some(relation) = relation {
            self.owner(relation, Access::DEFINE, scope);
        }
        Walk::within(scope)
    }

    pub(super) fn table_contents(&mut self, create: &'a CreateStmt) {
        let place = self.columns_of(create.relation());
        for element in create.table_elts().iter() {
            match element {
                Node::ColumnDef(column) => self.column_contents(column, place),
                Node::Constraint(constraint) => self.constraint_contents(constraint, place),
                _ => {}
            }
        }
        for constraint in create.constraints().iter() {
            self.constraint_contents(constraint, place);
        }
        if let Some(bound) = create.partbound() {
            self.bound(bound, place);
        }
        if let Some(partitions) = create.partspec() {
            for element in partitions.part_params().iter() {
                self.push(place, [element.expr()]);
            }
        }
    }

    fn column_contents(&mut self, column: &'a ColumnDef, place: Place) {
        // Where ALTER TABLE changes a type, USING stands in place of a default.
        self.push(place, [column.raw_default()]);
        for constraint in column.constraints().iter() {
            if let Node::Constraint(constraint) = constraint {
                self.constraint_contents(constraint, place);
            }
        }
    }

    /// CHECK, DEFAULT, GENERATED, EXCLUDE.
    fn constraint_contents(&mut self, constraint: &'a Constraint, place: Place) {
        self.push(place, [constraint.raw_expr(), constraint.where_clause()]);
        for exclusion in constraint.exclusions().iter() {
            let Node::NodeList(pair) = exclusion else { return self.unknown_node(exclusion) };
            for part in pair.iter() {
                match part {
                    Node::IndexElem(element) => self.index_element(element, place),
                    Node::NodeList(operator) => self.found.operator(operator),
                    other => self.unknown_node(other),
                }
            }
        }
    }

    fn index_element(&mut self, element: &'a IndexElem, place: Place) {
        self.push(place, [element.expr()]);
    }

    fn bound(&mut self, bound: &'a PartitionBoundSpec, place: Place) {
        for list in [bound.listdatums(), bound.lowerdatums(), bound.upperdatums()] {
            // MINVALUE and MAXVALUE look like columns, and no column may stand there.
            for value in list.iter().filter(|value| !matches!(value, Node::ColumnRef(_))) {
                self.push(place, [value]);
            }
        }
    }

    pub(super) fn command_contents(&mut self, command: &'a AlterTableCmd, place: Place) {
        match (command.subtype, command.def()) {
            (_, Node::ColumnDef(column)) => self.column_contents(column, place),
            (_, Node::Constraint(constraint)) => self.constraint_contents(constraint, place),
            (_, Node::PartitionCmd(partition)) => {
                if let Some(bound) = partition.bound() {
                    self.bound(bound, place);
                }
            }
            (AlterTableType::AT_ColumnDefault | AlterTableType::AT_SetExpression, expression) => {
                self.push(place, [expression]);
            }
            _ => {}
        }
    }

    pub(super) fn index_contents(&mut self, index: &'a IndexStmt) {
        let place = self.columns_of(index.relation());
        self.push(place, [index.where_clause()]);
        for element in index.index_params().iter().rev() {
            self.index_element(element, place);
        }
    }

    pub(super) fn statistics_contents(&mut self, statistics: &'a CreateStatsStmt) {
        let place = self.columns_of(statistics.relations().iter().next());
        for element in statistics.exprs().iter() {
            match element {
                Node::StatsElem(element) => self.push(place, [element.expr()]),
                other => self.unknown_node(other),
            }
        }
    }

    pub(super) fn domain_contents(&mut self, domain: &'a CreateDomainStmt) {
        for constraint in domain.constraints().iter() {
            self.constraint_contents(constraint, Walk::within(0));
        }
    }

    pub(super) fn domain_change(&mut self, domain: &'a AlterDomainStmt) {
        match domain.def() {
            Node::Constraint(constraint) => self.constraint_contents(constraint, Walk::within(0)),
            default => self.push(Walk::within(0), [default]),
        }
    }

    /// A level on which `old` and `new` are rows of `relation`.
    pub(super) fn old_and_new(&mut self, relation: Option<&'a RangeVar>) -> Place {
        let place = self.columns_of(relation);
        let relation = self.scopes.items(place.scope).first().and_then(|item| item.relation);
        for name in ["old", "new"] {
            self.scopes.item(place.scope, Item { name, schema: None, relation });
        }
        place
    }

    pub(super) fn rule_contents(&mut self, rule: &'a RuleStmt) {
        let place = self.old_and_new(rule.relation());
        for action in rule.actions().iter() {
            match action {
                Node::NotifyStmt(_) => self.found.mark(Marks::NOTIFIES),
                other => self.push(place, [other]),
            }
        }
        self.push(place, [rule.where_clause()]);
    }
}
