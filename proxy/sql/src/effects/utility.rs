//! What do the statements do that are neither queries nor changes of rows nor definitions?

use super::walk::Walk;
use exchange::{Access, Class, Marks, Unjudged};
use pg_raw_parse::Node;
use pg_raw_parse::nodes::{
    CopyStmt, CreateTableAsStmt, DefElem, DiscardMode, ExecuteStmt, ExplainStmt, ObjectType, RangeVar,
    SelectStmt, SetOperation, TransactionStmt, TransactionStmtKind, VariableSetKind, VariableSetStmt,
};

/// AccessShareLock (src/include/storage/lockdefs.h).
const ACCESS_SHARE: i32 = 1;

/// Whether what is explained is an EXECUTE with arguments, or makes a table of one.
fn executes(query: Node<'_>) -> bool {
    match query {
        Node::ExecuteStmt(execute) => !execute.params().is_empty(),
        Node::CreateTableAsStmt(create) => executes(create.query()),
        _ => false,
    }
}

impl<'a> Walk<'a> {
    /// Begins with a whole statement; its command tag.
    pub(super) fn statement(&mut self, node: Node<'a>) -> &'static str {
        let place = Walk::outermost();
        match node {
            Node::SelectStmt(select) => {
                self.push(place, [node]);
                if makes_table(select) {
                    return "select into";
                }
                self.found.mark(Marks::RETURNS_ROWS);
                "select"
            }
            Node::InsertStmt(_) => self.change_of_rows(node, "insert"),
            Node::UpdateStmt(_) => self.change_of_rows(node, "update"),
            Node::DeleteStmt(_) => self.change_of_rows(node, "delete"),
            Node::MergeStmt(_) => self.change_of_rows(node, "merge"),
            Node::ExplainStmt(explain) => self.explain(explain),
            Node::CreateTableAsStmt(create) => self.create_as(create),
            Node::PrepareStmt(prepare) => {
                self.found.mark(Marks::USES_NAME);
                for name in prepare.argtypes().iter() {
                    self.type_of(Some(name), place);
                }
                self.statement(prepare.query());
                "prepare"
            }
            Node::DeclareCursorStmt(declare) => {
                self.found.mark(Marks::USES_NAME);
                self.statement(declare.query());
                "declare cursor"
            }
            Node::ExecuteStmt(execute) => self.execute(execute),
            Node::CopyStmt(copy) => self.copy(copy),
            Node::TransactionStmt(transaction) => self.transaction(transaction),
            Node::VariableSetStmt(set) => self.set(set),
            Node::VariableShowStmt(_) => self.returns("show"),
            _ => self.command(node),
        }
    }

    fn change_of_rows(&mut self, node: Node<'a>, verb: &'static str) -> &'static str {
        self.push(Walk::outermost(), [node]);
        verb
    }

