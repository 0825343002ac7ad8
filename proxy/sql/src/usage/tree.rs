//! What does a statement use, by the grammar's tree?
//!
//! Nothing recurses: what is still to be looked at waits on a list. Which relations a statement touches
//! and how is taken from its [`effects`], so that both say the same; a node nobody listed leaves the answer
//! incomplete.

use super::draft::{Draft, Level, Output, Query, Reference};
use super::{JoinKind, Place, Usage};
use crate::effects;
use exchange::{Access, Basis};
use pg_raw_parse::Node;
use pg_raw_parse::list::{NodeList, NodeListIter};
use pg_raw_parse::nodes::{
    A_Expr, A_Expr_Kind, BoolExprType, ColumnRef, CopyStmt, FuncCall, ResTarget, SelectStmt, SetOperation,
    SubLink, SubLinkType, WithClause,
};
use pg_raw_parse::walk::{Recurse, walk_manual};

/// Where a node stands.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) level: Level,
    pub(super) place: Place,
}

/// What is still to be looked at.
pub(super) enum Task<'a> {
    Node(Node<'a>, Spot),
    /// The rest of a list: its nodes do not wait one by one.
    List(NodeListIter<'a>, Spot),
    /// A condition that all rows meet, whose equalities join.
    Condition(Node<'a>, Spot, JoinKind),
    /// What a query returns, seen from inside `parent`.
    Query(Node<'a>, Option<Level>, Query),
}

/// A statement while it is looked at.
pub(super) struct Reader<'a> {
    pub(super) draft: Draft,
    pub(super) tasks: Vec<Task<'a>>,
}

/// What the statements of `text` use; `None` where the grammar does not accept it.
pub(super) fn read(text: &str) -> Option<Usage> {
    let tree = pg_raw_parse::parse(text).ok()?;
    let mut reader = Reader { draft: Draft::new(false), tasks: Vec::new() };
    for raw in tree.iter() {
        let before: Vec<Access> = reader.draft.relations.iter().map(|one| one.access).collect();
        reader.statement(raw.stmt());
        reader.run();
        reader.agree(raw.stmt(), &before);
    }
    Some(reader.draft.finish())
}

impl<'a> Reader<'a> {
    /// What the effects say of relations is what holds. `before`: what statements before this one did.
    fn agree(&mut self, node: Node<'a>, before: &[Access]) {
        let (_, effects, _) = effects::effects_of(node);
        if effects.basis != Basis::Grammar {
            self.draft.complete = false;
            return;
        }
        for one in &effects.relations {
            let place = self.draft.relation(one.schema.as_deref(), &one.name, Access::NONE);
            if let Some((place, known)) =
                place.and_then(|place| Some((place, self.draft.relations.get_mut(place)?)))
            {
                known.access = before.get(place).copied().unwrap_or_default().with(one.access);
            }
        }
    }

    fn run(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Node(node, spot) => self.visit(node, spot),
                Task::List(mut list, spot) => {
                    if let Some(node) = list.next() {
                        self.tasks.push(Task::List(list, spot));
                        self.visit(node, spot);
                    }
                }
                Task::Condition(node, spot, kind) => self.condition(node, spot, kind),
                Task::Query(node, parent, query) => self.query(node, parent, query),
            }
        }
    }

    fn statement(&mut self, node: Node<'a>) {
        let mut node = node;
        loop {
            node = match node {
                Node::ExplainStmt(one) => one.query(),
                Node::PrepareStmt(one) => one.query(),
                Node::DeclareCursorStmt(one) => one.query(),
                Node::CreateTableAsStmt(one) => one.query(),
                Node::ViewStmt(one) => one.query(),
                Node::CopyStmt(one) => match one.query() {
                    Node::None => return self.copy(one),
                    query => query,
                },
                Node::SelectStmt(_)
                | Node::InsertStmt(_)
                | Node::UpdateStmt(_)
                | Node::DeleteStmt(_)
                | Node::MergeStmt(_) => {
                    let query = self.draft.query();
                    return self.tasks.push(Task::Query(node, None, query));
                }
                // Its relations are known from its effects, and it has no columns of rows.
                _ => return,
            };
        }
    }

    fn copy(&mut self, copy: &'a CopyStmt) {
        let Some(relation) = copy.relation() else { return };
        let level = self.draft.open(None);
        let access = if copy.is_from { Access::INSERT } else { Access::READ };
        self.target(relation, access, level);
        let spot = Spot { level, place: Place::Other };
        for name in copy.attlist().iter().filter_map(Node::as_str) {
            self.draft.column(named(level, name), copy.is_from, spot.place);
        }
        if copy.attlist().is_empty() {
            self.draft.column(named(level, "*"), copy.is_from, spot.place);
        }
        self.push(Spot { place: Place::Where, ..spot }, copy.where_clause());
    }

    pub(super) fn push(&mut self, spot: Spot, node: Node<'a>) {
        if !matches!(node, Node::None) {
            self.tasks.push(Task::Node(node, spot));
        }
    }

    pub(super) fn push_list(&mut self, spot: Spot, list: &'a NodeList) {
        if !list.is_empty() {
            self.tasks.push(Task::List(list.iter(), spot));
        }
    }

    pub(super) fn push_condition(&mut self, spot: Spot, node: Node<'a>, kind: JoinKind) {
        if !matches!(node, Node::None) {
            self.tasks.push(Task::Condition(node, spot, kind));
        }
    }

    fn visit(&mut self, node: Node<'a>, spot: Spot) {
        match node {
            Node::None
            | Node::A_Const(_)
            | Node::ParamRef(_)
            | Node::SetToDefault(_)
            | Node::SQLValueFunction(_)
            | Node::MergeSupportFunc(_)
            | Node::TypeName(_)
            | Node::CurrentOfExpr(_)
            | Node::A_Star(_)
            | Node::String(_) => {}
            Node::NodeList(list) => self.push_list(spot, list),
            Node::SelectStmt(_)
            | Node::InsertStmt(_)
            | Node::UpdateStmt(_)
            | Node::DeleteStmt(_)
            | Node::MergeStmt(_) => {
                let query = self.draft.query();
                self.query(node, Some(spot.level), query);
            }
            Node::ColumnRef(column) => match reference(column, spot.level) {
                Some(reference) => self.draft.column(reference, false, spot.place),
                None => self.stars(column, spot),
            },
            Node::ResTarget(one) => {
                self.push_list(spot, one.indirection());
                self.push(spot, one.val());
            }
            Node::FuncCall(call) => self.function(call, spot),
            Node::WindowDef(one) => {
                self.push(spot, one.start_offset());
                self.push(spot, one.end_offset());
                self.push_list(spot, one.partition_clause());
                for order in one.order_clause().iter() {
                    self.push(spot, order.node());
                }
            }
            Node::SubLink(one) => {
                self.push(spot, one.testexpr());
                self.push(spot, one.subselect());
            }
            _ => self.expression(node, spot),
        }
    }

    fn function(&mut self, call: &'a FuncCall, spot: Spot) {
        if let Some(window) = call.over() {
            self.push(spot, Node::WindowDef(window));
        }
        self.push(spot, call.agg_filter());
        for order in call.agg_order().iter() {
            self.push(spot, order.node());
        }
        self.push_list(spot, call.args());
    }

    fn expression(&mut self, node: Node<'a>, spot: Spot) {
        match node {
            Node::A_Expr(one) => {
                self.push(spot, one.lexpr());
                self.push(spot, one.rexpr());
            }
            Node::A_Indirection(one) => {
                self.push_list(spot, one.indirection());
                self.push(spot, one.arg());
            }
            Node::BoolExpr(one) => self.push_list(spot, one.args()),
            Node::NullTest(one) => self.push(spot, one.arg()),
            Node::BooleanTest(one) => self.push(spot, one.arg()),
            Node::TypeCast(one) => self.push(spot, one.arg()),
            Node::CollateClause(one) => self.push(spot, one.arg()),
            Node::NamedArgExpr(one) => self.push(spot, one.arg()),
            Node::A_Indices(one) => {
                self.push(spot, one.lidx());
                self.push(spot, one.uidx());
            }
            Node::A_ArrayExpr(one) => self.push_list(spot, one.elements()),
            Node::RowExpr(one) => self.push_list(spot, one.args()),
            Node::CaseExpr(one) => {
                self.push(spot, one.arg());
                self.push_list(spot, one.args());
                self.push(spot, one.defresult());
            }
            Node::CaseWhen(one) => {
                self.push(spot, one.expr());
                self.push(spot, one.result());
            }
            Node::CoalesceExpr(one) => self.push_list(spot, one.args()),
            Node::MinMaxExpr(one) => self.push_list(spot, one.args()),
            Node::GroupingFunc(one) => self.push_list(spot, one.args()),
            Node::GroupingSet(one) => self.push_list(spot, one.content()),
            Node::SortBy(one) => self.push(spot, one.node()),
            Node::MultiAssignRef(one) => self.push(spot, one.source()),
            _ => self.parts(node, spot),
        }
    }

    /// The nodes of XML and of SQL/JSON: what matters of them is what stands in them.
    fn parts(&mut self, node: Node<'a>, spot: Spot) {
        let known = matches!(
            node,
            Node::XmlExpr(_)
                | Node::XmlSerialize(_)
                | Node::JsonValueExpr(_)
                | Node::JsonArgument(_)
                | Node::JsonKeyValue(_)
                | Node::JsonFuncExpr(_)
                | Node::JsonIsPredicate(_)
                | Node::JsonParseExpr(_)
                | Node::JsonScalarExpr(_)
                | Node::JsonSerializeExpr(_)
                | Node::JsonObjectConstructor(_)
                | Node::JsonArrayConstructor(_)
                | Node::JsonArrayQueryConstructor(_)
                | Node::JsonObjectAgg(_)
                | Node::JsonArrayAgg(_)
                | Node::JsonAggConstructor(_)
                | Node::JsonBehavior(_)
                | Node::JsonOutput(_)
                | Node::JsonReturning(_)
                | Node::JsonFormat(_)
        );
        if !known {
            self.draft.complete = false;
            return;
        }
        let tasks = &mut self.tasks;
        walk_manual::<()>(node, |part| {
            tasks.push(Task::Node(part, spot));
            Recurse::no()
        });
    }

    /// `*` and `item.*`.
    fn stars(&mut self, column: &'a ColumnRef, spot: Spot) {
        let texts: Vec<&str> = column.fields().iter().filter_map(Node::as_str).collect();
        match texts.as_slice() {
            [] => self.draft.all(spot.level, spot.place),
            [.., schema, item] => self.all_of(spot, Some(schema), item),
            [item] => self.all_of(spot, None, item),
        }
    }

    fn all_of(&mut self, spot: Spot, schema: Option<&str>, item: &str) {
        let (schema, item) = (schema.map(Box::from), Some(Box::from(item)));
        let reference = Reference::Named { level: spot.level, schema, item, name: "*".into() };
        self.draft.column(reference, false, spot.place);
    }

    /// A condition that all rows meet: its equalities of columns join.
    fn condition(&mut self, node: Node<'a>, spot: Spot, kind: JoinKind) {
        match node {
            Node::BoolExpr(one) if one.boolop == BoolExprType::AND_EXPR => {
                for part in one.args().iter() {
                    self.push_condition(spot, part, kind);
                }
            }
            Node::A_Expr(one) => {
                self.equality(one, spot, kind);
                self.push(spot, node);
            }
            Node::SubLink(one) if one.sub_link_type == SubLinkType::ANY_SUBLINK => {
                self.member(one, spot, kind)
            }
            _ => self.push(spot, node),
        }
    }

    fn equality(&mut self, one: &'a A_Expr, spot: Spot, kind: JoinKind) {
        let equal = one.name().iter().next_back().and_then(Node::as_str) == Some("=");
        if !equal || one.kind != A_Expr_Kind::AEXPR_OP {
            return;
        }
        let pairs: Vec<(Node<'a>, Node<'a>)> = match (one.lexpr(), one.rexpr()) {
            (Node::RowExpr(left), Node::RowExpr(right)) => {
                left.args().iter().zip(right.args().iter()).collect()
            }
            pair => vec![pair],
        };
        for (left, right) in pairs {
            if let (Some(left), Some(right)) = (plain(left, spot.level), plain(right, spot.level)) {
                self.draft.join(left, right, kind);
            }
        }
    }

    /// `column IN (SELECT …)`, `column = ANY (SELECT …)`.
    fn member(&mut self, one: &'a SubLink, spot: Spot, kind: JoinKind) {
        let operator = one.oper_name().iter().next_back().and_then(Node::as_str);
        let query = self.draft.query();
        if matches!(operator, None | Some("=")) {
            let columns: Vec<Node<'a>> = match one.testexpr() {
                Node::RowExpr(row) => row.args().iter().collect(),
                column => vec![column],
            };
            for (position, column) in columns.into_iter().enumerate() {
                if let Some(column) = plain(column, spot.level) {
                    self.draft.join(column, Reference::Output { query, position }, kind);
                }
            }
        }
        self.push(spot, one.testexpr());
        self.tasks.push(Task::Query(one.subselect(), Some(spot.level), query));
    }

    /// Anything that returns columns, seen from inside `parent`.
    pub(super) fn query(&mut self, node: Node<'a>, parent: Option<Level>, query: Query) {
        match node {
            Node::SelectStmt(one) => {
                let parent = self.with_queries(one.with_clause(), parent);
                self.select(one, parent, query);
            }
            Node::InsertStmt(one) => {
                let parent = self.with_queries(one.with_clause(), parent);
                self.insert(one, parent, query);
            }
            Node::UpdateStmt(one) => {
                let level = self.change(one.with_clause(), parent, one.relation(), Access::UPDATE);
                self.sources(one.from_clause(), level);
                self.assignments(one.target_list().iter(), level, Place::Set);
                self.push_condition(
                    Spot { level, place: Place::Where },
                    one.where_clause(),
                    JoinKind::Condition,
                );
                self.returning(one.returning_clause(), level, query);
            }
            Node::DeleteStmt(one) => {
                let level = self.change(one.with_clause(), parent, one.relation(), Access::DELETE);
                self.sources(one.using_clause(), level);
                self.push_condition(
                    Spot { level, place: Place::Where },
                    one.where_clause(),
                    JoinKind::Condition,
                );
                self.returning(one.returning_clause(), level, query);
            }
            Node::MergeStmt(one) => self.merge(one, parent, query),
            _ => self.draft.complete = false,
        }
    }

    /// The level from which the queries of `with` are seen.
    pub(super) fn with_queries(
        &mut self,
        with: Option<&'a WithClause>,
        parent: Option<Level>,
    ) -> Option<Level> {
        let Some(with) = with else { return parent };
        let mut queries = Vec::new();
        let mut around = parent;
        for one in with.ctes().iter() {
            let query = self.draft.query();
            let names = strings(one.aliascolnames());
            self.draft.names(query, names);
            queries.push((one, query, around));
            around = Some(self.draft.open_with(around, one.ctename().unwrap_or_default().into(), query));
        }
        for (one, query, before) in queries {
            let seen = if with.recursive { around } else { before };
            self.tasks.push(Task::Query(one.ctequery(), seen, query));
        }
        around
    }

    fn select(&mut self, select: &'a SelectStmt, parent: Option<Level>, query: Query) {
        let level = self.draft.open(parent);
        let spot = |place| Spot { level, place };
        if select.op == SetOperation::SETOP_NONE {
            self.sources(select.from_clause(), level);
            let outputs = outputs(select.target_list().iter(), level);
            self.draft.returns(query, level, outputs);
            self.push_condition(spot(Place::Where), select.where_clause(), JoinKind::Condition);
        } else {
            for side in [select.larg(), select.rarg()].into_iter().flatten() {
                let branch = self.draft.query();
                self.draft.branch(query, branch);
                self.tasks.push(Task::Query(Node::SelectStmt(side), parent, branch));
            }
        }
        for target in select.target_list().iter() {
            self.push(spot(Place::Select), target.val());
        }
        self.push_list(spot(Place::Select), select.values_lists());
        self.push_list(spot(Place::Select), select.distinct_clause());
        self.push_list(spot(Place::Select), select.window_clause());
        self.push(spot(Place::Having), select.having_clause());
        self.push(spot(Place::Other), select.limit_offset());
        self.push(spot(Place::Other), select.limit_count());
        for node in select.group_clause().iter() {
            self.by(node, spot(Place::Group), query);
        }
        for order in select.sort_clause().iter() {
            self.by(order.node(), spot(Place::Order), query);
        }
    }

    /// What ORDER BY and GROUP BY name may be what the query returns under that name.
    fn by(&mut self, node: Node<'a>, spot: Spot, query: Query) {
        match node {
            Node::ColumnRef(column) if column.fields().len() == 1 => {
                let name = column.fields().first().and_then(Node::as_str).unwrap_or_default().into();
                self.draft.column(Reference::By { level: spot.level, query, name }, false, spot.place);
            }
            _ => self.push(spot, node),
        }
    }
}

