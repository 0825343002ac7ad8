//! Why is there no answer, in words for whoever asked?

use control::QuestionFailure;
use std::io;
use std::path::Path;

pub(super) fn bad_question(message: &str) -> QuestionFailure {
    QuestionFailure { code: "bad_question".to_owned(), message: message.to_owned() }
}

pub(super) fn bad_cursor(cursor: &str) -> QuestionFailure {
    // As much of it as a line has room for.
    let shown: String = cursor.chars().take(64).collect();
    let message = format!(
        "`{shown}` is no cursor; take the one of the page before, or none to begin with the newest record"
    );
    QuestionFailure { code: "bad_cursor".to_owned(), message }
}

pub(super) fn unreadable(directory: &Path, error: &io::Error) -> QuestionFailure {
    let directory = directory.display();
    let message = format!(
        "cannot search the ledger at `{directory}`: {error}; check its owner and its permissions, and whether the disk has \
         room for its indexes"
    );
    QuestionFailure { code: "unreadable".to_owned(), message }
}
