//! What do MySQL and MariaDB bring along under which name: functions, variables, system tables?
//!
//! Both in one: where they differ, the lists say whose a name is, and the [server](crate::MysqlServer) that reads
//! the text decides. `docs/functions.md` has the reasons.

pub(crate) mod character_sets;
pub(crate) mod functions;
pub(crate) mod relations;
pub(crate) mod variables;
