//! The command `ledger erase`: how does somebody make the values of a day unreadable for good?

use super::whereabouts::Whereabouts;
use crate::cli::{USAGE, with_causes};
use clap::{ArgGroup, Args};
use proxy::config::ConfigError;
use proxy::ledger::LedgerSettings;
use proxy::ledger::access::{self, Written};
use proxy::ledger::values::{self, Day, EraseError, Erased};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

/// What `ledger erase` is asked.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("days").args(["day", "before", "today"]).required(true).multiple(true))]
pub(in crate::cli) struct Erase {
    #[command(flatten)]
    whereabouts: Whereabouts,
    /// The day whose values are erased, in UTC: 2026-11-20. May be repeated
    #[arg(long, value_name = "DAY", conflicts_with = "before")]
    day: Vec<Day>,
    /// Erases the values of all days before this one
    #[arg(long, value_name = "DAY")]
    before: Option<Day>,
    /// Erases today, alone or with the other days: nothing more of it is kept then
    #[arg(long)]
    today: bool,
    /// Does not ask first
    #[arg(long)]
    yes: bool,
}

/// Why nothing, or not everything, was erased.
#[derive(Debug, thiserror::Error)]
enum NotErased {
    /// The settings do not say where the ledger is.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It is not over.
    #[error(
        "{0} is not over: values of it may still be kept\n    hint: erase it tomorrow, or add `--today`; the rest of the \
         day then has no values"
    )]
    NotOver(Day),
    /// There is nothing of it.
    #[error("{0} has not begun: there is nothing to erase\n    hint: days count in UTC, where it is {today} now", today = Day::today())]
    NotBegun(Day),
    /// Nobody can be asked.
    #[error("nobody can be asked whether to erase: standard input is no terminal\n    hint: add `--yes`")]
    NoTerminal,
    /// Somebody said no.
    #[error("nothing was erased")]
    Declined,
    /// The terminal failed.
    #[error("cannot ask whether to erase")]
    Terminal(#[source] io::Error),
    /// A key is still there.
    #[error(transparent)]
    Erase(#[from] EraseError),
    /// It is done and not told.
    #[error(
        "the values of {day} are erased, and the ledger does not tell of it: {why}\n    hint: run the same command again, \
         it ends what is left"
    )]
    NotRecorded {
        /// Which day.
        day: Day,
        /// Why.
        why: String,
    },
}

/// Answers it.
pub(super) fn run(erase: &Erase) -> ExitCode {
    match answer(erase) {
        Ok(text) => super::super::print(&text),
        Err(error) => {
            eprintln!("dragoman: {}", with_causes(&error));
            match error {
                NotErased::NotOver(_) | NotErased::NotBegun(_) | NotErased::NoTerminal => {
                    ExitCode::from(USAGE)
                }
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn answer(erase: &Erase) -> Result<String, NotErased> {
    let settings = erase.whereabouts.ledger_settings()?;
    let days = days(erase, &settings)?;
    if days.is_empty() {
        return Ok(format!("there is no key of a day before that in `{}`\n", settings.keys.display()));
    }
    if !erase.yes {
        ask(&days, &settings)?;
    }
    let by = access::oneself();
    let mut erased = Vec::new();
    for day in days {
        erased.push(one(&settings, day, &by)?);
    }
    Ok(told(&erased))
}

/// The days that are meant, each once, oldest first.
fn days(erase: &Erase, settings: &LedgerSettings) -> Result<Vec<Day>, NotErased> {
    let today = Day::today();
    let mut days = match erase.before {
        Some(before) => values::days_before(&settings.keys, before)?,
        None => erase.day.clone(),
    };
    days.extend(erase.today.then_some(today));
    days.sort_unstable();
    days.dedup();
    if let Some(day) = days.iter().find(|day| **day > today) {
        return Err(NotErased::NotBegun(*day));
    }
    match days.iter().find(|day| **day == today && !erase.today) {
        Some(day) => Err(NotErased::NotOver(*day)),
        None => Ok(days),
    }
}

/// Erases a day and has the ledger tell of it.
fn one(settings: &LedgerSettings, day: Day, by: &str) -> Result<Erased, NotErased> {
    let erased = values::erase(&settings.keys, day, by)?;
    if !erased.is_recorded {
        if let Written::Nowhere(why) | Written::Refused(why) = access::write_down_erased(settings, day) {
            return Err(NotErased::NotRecorded { day, why });
        }
        values::confirm(&settings.keys, day)?;
    }
    Ok(erased)
}

fn ask(days: &[Day], settings: &LedgerSettings) -> Result<(), NotErased> {
    if !io::stdin().is_terminal() {
        return Err(NotErased::NoTerminal);
    }
    let names = names(days);
    let mut screen = io::stderr().lock();
    write!(
        screen,
        "This destroys the key of {names} in `{}`.\nThe texts, parameters and errors that were kept then can never be read \
         again, by anybody.\nErase? [y/N] ",
        settings.keys.display()
    )
    .and_then(|()| screen.flush())
    .map_err(NotErased::Terminal)?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(NotErased::Terminal)?;
    if matches!(line.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(NotErased::Declined) }
}

fn told(erased: &[Erased]) -> String {
    let days: Vec<Day> = erased.iter().map(|erased| erased.day).collect();
    let mut text = match erased {
        [only] if !only.had_key => format!("the values of {} had been erased before\n", only.day),
        _ => format!("erased: the values of {}\n", names(&days)),
    };
    text.push_str(
        "\nunreadable from now on   their texts, parameters and errors; their hashes mean nothing\n\
         as it was                every record, with its statement without literals; `dragoman ledger verify` still holds\n\
         left to you              backups and snapshots of the keys' folder that have the key: erase it there as well\n",
    );
    text
}

fn names(days: &[Day]) -> String {
    let mut text = String::new();
    for (at, day) in days.iter().enumerate() {
        let before = if at == 0 {
            ""
        } else if at + 1 == days.len() {
            " and "
        } else {
            ", "
        };
        let _ = write!(text, "{before}{day}");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use clap::{Command, FromArgMatches as _};

    fn asked(arguments: &[&str]) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let command = Erase::augment_args(Command::new("erase"));
        let directory = ["erase", "--directory", folder.path().to_str().unwrap()];
        let matches = command.try_get_matches_from(directory.iter().chain(arguments));
        let erase = Erase::from_arg_matches(&matches.map_err(|error| error.to_string())?).unwrap();
        let settings = erase.whereabouts.ledger_settings().unwrap();
        let days = days(&erase, &settings).map_err(|error| error.to_string())?;
        Ok(days.iter().map(Day::to_string).collect())
    }

    #[test]
    fn today_is_erased_only_where_it_is_named() {
        let today = Day::today().to_string();
        assert_eq!(asked(&["--today"]), Ok(vec![today.clone()]));
        assert_eq!(
            asked(&["--day", "2024-02-29", "--today"]),
            Ok(vec!["2024-02-29".to_owned(), today.clone()])
        );
        assert_eq!(asked(&["--day", &today, "--today"]), Ok(vec![today.clone()]));
        assert!(asked(&["--day", &today]).unwrap_err().contains("is not over"));
        for today in [&[][..], &["--today"]] {
            let told = asked(&[&["--day", "9999-12-31"], today].concat()).unwrap_err();
            assert!(told.starts_with("9999-12-31 has not begun"), "{told}");
        }
        let usage = asked(&[]).unwrap_err();
        assert!(usage.contains("<--day <DAY>|--before <DAY>|--today>"), "{usage}");
    }
}
