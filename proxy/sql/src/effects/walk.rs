//! What does each node of a tree mean?
//!
//! An allowlist: a node that no arm here names makes the whole statement unjudged. Nothing recurses:
//! what is still to be looked at waits on a list.

use super::calls::qualified;
use super::collect::Collector;
use super::kinds;
use super::scope::Scopes;
use exchange::{Marks, Unjudged};
use pg_raw_parse::Node;
use pg_raw_parse::const_val::ConstValue;
use pg_raw_parse::list::{NodeList, NodeListIter};
use pg_raw_parse::nodes::{A_Indirection, ColumnRef, FuncCall, SelectStmt, SubLinkType, TypeName, WindowDef};

/// Where a node stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The level of query.
    pub(super) scope: u32,
    /// The condition it is part of, by its place among [`Walk::conditions`].
    pub(super) condition: Option<u32>,
    /// Whether its value is part of what the outermost query returns.
    pub(super) output: bool,
    pub(super) part: Part,
}

/// What part of a statement a query is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// A branch of its UNION, INTERSECT or EXCEPT.
    Branch,
    /// Something within it.
    Within,
}

/// A condition of which it matters whether it looks at a row.
pub(super) struct Condition {
    /// The level whose rows are meant.
    pub(super) scope: u32,
    /// Whether it does.
    pub(super) looks: bool,
    /// Of an UPDATE or DELETE: then every row is meant if it does not.
    pub(super) guards: bool,
    /// Of the outermost query.
    pub(super) outermost: bool,
}