pub(super) fn as_target(node: Node<'_>) -> Option<&ResTarget> {
    match node {
        Node::ResTarget(target) => Some(target),
        _ => None,
    }
}

pub(super) fn strings(list: &NodeList) -> Vec<Box<str>> {
    list.iter().filter_map(Node::as_str).map(Box::from).collect()
}

fn named(level: Level, name: &str) -> Reference {
    Reference::Named { level, schema: None, item: None, name: name.into() }
}

/// A column of what a change is about.
pub(super) fn first_item(level: Level, name: &str) -> Reference {
    Reference::Within { level, items: 0..1, name: name.into() }
}

/// The column that is written so; `None` where that is `*`.
fn reference(column: &ColumnRef, level: Level) -> Option<Reference> {
    let fields = column.fields();
    let texts: Vec<&str> = fields.iter().filter_map(Node::as_str).collect();
    if texts.len() != fields.len() {
        return None;
    }
    let (schema, item, name) = match *texts.as_slice() {
        [name] => (None, None, name),
        [item, name] => (None, Some(item), name),
        // Before a schema stands the database, which is the session's own.
        [schema, item, name] | [_, schema, item, name] => (Some(schema), Some(item), name),
        _ => return None,
    };
    let (schema, item) = (schema.map(Box::from), item.map(Box::from));
    Some(Reference::Named { level, schema, item, name: name.into() })
}

/// The column that an expression is, but for its type.
fn plain(node: Node<'_>, level: Level) -> Option<Reference> {
    let mut node = node;
    loop {
        node = match node {
            Node::TypeCast(one) => one.arg(),
            Node::CollateClause(one) => one.arg(),
            Node::ColumnRef(column) => return reference(column, level),
            _ => return None,
        };
    }
}

/// What a query returns.
pub(super) fn outputs<'a>(targets: impl Iterator<Item = &'a ResTarget>, level: Level) -> Vec<Output> {
    let output = |target: &'a ResTarget| match target.val() {
        Node::ColumnRef(column) => match reference(column, level) {
            Some(reference) => {
                let own = column.fields().iter().next_back().and_then(Node::as_str);
                Output::Value { name: target.name().or(own).map(Box::from), of: Some(reference) }
            }
            None => Output::All(column.fields().iter().filter_map(Node::as_str).next_back().map(Box::from)),
        },
        _ => Output::Value { name: target.name().map(Box::from), of: None },
    };
    targets.map(output).collect()
}
