//! Does a catalog tell what a statement does?
#![allow(clippy::unwrap_used)]

use super::*;
use exchange::{
    Access, Basis, Class, Column, Effects, Fingerprint, Function, Known, Marks, Relation, Statement, Verb,
};
use std::sync::Arc;

fn function(id: u64, name: &str, volatile: bool) -> FunctionFact {
    FunctionFact {
        id,
        schema: "public".into(),
        name: name.into(),
        volatile,
        origin: Origin::User,
        row: RowArgument::None,
        functions: Vec::new(),
        relations: Vec::new(),
    }
}

fn view(id: u64, name: &str, functions: &[u64], relations: &[u64]) -> RelationFact {
    RelationFact {
        id,
        schema: "public".into(),
        name: name.into(),
        read: Reached { functions: functions.to_vec(), relations: relations.to_vec() },
        written: Reached::default(),
    }
}

fn catalog(functions: Vec<FunctionFact>, relations: Vec<RelationFact>) -> Catalog {
    Catalog::new(CatalogFacts { functions, relations, truncated: false })
}

/// A SELECT that calls these functions, known as the words say.
fn calling(functions: &[(Option<&str>, &str, Known)]) -> Statement {
    let functions: Vec<Function> = functions
        .iter()
        .map(|(schema, name, known)| Function {
            schema: schema.map(Into::into),
            name: (*name).into(),
            known: *known,
        })
        .collect();
    let mut effects = Effects::of_class(Basis::Grammar, "select", Class::Read);
    if functions.iter().any(|one| one.known == Known::Unknown) {
        effects.marks.insert(Marks::UNKNOWN_FUNCTION);
    }
    effects.functions = functions.into();
    statement(effects)
}

/// A statement that uses a relation in this way, and a column of it.
fn using(schema: Option<&str>, relation: &str, access: Access, column: Option<&str>) -> Statement {
    let mut effects = Effects::of_class(Basis::Grammar, "select", Class::Read);
    effects.relations = [Relation { schema: schema.map(Into::into), name: relation.into(), access }].into();
    effects.columns =
        column.map(|name| Column { relation: Some(0), name: name.into() }).into_iter().collect();
    statement(effects)
}

fn statement(effects: Effects) -> Statement {
    let class = if effects.marks.contains(Marks::UNKNOWN_FUNCTION) { Class::Code } else { Class::Read };
    Statement {
        fingerprint: Fingerprint(1),
        text: "SELECT".into(),
        class,
        verb: Verb::Other,
        tables: Box::default(),
        effects: Arc::new(effects),
    }
}

#[test]
fn a_stable_function_reads_and_a_volatile_one_stays_unknown() {
    let catalog = catalog(vec![function(1, "price_of", false), function(2, "buy", true)], vec![]);
    let resolved = catalog.resolve(&calling(&[(None, "price_of", Known::Unknown)])).unwrap();
    assert_eq!((resolved.class, resolved.effects.marks), (Class::Read, Marks::NONE));
    assert_eq!(resolved.effects.functions.first().unwrap().known, Known::Reads);
    assert_eq!(catalog.resolve(&calling(&[(None, "buy", Known::Unknown)])), None);
    let both = calling(&[(None, "price_of", Known::Unknown), (None, "buy", Known::Unknown)]);
    let resolved = catalog.resolve(&both).unwrap();
    assert_eq!((resolved.class, resolved.effects.marks), (Class::Code, Marks::UNKNOWN_FUNCTION));
    assert_eq!(catalog.resolve(&calling(&[(None, "nobody_has_this", Known::Unknown)])), None);
}

#[test]
fn every_function_of_a_name_counts_unless_the_schema_is_named() {
    let mut other = function(2, "price_of", true);
    other.schema = "sales".into();
    let catalog = catalog(vec![function(1, "price_of", false), other], vec![]);
    assert_eq!(catalog.resolve(&calling(&[(None, "price_of", Known::Unknown)])), None);
    assert_eq!(catalog.resolve(&calling(&[(Some("sales"), "price_of", Known::Unknown)])), None);
    assert_eq!(catalog.resolve(&calling(&[(Some("nowhere"), "price_of", Known::Unknown)])), None);
    let resolved = catalog.resolve(&calling(&[(Some("public"), "price_of", Known::Unknown)])).unwrap();
    assert_eq!(resolved.class, Class::Read);
}

#[test]
fn a_volatile_function_hides_the_built_in_one_of_its_name() {
    let catalog = catalog(vec![function(1, "lower", true), function(2, "upper", false)], vec![]);
    let resolved = catalog.resolve(&calling(&[(None, "lower", Known::Reads)])).unwrap();
    assert_eq!((resolved.class, resolved.effects.marks), (Class::Code, Marks::UNKNOWN_FUNCTION));
    assert_eq!(catalog.resolve(&calling(&[(Some("pg_catalog"), "lower", Known::Reads)])), None);
    assert_eq!(catalog.resolve(&calling(&[(None, "upper", Known::Reads)])), None);
    assert_eq!(catalog.resolve(&calling(&[(None, "count", Known::Reads)])), None);
    assert_eq!(catalog.resolve(&calling(&[(None, "lower", Known::Acts)])), None);
}

#[test]
fn a_known_function_of_an_extension_hides_nothing() {
    let mut known = function(1, "similarity", true);
    known.origin = Origin::Extension;
    let mut unknown = function(2, "launch", true);
    unknown.origin = Origin::Extension;
    let catalog = catalog(vec![known, unknown], vec![]);
    assert_eq!(catalog.resolve(&calling(&[(None, "similarity", Known::Reads)])), None);
    assert_eq!(catalog.resolve(&calling(&[(None, "launch", Known::Unknown)])), None);
}

