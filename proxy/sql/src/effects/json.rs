//! What do the nodes of SQL/JSON mean? Each is an expression or holds some.

use super::walk::{Place, Walk};
use exchange::Marks;
use pg_raw_parse::Node;
use pg_raw_parse::nodes::{
    JsonAggConstructor, JsonBehavior, JsonFuncExpr, JsonKeyValue, JsonOutput, JsonTable, JsonTableColumn,
    JsonValueExpr,
};

/// Since when the grammar has a node that reads as a call of a function before.
fn since(node: Node<'_>) -> Marks {
    match node {
        Node::JsonObjectConstructor(_)
        | Node::JsonArrayConstructor(_)
        | Node::JsonArrayQueryConstructor(_)
        | Node::JsonObjectAgg(_)
        | Node::JsonArrayAgg(_) => Marks::SINCE_16,
        Node::JsonFuncExpr(_)
        | Node::JsonParseExpr(_)
        | Node::JsonScalarExpr(_)
        | Node::JsonSerializeExpr(_) => Marks::SINCE_17,
        _ => Marks::NONE,
    }
}

impl<'a> Walk<'a> {
    pub(super) fn json(&mut self, node: Node<'a>, place: Place) {
        self.found.mark(since(node));
        match node {
            Node::JsonValueExpr(one) => self.push(place, [one.raw_expr(), one.formatted_expr()]),
            Node::JsonArgument(one) => self.json_value(one.val(), place),
            Node::JsonKeyValue(one) => self.json_pair(Some(one), place),
            Node::JsonFuncExpr(one) => self.json_function(one, place),
            Node::JsonIsPredicate(one) => self.push(place, [one.expr()]),
            Node::JsonParseExpr(one) => {
                self.json_value(one.expr(), place);
                self.json_output(one.output(), place);
            }
            Node::JsonScalarExpr(one) => {
                self.push(place, [one.expr()]);
                self.json_output(one.output(), place);
            }
            Node::JsonSerializeExpr(one) => {
                self.json_value(one.expr(), place);
                self.json_output(one.output(), place);
            }
            Node::JsonObjectConstructor(one) => {
                for pair in one.exprs().iter() {
                    self.json_pair(Some(pair), place);
                }
                self.json_output(one.output(), place);
            }
            Node::JsonArrayConstructor(one) => {
                for value in one.exprs().iter() {
                    self.json_value(Some(value), place);
                }
                self.json_output(one.output(), place);
            }
            Node::JsonArrayQueryConstructor(one) => {
                self.push(place, [one.query()]);
                self.json_output(one.output(), place);
            }
            Node::JsonObjectAgg(one) => {
                self.json_aggregate(one.constructor(), place);
                self.json_pair(one.arg(), place);
            }
            Node::JsonArrayAgg(one) => {
                self.json_aggregate(one.constructor(), place);
                self.json_value(one.arg(), place);
            }
            other => self.unknown_node(other),
        }
    }

    fn json_value(&mut self, value: Option<&'a JsonValueExpr>, place: Place) {
        if let Some(value) = value {
            self.push(place, [value.raw_expr(), value.formatted_expr()]);
        }
    }

    fn json_pair(&mut self, pair: Option<&'a JsonKeyValue>, place: Place) {
        if let Some(pair) = pair {
            self.json_value(pair.value(), place);
            self.push(place, [pair.key()]);
        }
    }

    fn json_output(&mut self, output: Option<&'a JsonOutput>, place: Place) {
        self.type_of(output.and_then(JsonOutput::type_name), place);
    }

    fn json_behavior(&mut self, behavior: Option<&'a JsonBehavior>, place: Place) {
        if let Some(behavior) = behavior {
            self.push(place, [behavior.expr()]);
        }
    }

    fn json_aggregate(&mut self, aggregate: Option<&'a JsonAggConstructor>, place: Place) {
        let Some(aggregate) = aggregate else { return };
        self.json_output(aggregate.output(), place);
        self.push(place, [aggregate.agg_filter(), Node::NodeList(aggregate.agg_order())]);
        if let Some(window) = aggregate.over() {
            self.push(place, [Node::WindowDef(window)]);
        }
    }

    fn json_function(&mut self, one: &'a JsonFuncExpr, place: Place) {
        self.json_value(one.context_item(), place);
        self.push(place, [one.pathspec(), Node::NodeList(one.passing())]);
        self.json_output(one.output(), place);
        self.json_behavior(one.on_empty(), place);
        self.json_behavior(one.on_error(), place);
    }

    /// What stands in FROM as `JSON_TABLE (…)`.
    pub(super) fn json_table(&mut self, table: &'a JsonTable, place: Place) {
        self.json_value(table.context_item(), place);
        self.push(place, [Node::NodeList(table.passing())]);
        if let Some(path) = table.pathspec() {
            self.push(place, [path.string()]);
        }
        self.json_behavior(table.on_error(), place);
        let mut columns: Vec<&'a JsonTableColumn> = table.columns().iter().collect();
        while let Some(column) = columns.pop() {
            self.type_of(column.type_name(), place);
            if let Some(path) = column.pathspec() {
                self.push(place, [path.string()]);
            }
            self.json_behavior(column.on_empty(), place);
            self.json_behavior(column.on_error(), place);
            for nested in column.columns().iter() {
                match nested {
                    Node::JsonTableColumn(nested) => columns.push(nested),
                    other => self.unknown_node(other),
                }
            }
        }
    }
}
