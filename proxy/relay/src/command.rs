//! What does a command without a text do?

use crate::analyses::alone;
use exchange::{Access, Command, Effects, Marks, Relation, Statement};
use sql::Analysis;
use std::sync::Arc;

/// What a message that is its own command amounts to; `object` is what it names.
pub(crate) fn of(command: Command, object: &[u8]) -> Arc<Analysis> {
    // A connection's number is no name.
    let named = if command == Command::Kill { b"" } else { object };
    let statement = sql::command(command.as_str(), named, command.class());
    let (marks, relations) = (marks(command), relations(command, object));
    let effects = Effects { marks, relations, ..(*statement.effects).clone() };
    alone(Arc::new(Statement { effects: Arc::new(effects), ..statement }))
}

fn marks(command: Command) -> Marks {
    match command {
        Command::UseDatabase => Marks::CHANGES_PATH,
        Command::ResetSession | Command::ChangeUser => Marks::RESETS_SETTINGS,
        Command::ListColumns => Marks::RETURNS_ROWS,
        Command::SetOption
        | Command::Statistics
        | Command::ListSessions
        | Command::CreateDatabase
        | Command::DropDatabase => Marks::NONE,
        // They reach beyond the session they come from.
        Command::Kill | Command::Refresh | Command::Debug | Command::Shutdown => Marks::ADMINISTERS,
    }
}

/// The columns of a table are read with their defaults: rules about the table hold.
fn relations(command: Command, object: &[u8]) -> Box<[Relation]> {
    match command {
        Command::ListColumns => {
            let name = String::from_utf8_lossy(object).into();
            Box::new([Relation { schema: None, name, access: Access::READ }])
        }
        _ => Box::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exchange::Class;

    #[test]
    fn a_list_of_columns_reads_its_table() {
        let analysis = of(Command::ListColumns, b"wages");
        let [statement] = &*analysis.statements else { panic!("{analysis:?}") };
        let [relation] = &*statement.effects.relations else { panic!("{statement:?}") };
        assert_eq!((&*relation.name, relation.access), ("wages", Access::READ));
        assert_eq!((statement.class, &*statement.text), (Class::Read, "list columns wages"));
    }

    #[test]
    fn what_puts_a_session_back_resets_its_settings() {
        for (command, marks) in [
            (Command::ResetSession, Marks::RESETS_SETTINGS),
            (Command::ChangeUser, Marks::RESETS_SETTINGS),
            (Command::UseDatabase, Marks::CHANGES_PATH),
            (Command::Kill, Marks::ADMINISTERS),
        ] {
            let analysis = of(command, b"");
            assert_eq!(analysis.statements.first().map(|one| one.effects.marks), Some(marks), "{command:?}");
        }
    }
}
