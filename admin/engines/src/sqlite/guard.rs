//! What may a statement on a SQLite file do, and for how long?

use super::functions;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};
use rusqlite::limits::Limit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many steps of SQLite's machine pass between two looks at the clock: a fraction of a
/// millisecond.
const STEPS: i32 = 2_000;

/// Largest value or row, in bytes. Within one call of a function nothing stops SQLite: no text may be so long
/// that it takes long.
pub(super) const VALUE_BYTES_MAX: i32 = 32 * 1024 * 1024;
/// Longest pattern of LIKE and GLOB: it is compared with every place of a text.
const PATTERN_BYTES_MAX: i32 = 500;

/// Pragmas that only tell something. With a value they take the name of a table or an index, but for
/// those of the second list, which would set something.
const TELLING: [&str; 12] = [
    "table_list",
    "table_info",
    "table_xinfo",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "collation_list",
    "function_list",
    "module_list",
    "compile_options",
];
const TELLING_WITHOUT_VALUE: [&str; 9] = [
    "user_version",
    "schema_version",
    "application_id",
    "encoding",
    "page_count",
    "page_size",
    "freelist_count",
    "journal_mode",
    "data_version",
];

/// Functions that reach out of the file, where a build or an extension has them.
const REACHING_OUT: [&str; 9] = [
    "load_extension",
    "readfile",
    "writefile",
    "edit",
    "lsmode",
    "fts3_tokenizer",
    "zipfile",
    "fsdir",
    "sqlite_log",
];

/// One question to the file, and when it has to end.
#[derive(Debug)]
pub(super) struct Question {
    stopped: AtomicBool,
    late: AtomicBool,
    deadline: Option<Instant>,
}

impl Question {
    pub(super) fn new(limit: Duration) -> Arc<Question> {
        let deadline = Instant::now().checked_add(limit);
        Arc::new(Question { stopped: AtomicBool::new(false), late: AtomicBool::new(false), deadline })
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Whether it has to end now.
    pub(super) fn is_over(&self) -> bool {
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late {
            self.late.store(true, Ordering::Release);
        }
        late || self.stopped.load(Ordering::Acquire)
    }

    /// Whether it was time that ended it.
    pub(super) fn is_late(&self) -> bool {
        self.late.load(Ordering::Acquire)
    }
}

/// The question of the moment, for who wants to stop it.
#[derive(Debug, Default)]
pub(super) struct Watch {
    question: Mutex<Option<Arc<Question>>>,
}

impl Watch {
    pub(super) fn begin(&self, question: &Arc<Question>) {
        *self.question.lock().unwrap_or_else(PoisonError::into_inner) = Some(question.clone());
    }

    pub(super) fn end(&self) {
        *self.question.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn stop(&self) {
        if let Some(question) = &*self.question.lock().unwrap_or_else(PoisonError::into_inner) {
            question.stop();
        }
    }

    fn is_over(&self) -> bool {
        let question = self.question.lock().unwrap_or_else(PoisonError::into_inner);
        question.as_ref().is_some_and(|question| question.is_over())
    }
}

/// Puts up every wall but the read-only file itself.
pub(super) fn put_up(connection: &Connection, watch: &Arc<Watch>) -> rusqlite::Result<()> {
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // A view or a trigger of the file may be hostile: it may not call what has effects.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false)?;
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1024 * 1024),
        (Limit::SQLITE_LIMIT_COLUMN, 2_000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 500),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 500),
        (Limit::SQLITE_LIMIT_VDBE_OP, 1_000_000),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN_BYTES_MAX),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 1_000),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    functions::put_in_place(connection)?;
    connection.authorizer(Some(authorize));
    let watch = watch.clone();
    connection.progress_handler(STEPS, Some(move || watch.is_over()));
    Ok(())
}

/// Reads pass, and what a read consists of; everything else is refused, also what later versions of
/// SQLite will add.
fn authorize(context: AuthContext<'_>) -> Authorization {
    let pass = match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => {
            !REACHING_OUT.iter().any(|name| name.eq_ignore_ascii_case(function_name))
        }
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let names = |list: &[&str]| list.iter().any(|name| name.eq_ignore_ascii_case(pragma_name));
            names(&TELLING) || (pragma_value.is_none() && names(&TELLING_WITHOUT_VALUE))
        }
        // One that is left open is rolled back when the statement has ended.
        AuthAction::Transaction { operation } => {
            matches!(operation, TransactionOperation::Begin | TransactionOperation::Rollback)
        }
        _ => false,
    };
    if pass { Authorization::Allow } else { Authorization::Deny }
}