#[test]
fn what_a_function_names_in_its_defaults_counts() {
    let mut calls = function(1, "next_number", false);
    calls.functions = vec![2];
    let mut names_nobody = function(3, "ghost", false);
    names_nobody.functions = vec![99];
    let catalog = catalog(vec![calls, function(2, "draw", true), names_nobody], vec![]);
    assert_eq!(catalog.resolve(&calling(&[(None, "next_number", Known::Unknown)])), None);
    assert_eq!(catalog.resolve(&calling(&[(None, "ghost", Known::Unknown)])), None);
}

#[test]
fn a_view_counts_as_what_it_reaches_over_any_number_of_views() {
    let system = |id, name: &str, volatile| FunctionFact {
        schema: "pg_catalog".into(),
        origin: Origin::System,
        ..function(id, name, volatile)
    };
    let catalog = catalog(
        vec![
            function(1, "buy", true),
            function(2, "price_of", false),
            system(3, "nextval", true),
            system(4, "now", false),
        ],
        vec![
            view(10, "prices", &[2, 4], &[500]),
            view(11, "purchases", &[1], &[]),
            view(12, "all_purchases", &[], &[10, 11]),
            view(13, "everything", &[4], &[12]),
            view(14, "numbers", &[3], &[]),
            view(15, "circle", &[], &[16]),
            view(16, "square", &[], &[15]),
            view(17, "hidden", &[77], &[]),
        ],
    );
    for name in ["prices", "circle", "square", "orders"] {
        assert_eq!(catalog.resolve(&using(None, name, Access::READ, None)), None, "{name}");
    }
    for name in ["purchases", "all_purchases", "everything", "numbers", "hidden"] {
        let resolved = catalog.resolve(&using(Some("public"), name, Access::READ, None)).unwrap();
        assert_eq!(resolved.class, Class::Code, "{name}");
        assert!(resolved.effects.marks.contains(Marks::UNKNOWN_FUNCTION));
        assert_eq!(&*resolved.effects.functions.first().unwrap().name, name);
    }
    assert_eq!(catalog.resolve(&using(Some("other"), "purchases", Access::READ, None)), None);
    assert_eq!(catalog.resolve(&using(None, "purchases", Access::DEFINE, None)), None);
    assert_eq!(catalog.acting_relations().len(), 5);
}

#[test]
fn a_rule_counts_for_who_writes() {
    let mut table = view(10, "orders", &[], &[]);
    table.written.functions.push(1);
    let catalog = catalog(vec![function(1, "buy", true)], vec![table]);
    assert_eq!(catalog.resolve(&using(None, "orders", Access::READ, None)), None);
    assert!(catalog.resolve(&using(None, "orders", Access::INSERT, None)).is_some());
}

#[test]
fn a_column_that_is_a_function_of_the_row_counts() {
    let mut total = function(1, "total", true);
    total.row = RowArgument::Relation("orders".into());
    let mut any = function(2, "audit", true);
    any.row = RowArgument::Any;
    let mut stable = function(3, "label", false);
    stable.row = RowArgument::Relation("orders".into());
    let catalog = catalog(vec![total, any, stable], vec![]);
    let check = |relation, column, acts| {
        let resolved = catalog.resolve(&using(None, relation, Access::READ, Some(column)));
        assert_eq!(resolved.is_some(), acts, "{relation}.{column}");
    };
    check("orders", "total", true);
    check("invoices", "total", false);
    check("invoices", "audit", true);
    check("orders", "label", false);
    check("orders", "id", false);
}

#[test]
fn what_is_prepared_is_resolved_with_what_prepares_it() {
    let catalog = catalog(vec![function(1, "price_of", false)], vec![]);
    let mut prepare = calling(&[(None, "price_of", Known::Unknown)]);
    let inner = Box::new(prepare.clone());
    prepare.verb = Verb::Prepare { name: "p".into(), inner };
    let resolved = catalog.resolve(&prepare).unwrap();
    let Verb::Prepare { inner, .. } = &resolved.verb else { unreachable!() };
    assert_eq!((resolved.class, inner.class), (Class::Read, Class::Read));
}

#[test]
fn a_statement_without_effects_from_the_grammar_stays_as_it_is() {
    let catalog = catalog(vec![function(1, "price_of", false)], vec![]);
    let mut keywords = calling(&[(None, "price_of", Known::Unknown)]);
    Arc::make_mut(&mut keywords.effects).basis = Basis::Keywords;
    assert_eq!(catalog.resolve(&keywords), None);
}

#[test]
fn the_number_tells_facts_apart_and_their_order_does_not_matter() {
    let (one, other) = (function(1, "a", false), function(2, "b", false));
    let id = |functions| catalog(functions, vec![]).id();
    assert_eq!(id(vec![one.clone(), other.clone()]), id(vec![other.clone(), one.clone()]));
    let changed = FunctionFact { volatile: true, ..other.clone() };
    assert_ne!(id(vec![one.clone(), changed]), id(vec![one, other]));
}

#[test]
fn beyond_its_bound_a_catalog_resolves_nothing_and_says_so() {
    let functions = (0..=ITEMS_MAX as u64).map(|id| function(id, "price_of", false)).collect();
    let catalog = catalog(functions, vec![]);
    assert!(!catalog.is_complete());
    assert_eq!(catalog.resolve(&calling(&[(None, "price_of", Known::Unknown)])), None);
}
