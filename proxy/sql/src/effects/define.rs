//! What do the statements define that make, change and drop objects, and who may do what with them?
//!
//! What a definition holds (queries, defaults, conditions) is looked into by [`super::contents`].

use super::walk::Walk;
use exchange::{Access, Class, Marks};
use pg_raw_parse::Node;
use pg_raw_parse::list::NodeList;
use pg_raw_parse::nodes::{
    AlterTableStmt, AlterTableType, Constraint, CreateStmt, DefineStmt, DropStmt, GrantStmt, GrantTargetType,
    ObjectType, RangeVar, RenameStmt,
};

/// The kind of an object in a command's tag.
type Words = (&'static str, &'static str, &'static str);

/// An object's `CREATE`, `ALTER` and `DROP` tags.
fn words(object: ObjectType::Type) -> Words {
    macro_rules! words {
        ($($kind:ident $words:literal)*) => {
            match object {
                $(ObjectType::$kind => {
                    (concat!("create ", $words), concat!("alter ", $words), concat!("drop ", $words))
                })*
                _ => ("create", "alter", "drop"),
            }
        };
    }
    words! {
        OBJECT_ACCESS_METHOD "access method" OBJECT_AGGREGATE "aggregate" OBJECT_ATTRIBUTE "type"
        OBJECT_CAST "cast" OBJECT_COLUMN "table" OBJECT_COLLATION "collation" OBJECT_CONVERSION "conversion"
        OBJECT_DATABASE "database" OBJECT_DOMAIN "domain" OBJECT_DOMCONSTRAINT "domain"
        OBJECT_EVENT_TRIGGER "event trigger" OBJECT_EXTENSION "extension" OBJECT_FDW "foreign data wrapper"
        OBJECT_FOREIGN_SERVER "server" OBJECT_FOREIGN_TABLE "foreign table" OBJECT_FUNCTION "function"
        OBJECT_INDEX "index" OBJECT_LANGUAGE "language" OBJECT_LARGEOBJECT "large object"
        OBJECT_MATVIEW "materialized view" OBJECT_OPCLASS "operator class" OBJECT_OPERATOR "operator"
        OBJECT_OPFAMILY "operator family" OBJECT_POLICY "policy" OBJECT_PROCEDURE "procedure"
        OBJECT_PUBLICATION "publication" OBJECT_ROLE "role" OBJECT_ROUTINE "routine" OBJECT_RULE "rule"
        OBJECT_SCHEMA "schema" OBJECT_SEQUENCE "sequence" OBJECT_SUBSCRIPTION "subscription"
        OBJECT_STATISTIC_EXT "statistics" OBJECT_TABCONSTRAINT "table" OBJECT_TABLE "table"
        OBJECT_TABLESPACE "tablespace" OBJECT_TRANSFORM "transform" OBJECT_TRIGGER "trigger"
        OBJECT_TSCONFIGURATION "text search configuration" OBJECT_TSDICTIONARY "text search dictionary"
        OBJECT_TSPARSER "text search parser" OBJECT_TSTEMPLATE "text search template" OBJECT_TYPE "type"
        OBJECT_USER_MAPPING "user mapping" OBJECT_VIEW "view"
    }
}

/// Whether objects of this kind say who may do what.
fn grants(object: ObjectType::Type) -> bool {
    matches!(object, ObjectType::OBJECT_POLICY | ObjectType::OBJECT_ROLE | ObjectType::OBJECT_USER_MAPPING)
}

impl<'a> Walk<'a> {
    /// The relation is made, changed or dropped.
    pub(super) fn defines(&mut self, relation: &'a RangeVar) {
        let place = self.relation(relation, Access::DEFINE);
        let schema = relation.schemaname().unwrap_or_default();
        if u8::try_from(relation.relpersistence) == Ok(b't')
            || schema == "pg_temp"
            || schema.starts_with("pg_temp_")
        {
            self.found.temporary(place);
        }
    }

    fn ddl(&mut self, relation: Option<&'a RangeVar>, verb: &'static str) -> &'static str {
        if let Some(relation) = relation {
            self.defines(relation);
        }
        self.found.class(Class::Ddl);
        verb
    }

    fn privilege(&mut self, relation: Option<&'a RangeVar>, verb: &'static str) -> &'static str {
        self.found.class(Class::Privilege);
        self.ddl(relation, verb)
    }

    pub(super) fn definition(&mut self, node: Node<'a>) -> &'static str {
        match node {
            Node::CreateStmt(create) => self.create_table(create),
            Node::AlterTableStmt(alter) => self.alter_table(alter),
            Node::IndexStmt(one) => {
                self.index_contents(one);
                self.ddl(one.relation(), "create index")
            }
            Node::ViewStmt(one) => {
                self.push(Walk::within(0), [one.query()]);
                self.ddl(one.view(), "create view")
            }
            Node::CreateSeqStmt(one) => self.ddl(one.sequence(), "create sequence"),
            Node::AlterSeqStmt(one) => self.ddl(one.sequence(), "alter sequence"),
            Node::CreateTrigStmt(one) => {
                let place = self.old_and_new(one.relation());
                self.push(place, [one.when_clause()]);
                self.ddl(one.relation(), "create trigger")
            }
            Node::RuleStmt(one) => {
                self.rule_contents(one);
                self.ddl(one.relation(), "create rule")
            }
            Node::CompositeTypeStmt(_) | Node::CreateEnumStmt(_) | Node::CreateRangeStmt(_) => {
                self.ddl(None, "create type")
            }
            Node::AlterEnumStmt(_) | Node::AlterTypeStmt(_) => self.ddl(None, "alter type"),
            Node::CreateStatsStmt(one) => {
                self.found.class(Class::Ddl);
                for relation in one.relations().iter() {
                    self.defines(relation);
                }
                self.statistics_contents(one);
                "create statistics"
            }
            Node::AlterStatsStmt(_) => self.ddl(None, "alter statistics"),
            Node::DefineStmt(define) => self.define(define),
            Node::DropStmt(drop) => self.drop_objects(drop),
            Node::RenameStmt(rename) => self.rename(rename),
            Node::AlterObjectSchemaStmt(one) => self.ddl(one.relation(), words(one.object_type).1),
            Node::AlterObjectDependsStmt(one) => self.ddl(one.relation(), words(one.object_type).1),
            // An owner may do everything.
            Node::AlterOwnerStmt(one) => self.privilege(one.relation(), words(one.object_type).1),
            Node::CommentStmt(one) => {
                self.object(one.objtype, one.object());
                self.ddl(None, "comment")
            }
            Node::SecLabelStmt(one) => {
                self.object(one.objtype, one.object());
                self.privilege(None, "security label")
            }
            Node::CreateSchemaStmt(schema) => {
                for element in schema.schema_elts().iter() {
                    self.definition(element);
                }
                self.ddl(None, "create schema")
            }
            _ => self.access(node),
        }
    }

    /// Who may do what.
    fn access(&mut self, node: Node<'a>) -> &'static str {
        match node {
            Node::GrantStmt(grant) => self.grant(grant),
            Node::GrantRoleStmt(one) => {
                self.privilege(None, if one.is_grant { "grant role" } else { "revoke role" })
            }
            Node::AlterDefaultPrivilegesStmt(_) => self.privilege(None, "alter default privileges"),
            Node::CreateRoleStmt(_) => self.privilege(None, "create role"),
            Node::AlterRoleStmt(_) => self.privilege(None, "alter role"),
            Node::DropRoleStmt(_) => self.privilege(None, "drop role"),
            Node::DropOwnedStmt(_) => self.privilege(None, "drop owned"),
            Node::ReassignOwnedStmt(_) => self.privilege(None, "reassign owned"),
            Node::CreatePolicyStmt(one) => {
                let place = self.columns_of(one.table());
                self.push(place, [one.qual(), one.with_check()]);
                self.privilege(None, "create policy")
            }
            Node::AlterPolicyStmt(one) => {
                let place = self.columns_of(one.table());
                self.push(place, [one.qual(), one.with_check()]);
                self.privilege(None, "alter policy")
            }
            Node::CreateUserMappingStmt(_) => self.privilege(None, "create user mapping"),
            Node::AlterUserMappingStmt(_) => self.privilege(None, "alter user mapping"),
            Node::DropUserMappingStmt(_) => self.privilege(None, "drop user mapping"),
            _ => self.elsewhere(node),
        }
    }

    /// Objects that are neither relations nor say who may do what.
    fn elsewhere(&mut self, node: Node<'a>) -> &'static str {
        let verb = match node {
            Node::CreateFunctionStmt(one) if one.is_procedure => "create procedure",
            Node::CreateFunctionStmt(_) => "create function",
            Node::AlterFunctionStmt(one) => words(one.objtype).1,
            Node::CreateDomainStmt(domain) => {
                self.domain_contents(domain);
                "create domain"
            }
            Node::AlterDomainStmt(domain) => {
                self.domain_change(domain);
                "alter domain"
            }
            Node::AlterOperatorStmt(_) => "alter operator",
            Node::CreateOpClassStmt(_) => "create operator class",
            Node::CreateOpFamilyStmt(_) => "create operator family",
            Node::AlterOpFamilyStmt(_) => "alter operator family",
            Node::CreateConversionStmt(_) => "create conversion",
            Node::CreateCastStmt(_) => "create cast",
            Node::CreateTransformStmt(_) => "create transform",
            Node::AlterCollationStmt(_) => "alter collation",
            Node::CreateAmStmt(_) => "create access method",
            Node::CreatePLangStmt(_) => "create language",
            Node::CreateEventTrigStmt(_) => "create event trigger",
            Node::AlterEventTrigStmt(_) => "alter event trigger",
            Node::CreateExtensionStmt(_) => "create extension",
            Node::AlterExtensionStmt(_) | Node::AlterExtensionContentsStmt(_) => "alter extension",
            Node::CreateFdwStmt(_) => "create foreign data wrapper",
            Node::AlterFdwStmt(_) => "alter foreign data wrapper",
            Node::CreateForeignServerStmt(_) => "create server",
            Node::AlterForeignServerStmt(_) => "alter server",
            Node::ImportForeignSchemaStmt(_) => "import foreign schema",
            Node::CreatedbStmt(_) => "create database",
            Node::AlterDatabaseStmt(_) | Node::AlterDatabaseRefreshCollStmt(_) => "alter database",
            Node::DropdbStmt(_) => "drop database",
            Node::CreateTableSpaceStmt(_) => "create tablespace",
            Node::AlterTableSpaceOptionsStmt(_) => "alter tablespace",
            Node::DropTableSpaceStmt(_) => "drop tablespace",
            Node::AlterTableMoveAllStmt(one) => words(one.objtype).1,
            Node::AlterTSDictionaryStmt(_) => "alter text search dictionary",
            Node::AlterTSConfigurationStmt(_) => "alter text search configuration",
            _ => return self.replication(node),
        };
        self.ddl(None, verb)
    }

    fn replication(&mut self, node: Node<'a>) -> &'static str {
        let verb = match node {
            Node::CreatePublicationStmt(_) => "create publication",
            Node::AlterPublicationStmt(_) => "alter publication",
            Node::CreateSubscriptionStmt(_) => "create subscription",
            Node::AlterSubscriptionStmt(_) => "alter subscription",
            Node::DropSubscriptionStmt(_) => "drop subscription",
            other => {
                self.unknown_node(other);
                return "unknown";
            }
        };
        self.found.mark(Marks::REPLICATES);
        self.ddl(None, verb)
    }

    fn create_table(&mut self, create: &'a CreateStmt) -> &'static str {
        self.relations(create.inh_relations().iter(), Access::DEFINE);
        for element in create.table_elts().iter() {
            match element {
                Node::TableLikeClause(like) => {
                    self.relations(like.relation().map(Node::RangeVar), Access::READ)
                }
                Node::ColumnDef(column) => {
                    for constraint in column.constraints().iter() {
                        if let Node::Constraint(constraint) = constraint {
                            self.constraint(constraint);
                        }
                    }
                }
                Node::Constraint(constraint) => self.constraint(constraint),
                _ => {}
            }
        }
        self.ddl(create.relation(), "create table");
        self.table_contents(create);
        "create table"
    }

    /// A foreign key puts triggers on the other table.
    fn constraint(&mut self, constraint: &'a Constraint) {
        self.relations(constraint.pktable().map(Node::RangeVar), Access::DEFINE);
    }

    fn alter_table(&mut self, alter: &'a AlterTableStmt) -> &'static str {
        let place = self.columns_of(alter.relation());
        for command in alter.cmds().iter() {
            let Node::AlterTableCmd(command) = command else {
                self.unknown_node(command);
                break;
            };
            if matches!(
                command.subtype,
                AlterTableType::AT_ChangeOwner
                    | AlterTableType::AT_EnableRowSecurity
                    | AlterTableType::AT_DisableRowSecurity
                    | AlterTableType::AT_ForceRowSecurity
                    | AlterTableType::AT_NoForceRowSecurity
            ) {
                self.found.class(Class::Privilege);
            }
            self.command_contents(command, place);
            match command.def() {
                Node::Constraint(constraint) => self.constraint(constraint),
                Node::RangeVar(other) => self.relations([Node::RangeVar(other)], Access::DEFINE),
                Node::PartitionCmd(partition) => {
                    self.relations(partition.name().map(Node::RangeVar), Access::DEFINE);
                }
                _ => {}
            }
        }
        self.ddl(alter.relation(), words(alter.objtype).1)
    }

    fn define(&mut self, define: &'a DefineStmt) -> &'static str {
        self.ddl(None, words(define.kind).0)
    }

    fn rename(&mut self, rename: &'a RenameStmt) -> &'static str {
        if grants(rename.rename_type) {
            self.found.class(Class::Privilege);
        }
        let object = match rename.rename_type {
            ObjectType::OBJECT_COLUMN | ObjectType::OBJECT_TABCONSTRAINT => rename.relation_type,
            other => other,
        };
        self.ddl(rename.relation(), words(object).1)
    }

    fn drop_objects(&mut self, drop: &'a DropStmt) -> &'static str {
        for object in drop.objects().iter() {
            self.object(drop.remove_type, object);
        }
        if grants(drop.remove_type) {
            self.found.class(Class::Privilege);
        }
        self.ddl(None, words(drop.remove_type).2)
    }

    /// The relation an object is, or belongs to.
    fn object(&mut self, kind: ObjectType::Type, object: Node<'a>) {
        let Node::NodeList(names) = object else { return };
        let kept = match kind {
            ObjectType::OBJECT_TABLE
            | ObjectType::OBJECT_VIEW
            | ObjectType::OBJECT_MATVIEW
            | ObjectType::OBJECT_FOREIGN_TABLE
            | ObjectType::OBJECT_SEQUENCE
            | ObjectType::OBJECT_INDEX => names.len(),
            ObjectType::OBJECT_COLUMN
            | ObjectType::OBJECT_TRIGGER
            | ObjectType::OBJECT_RULE
            | ObjectType::OBJECT_POLICY
            | ObjectType::OBJECT_TABCONSTRAINT => names.len().saturating_sub(1),
            _ => return,
        };
        if let Some(name) = relation_name(names, kept) {
            self.found.uses(name, Access::DEFINE);
        }
    }

    fn grant(&mut self, grant: &'a GrantStmt) -> &'static str {
        let relations = grant.targtype == GrantTargetType::ACL_TARGET_OBJECT
            && matches!(grant.objtype, ObjectType::OBJECT_TABLE | ObjectType::OBJECT_SEQUENCE);
        if relations {
            for relation in grant.objects().iter() {
                self.defines(relation);
            }
        }
        self.privilege(None, if grant.is_grant { "grant" } else { "revoke" })
    }
}

/// The schema and name in the first `kept` of the names.
fn relation_name(names: &NodeList, kept: usize) -> Option<(Option<&str>, &str)> {
    let name = names.get(kept.checked_sub(1)?)?.as_str()?;
    Some((kept.checked_sub(2).and_then(|place| names.get(place)?.as_str()), name))
}