    fn returns(&mut self, verb: &'static str) -> &'static str {
        self.found.mark(Marks::RETURNS_ROWS);
        verb
    }

    fn of(&mut self, class: Class, marks: Marks, verb: &'static str) -> &'static str {
        self.found.class(class);
        self.found.mark(marks);
        verb
    }

    fn command(&mut self, node: Node<'a>) -> &'static str {
        match node {
            Node::FetchStmt(fetch) if fetch.ismove => self.of(Class::Read, Marks::USES_NAME, "move"),
            Node::FetchStmt(_) => self.of(Class::Read, Marks::USES_NAME.with(Marks::RETURNS_ROWS), "fetch"),
            Node::ClosePortalStmt(close) => {
                let verb = if close.portalname().is_some() { "close cursor" } else { "close cursor all" };
                self.of(Class::Read, Marks::USES_NAME, verb)
            }
            Node::DeallocateStmt(one) => {
                let verb = if one.isall { "deallocate all" } else { "deallocate" };
                self.of(Class::Session, Marks::USES_NAME, verb)
            }
            Node::DiscardStmt(discard) => self.discard(discard.target),
            Node::ConstraintsSetStmt(_) => self.of(Class::Transaction, Marks::NONE, "set constraints"),
            Node::ListenStmt(_) => self.of(Class::Session, Marks::NOTIFIES, "listen"),
            Node::NotifyStmt(_) => self.of(Class::Session, Marks::NOTIFIES, "notify"),
            Node::UnlistenStmt(_) => self.of(Class::Session, Marks::NONE, "unlisten"),
            Node::TruncateStmt(truncate) => {
                self.relations(truncate.relations().iter(), Access::TRUNCATE);
                self.of(Class::Write, Marks::NONE, "truncate table")
            }
            Node::LockStmt(lock) => {
                // The lock a SELECT takes keeps nobody from anything a SELECT does not.
                let weakest = lock.mode == ACCESS_SHARE;
                self.relations(lock.relations().iter(), if weakest { Access::READ } else { Access::LOCK });
                match weakest {
                    true => self.of(Class::Read, Marks::NONE, "lock table"),
                    false => self.of(Class::Write, Marks::LOCKS_TABLE, "lock table"),
                }
            }
            Node::DoStmt(_) => self.of(Class::Code, Marks::RUNS_TEXT, "do"),
            Node::CallStmt(call) => {
                if let Some(call) = call.funccall() {
                    self.push(Walk::within(0), [Node::FuncCall(call)]);
                }
                self.of(Class::Code, Marks::NONE, "call")
            }
            Node::LoadStmt(_) => self.of(Class::Code, Marks::SERVER_FILE, "load"),
            Node::AlterSystemStmt(alter) => self.stored(alter.setstmt(), "alter system"),
            Node::AlterRoleSetStmt(alter) => self.stored(alter.setstmt(), "alter role"),
            Node::AlterDatabaseSetStmt(alter) => self.stored(alter.setstmt(), "alter database"),
            _ => self.maintenance(node),
        }
    }

    fn maintenance(&mut self, node: Node<'a>) -> &'static str {
        let (relation, verb) = match node {
            Node::VacuumStmt(vacuum) => {
                for one in vacuum.rels().iter() {
                    self.relations(one.relation().map(Node::RangeVar), Access::DEFINE);
                }
                (None, if vacuum.is_vacuumcmd { "vacuum" } else { "analyze" })
            }
            Node::ClusterStmt(cluster) => (cluster.relation(), "cluster"),
            Node::ReindexStmt(reindex) => (reindex.relation(), "reindex"),
            Node::RefreshMatViewStmt(refresh) => (refresh.relation(), "refresh materialized view"),
            Node::CheckPointStmt(_) => (None, "checkpoint"),
            _ => return self.definition(node),
        };
        self.relations(relation.map(Node::RangeVar), Access::DEFINE);
        self.of(Class::Maintenance, Marks::NONE, verb)
    }

    pub(super) fn relations(&mut self, relations: impl IntoIterator<Item = Node<'a>>, access: Access) {
        for node in relations {
            match node {
                Node::RangeVar(relation) => {
                    self.relation(relation, access);
                }
                other => self.unknown_node(other),
            }
        }
    }

    pub(super) fn relation(&mut self, relation: &'a RangeVar, access: Access) -> Option<u16> {
        self.found.uses((relation.schemaname(), relation.relname().unwrap_or_default()), access)
    }

    fn discard(&mut self, target: DiscardMode::Type) -> &'static str {
        match target {
            DiscardMode::DISCARD_ALL => {
                self.of(Class::Session, Marks::RESETS_SETTINGS.with(Marks::USES_NAME), "discard all")
            }
            DiscardMode::DISCARD_PLANS => self.of(Class::Session, Marks::NONE, "discard plans"),
            DiscardMode::DISCARD_SEQUENCES => self.of(Class::Session, Marks::NONE, "discard sequences"),
            _ => self.of(Class::Session, Marks::NONE, "discard temp"),
        }
    }

    fn transaction(&mut self, one: &'a TransactionStmt) -> &'static str {
        self.found.class(Class::Transaction);
        self.transaction_modes(one.options(), "transaction_read_only", true);
        match one.kind {
            TransactionStmtKind::TRANS_STMT_BEGIN => "begin",
            TransactionStmtKind::TRANS_STMT_START => "start transaction",
            TransactionStmtKind::TRANS_STMT_COMMIT => "commit",
            TransactionStmtKind::TRANS_STMT_ROLLBACK => "rollback",
            // The server's tag is the same, but what it takes back is not.
            TransactionStmtKind::TRANS_STMT_ROLLBACK_TO => "rollback to savepoint",
            TransactionStmtKind::TRANS_STMT_SAVEPOINT => "savepoint",
            TransactionStmtKind::TRANS_STMT_RELEASE => "release",
            TransactionStmtKind::TRANS_STMT_PREPARE => {
                self.of(Class::Write, Marks::NONE, "prepare transaction")
            }
            TransactionStmtKind::TRANS_STMT_COMMIT_PREPARED => {
                self.of(Class::Write, Marks::NONE, "commit prepared")
            }
            TransactionStmtKind::TRANS_STMT_ROLLBACK_PREPARED => {
                self.of(Class::Write, Marks::NONE, "rollback prepared")
            }
            _ => {
                self.found.stop(Unjudged::Node("TransactionStmt"));
                "unknown"
            }
        }
    }

    /// A setting that outlasts the session: as grave as a privilege.
    fn stored(&mut self, set: Option<&'a VariableSetStmt>, verb: &'static str) -> &'static str {
        let Some(set) = set else {
            self.found.stop(Unjudged::Node("VariableSetStmt"));
            return verb;
        };
        self.set(set);
        self.found.marks.0 &= !Marks::RESETS_SETTINGS.with(Marks::CHANGES_SETTING).0;
        // What is taken out may be what made the next sessions read-only.
        let name = set.name().unwrap_or_default();
        let resets = matches!(
            set.kind,
            VariableSetKind::VAR_RESET | VariableSetKind::VAR_RESET_ALL | VariableSetKind::VAR_SET_DEFAULT
        );
        if resets && (name.is_empty() || name.eq_ignore_ascii_case("default_transaction_read_only")) {
            self.found.mark(Marks::UNDOES_READ_ONLY);
        }
        self.of(Class::Privilege, Marks::CHANGES_STORED_SETTING, verb)
    }

    fn explain(&mut self, explain: &'a ExplainStmt) -> &'static str {
        let mut analyze = Some(false);
        for option in explain.options().iter().filter(|option| option.defname() == Some("analyze")) {
            analyze = switch(option);
        }
        self.statement(explain.query());
        if let (Some(true), Node::ExecuteStmt(execute)) = (analyze, explain.query()) {
            self.runs = execute.name();
        }
        match analyze {
            Some(true) => {}
            // The server works out the arguments of an EXECUTE also where it only explains.
            Some(false) if executes(explain.query()) => {}
            Some(false) => self.explains = true,
            None => self.found.class(Class::Unknown),
        }
        self.of(Class::Read, Marks::LITERALS_DECIDE, "explain");
        self.returns("explain")
    }

    fn execute(&mut self, execute: &'a ExecuteStmt) -> &'static str {
        self.push(Walk::within(0), [Node::NodeList(execute.params())]);
        self.of(Class::Read, Marks::USES_NAME, "execute")
    }

    fn create_as(&mut self, create: &'a CreateTableAsStmt) -> &'static str {
        if let Some(into) = create.into() {
            self.into(into);
        }
        match create.query() {
            Node::ExecuteStmt(execute) => {
                self.execute(execute);
                self.found.class(Class::Unknown);
            }
            query => self.push(Walk::within(0), [query]),
        }
        match create.objtype {
            ObjectType::OBJECT_MATVIEW => "create materialized view",
            _ => "create table as",
        }
    }

    fn copy(&mut self, copy: &'a CopyStmt) -> &'static str {
        let place = Walk::outermost();
        let access = if copy.is_from { Access::INSERT } else { Access::READ };
        if let Some(relation) = copy.relation() {
            let owner = self.owner(relation, access, place.scope);
            for column in copy.attlist().iter() {
                self.found.column(owner, column.as_str().unwrap_or_default());
            }
            if copy.attlist().is_empty() {
                self.found.column(owner, "*");
                if !copy.is_from {
                    self.found.mark(Marks::ALL_COLUMNS);
                }
            }
        }
        self.push(place, [copy.query(), copy.where_clause()]);
        self.found.mark(Marks::LITERALS_DECIDE);
        match (copy.filename(), copy.is_from) {
            (Some(_), _) if copy.is_program => self.of(Class::Code, Marks::SERVER_PROGRAM, "copy"),
            (Some(_), _) => self.of(Class::Code, Marks::SERVER_FILE, "copy"),
            (None, true) => self.of(Class::Write, Marks::TAKES_DATA, "copy"),
            (None, false) => self.returns("copy"),
        };
        if copy.is_from {
            self.found.class(Class::Write);
        }
        "copy"
    }
}

/// Whether the query has an INTO, which stands in its leftmost branch.
fn makes_table(select: &SelectStmt) -> bool {
    let mut leftmost = select;
    while let (true, Some(left)) = (leftmost.op != SetOperation::SETOP_NONE, leftmost.larg()) {
        leftmost = left;
    }
    leftmost.into_clause().is_some()
}

/// What an option that is on or off is set to; `None`: the server would reject it.
fn switch(option: &DefElem) -> Option<bool> {
    match option.arg() {
        Node::None => Some(true),
        Node::Integer(value) => match value.ival {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Node::Boolean(value) => Some(value.boolval),
        Node::String(value) => match value.sval()?.to_ascii_lowercase().as_str() {
            "true" | "on" => Some(true),
            "false" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