/// What is still to be looked at.
pub(super) enum Task<'a> {
    Node(Node<'a>, Place),
    /// The rest of a list: its nodes do not wait one by one.
    List(NodeListIter<'a>, Place),
    /// The body of a query whose WITH is done.
    Select(&'a SelectStmt, Place),
}

/// A statement while it is looked at.
pub(super) struct Walk<'a> {
    pub(super) found: Collector<'a>,
    pub(super) scopes: Scopes<'a>,
    pub(super) conditions: Vec<Condition>,
    pub(super) tasks: Vec<Task<'a>>,
    /// It is EXPLAIN without ANALYZE.
    pub(super) explains: bool,
    /// The prepared statement that an EXPLAIN runs.
    pub(super) runs: Option<&'a str>,
}

impl<'a> Walk<'a> {
    pub(super) fn new() -> Walk<'a> {
        Walk {
            found: Collector::new(),
            scopes: Scopes::new(),
            conditions: Vec::new(),
            tasks: Vec::with_capacity(32),
            explains: false,
            runs: None,
        }
    }

    /// Where a statement begins.
    pub(super) fn outermost() -> Place {
        Place { scope: 0, condition: None, output: true, part: Part::Whole }
    }

    /// Something of `scope` that no query returns.
    pub(super) fn within(scope: u32) -> Place {
        Place { scope, condition: None, output: false, part: Part::Within }
    }

    /// Looks at everything that waits.
    pub(super) fn run(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Node(node, place) => self.visit(node, place),
                Task::List(mut list, place) => {
                    if let Some(node) = list.next() {
                        self.tasks.push(Task::List(list, place));
                        self.visit(node, place);
                    }
                }
                Task::Select(select, place) => self.select_body(select, place),
            }
            if self.found.is_stopped() {
                return;
            }
            if self.scopes.is_exhausted() {
                return self.found.stop(Unjudged::TooLarge("more than 10,000,000 names to look up".into()));
            }
        }
        for condition in &self.conditions {
            if condition.guards && !condition.looks {
                self.found.mark(Marks::EVERY_ROW);
            }
        }
        let mut outermost = self.conditions.iter().filter(|condition| condition.outermost).peekable();
        if outermost.peek().is_some() && outermost.all(|condition| condition.looks) {
            self.found.mark(Marks::FILTERED);
        }
    }

    /// Puts nodes on the list so that they are looked at in this order.
    pub(super) fn push<const COUNT: usize>(&mut self, place: Place, nodes: [Node<'a>; COUNT]) {
        for node in nodes.into_iter().rev() {
            if !matches!(node, Node::None) {
                self.tasks.push(Task::Node(node, place));
            }
        }
    }

    pub(super) fn push_list(&mut self, place: Place, list: &'a NodeList) {
        if !list.is_empty() {
            self.tasks.push(Task::List(list.iter(), place));
        }
    }

    fn visit(&mut self, node: Node<'a>, place: Place) {
        let within = Place { part: Part::Within, ..place };
        match node {
            Node::None
            | Node::A_Const(_)
            | Node::ParamRef(_)
            | Node::SetToDefault(_)
            | Node::SQLValueFunction(_) => {}
            Node::MergeSupportFunc(_) => self.found.mark(Marks::SINCE_17),
            Node::NodeList(list) => self.tasks.push(Task::List(list.iter(), place)),
            Node::SelectStmt(select) => self.select(select, place),
            Node::InsertStmt(insert) => self.insert(insert, place),
            Node::UpdateStmt(update) => self.update(update, place),
            Node::DeleteStmt(delete) => self.delete(delete, place),
            Node::MergeStmt(merge) => self.merge(merge, place),
            Node::ResTarget(target) => {
                self.indirection(target.indirection(), within);
                self.push(within, [target.val()]);
            }
            Node::ColumnRef(column) => self.column(column, place),
            Node::A_Indirection(one) => {
                if one.indirection().iter().any(|step| matches!(step, Node::A_Star(_))) {
                    self.returns_all(place);
                }
                self.selection(one, within);
            }
            _ => self.expression(node, within),
        }
    }

    fn expression(&mut self, node: Node<'a>, place: Place) {
        // What only decides something is not returned.
        let quiet = Place { output: false, ..place };
        match node {
            Node::A_Expr(one) => {
                self.found.operator(one.name());
                self.push(place, [one.lexpr(), one.rexpr()]);
            }
            Node::BoolExpr(one) => self.push_list(quiet, one.args()),
            Node::NullTest(one) => self.push(quiet, [one.arg()]),
            Node::BooleanTest(one) => self.push(quiet, [one.arg()]),
            Node::TypeCast(one) => {
                self.type_of(one.type_name(), place);
                self.push(place, [one.arg()]);
            }
            Node::TypeName(one) => self.type_of(Some(one), place),
            Node::CollateClause(one) => self.push(place, [one.arg()]),
            Node::FuncCall(call) => self.function(call, place),
            Node::NamedArgExpr(one) => self.push(place, [one.arg()]),
            Node::A_Indices(one) => self.push(place, [one.lidx(), one.uidx()]),
            Node::A_ArrayExpr(one) => self.push_list(place, one.elements()),
            Node::RowExpr(one) => self.push_list(place, one.args()),
            Node::CaseExpr(one) => {
                self.push(place, [one.arg(), Node::NodeList(one.args()), one.defresult()]);
            }
            Node::CaseWhen(one) => {
                self.push(place, [one.result()]);
                self.push(quiet, [one.expr()]);
            }
            Node::CoalesceExpr(one) => self.push_list(place, one.args()),
            Node::MinMaxExpr(one) => self.push_list(place, one.args()),
            Node::GroupingFunc(one) => self.push_list(place, one.args()),
            Node::GroupingSet(one) => self.push_list(place, one.content()),
            Node::SubLink(one) => {
                self.found.operator(one.oper_name());
                let value =
                    matches!(one.sub_link_type, SubLinkType::EXPR_SUBLINK | SubLinkType::ARRAY_SUBLINK);
                self.push(if value { place } else { quiet }, [one.subselect()]);
                self.push(quiet, [one.testexpr()]);
            }
            Node::SortBy(one) => {
                self.found.operator(one.use_op());
                self.push(quiet, [one.node()]);
            }
            Node::WindowDef(one) => self.window(one, quiet),
            Node::MultiAssignRef(one) => self.push(place, [one.source()]),
            Node::CurrentOfExpr(_) => {
                self.found.mark(Marks::USES_NAME);
                self.looks(place, place.scope);
            }
            Node::XmlExpr(one) => {
                self.push(place, [Node::NodeList(one.named_args()), Node::NodeList(one.args())]);
            }
            Node::XmlSerialize(one) => {
                self.type_of(one.type_name(), place);
                self.push(place, [one.expr()]);
            }
            _ => self.json(node, place),
        }
    }

    /// No arm names it.
    pub(super) fn unknown_node(&mut self, node: Node<'a>) {
        self.found.stop(Unjudged::Node(kinds::name(node)));
    }

    fn function(&mut self, call: &'a FuncCall, place: Place) {
        self.found.call(call.funcname(), call.args().len());
        self.set_config(call);
        if let Some(window) = call.over() {
            self.push(place, [Node::WindowDef(window)]);
        }
        let quiet = Place { output: false, ..place };
        self.push(quiet, [call.agg_filter()]);
        for order in call.agg_order().iter().rev() {
            self.push(place, [Node::SortBy(order)]);
        }
        // How many rows there are tells nothing of what is in them.
        let counts = matches!(qualified(call.funcname()), Some((None | Some("pg_catalog"), "count")));
        self.push(if counts { quiet } else { place }, [Node::NodeList(call.args())]);
    }

    fn window(&mut self, window: &'a WindowDef, place: Place) {
        self.push(place, [window.start_offset(), window.end_offset()]);
        for order in window.order_clause().iter().rev() {
            self.push(place, [Node::SortBy(order)]);
        }
        self.push_list(place, window.partition_clause());
    }

    /// The type's modifiers are expressions as far as the grammar goes.
    pub(super) fn type_of(&mut self, name: Option<&'a TypeName>, place: Place) {
        if let Some(name) = name {
            self.found.type_name(name);
            self.push_list(place, name.typmods());
        }
    }

    fn selection(&mut self, one: &'a A_Indirection, place: Place) {
        let quiet = Place { output: false, ..place };
        self.indirection(one.indirection(), quiet);
        // A field of a row is not the row.
        let field = matches!(one.arg(), Node::ColumnRef(_))
            && one.indirection().iter().any(|step| matches!(step, Node::String(_)));
        self.push(if field { quiet } else { place }, [one.arg()]);
    }

    /// What stands behind a value: fields, subscripts, `*`.
    pub(super) fn indirection(&mut self, steps: &'a NodeList, place: Place) {
        for step in steps.iter() {
            match step {
                Node::String(name) => {
                    let name = name.sval().unwrap_or_default();
                    self.found.field(name);
                    // It may be a function of the database's own: only its catalog can tell.
                    self.found.column(None, name);
                }
                Node::A_Star(_) => self.found.column(None, "*"),
                Node::A_Indices(one) => self.push(place, [one.lidx(), one.uidx()]),
                other => self.unknown_node(other),
            }
        }
    }

    /// The condition `place` is in looks at a row of `scope`.
    fn looks(&mut self, place: Place, scope: u32) {
        let condition = place.condition.and_then(|condition| self.conditions.get_mut(condition as usize));
        if let Some(condition) = condition {
            condition.looks |= condition.scope == scope;
        }
    }

    fn column(&mut self, column: &'a ColumnRef, place: Place) {
        let fields = column.fields();
        let text = |position: usize| fields.get(position).and_then(|field| field.as_str());
        let stars = fields.iter().filter(|field| matches!(field, Node::A_Star(_))).count();
        match (fields.len(), stars, text(0), text(1), text(2)) {
            (1, 1, ..) => self.everything(place),
            (1, 0, Some(name), ..) => self.unqualified(name, place),
            (2, 1, Some(item), ..) => self.qualified(None, item, "*", place),
            (2, 0, Some(item), Some(name), _) => self.qualified(None, item, name, place),
            (3, 1, Some(schema), Some(item), _) => self.qualified(Some(schema), item, "*", place),
            (3, 0, Some(schema), Some(item), Some(name)) => {
                self.qualified(Some(schema), item, name, place);
            }
            (4, ..) => {
                let name = text(3).unwrap_or("*");
                self.qualified(text(1), text(2).unwrap_or_default(), name, place);
            }
            _ => self.unknown_node(Node::ColumnRef(column)),
        }
    }

    /// `*`: every column of what FROM names.
    fn everything(&mut self, place: Place) {
        self.returns_all(place);
        for position in 0..self.scopes.items(place.scope).len() {
            if let Some(item) = self.scopes.items(place.scope).get(position) {
                self.found.column(item.relation, "*");
            }
        }
    }

    fn unqualified(&mut self, name: &'a str, place: Place) {
        self.looks(place, place.scope);
        let owner = self.scopes.only(place.scope);
        self.found.column(owner, name);
        // The name of a relation stands for its whole row, unless it is that of a column too.
        if let Some((_, item)) = self.scopes.find(place.scope, None, name) {
            self.returns_all(place);
            self.found.column(item.relation, "*");
        }
    }

    fn qualified(&mut self, schema: Option<&'a str>, item: &'a str, name: &'a str, place: Place) {
        let owner = self.scopes.find(place.scope, schema, item);
        self.looks(place, owner.map_or(place.scope, |(scope, _)| scope));
        self.found.column(owner.and_then(|(_, item)| item.relation), name);
        if name == "*" {
            self.returns_all(place);
        } else {
            self.found.field(name);
        }
    }

    fn returns_all(&mut self, place: Place) {
        if place.output {
            self.found.mark(Marks::ALL_COLUMNS);
        }
    }

    /// A constant that counts rows.
    pub(super) fn count(node: Node<'a>) -> Option<u64> {
        match node {
            Node::A_Const(one) => match one.val()? {
                ConstValue::Integer(value) => u64::try_from(value).ok(),
                ConstValue::Float(text) | ConstValue::String(text) => text.parse().ok(),
                _ => None,
            },
            _ => None,
        }
    }
}
