//! What stands in place of the refused execution of a portal nobody has seen?

use super::*;

#[test]
fn of_an_execution_of_nothing_the_server_says_that_there_is_nothing() {
    let look = |name| [describe('P', name), parse("dragoman_refused", "!dragoman_refused")].concat();
    let described = message(b'T', &[0, 1, b'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let ours = {
        let (mut bytes, refusal) = (Vec::new(), Refusal::new(RefusalClass::NotPermitted, "no"));
        refusal::error_response(refusal::Severity::Error, &refusal, &mut bytes);
        bytes
    };
    for (answer, story, heard) in [
        // There is none: the server's own words.
        (error("34000"), "- failed 34000", error("34000")),
        // There is one that nobody has seen: what it returns is not told, and it does not run.
        ([described, error("42601")].concat(), "1 refused", ours.clone()),
        ([message(b'n', b""), error("42601")].concat(), "1 refused", ours),
    ] {
        let answer = [answer, ready(b'T')].concat();
        for size in [1, 7, answer.len()] {
            let mut script = Script::new();
            script.refused = Some("?");
            script.client(&[execute("C_5"), sync()].concat());
            assert_eq!(script.sent_up, [look("C_5"), sync()].concat());
            for chunk in answer.chunks(size) {
                script.server(chunk);
            }
            script.check(&["refuse 1 execute ?", story, "ready open"]);
            assert_eq!(script.sent_down, [heard.clone(), ready(b'T')].concat(), "{size}");
        }
    }
    // Among others that are sent ahead, each in its turn.
    let mut script = Script::new();
    script.refused = Some("?");
    script.client(&[query("select 1"), execute("C_5"), execute("C_5"), sync(), query("select 2")].concat());
    script.server(&[complete("SELECT 1"), ready(b'T'), error("34000"), ready(b'E')].concat());
    script.server(&[error("25P02"), ready(b'E')].concat());
    script.check(&[
        "1 run select 1",
        "refuse 2 execute ?",
        "refuse 3 execute ?",
        "4 run select 2",
        "1 completed 1",
        "ready open",
        "- failed 34000",
        "ready failed",
        "4 failed 25P02",
        "ready failed",
    ]);
    // Where the server may be taking data, and of a portal that is there, nothing is asked.
    for before in [query("copy t from stdin"), [parse("", "select 1"), bind("C_5", "")].concat()] {
        let mut script = Script::new();
        script.client(&before);
        script.refused = Some("");
        script.client(&execute("C_5"));
        assert_eq!(script.sent_up, [before, parse("dragoman_refused", "!dragoman_refused")].concat());
    }
}
