//! Do keys and answers change what they should, and nothing else?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::keys::{Wish, press};
use super::super::samples::{AVATAR, LINES, POINT, REPORT, idle, shop, shop_later, statement};
use super::*;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

fn view(looks: Vec<Look>) -> View {
    let mut view = View::new(Start::default());
    for look in looks {
        view.learn(Ok(look), Instant::now());
    }
    view
}

/// Presses keys: letters as they are, `⏎` Enter, `⎋` Esc, `↓` down, `⇥` Tab, `⌫` backspace.
fn typed(view: &mut View, keys: &str) {
    for letter in keys.chars() {
        let code = match letter {
            '⏎' => KeyCode::Enter,
            '⎋' => KeyCode::Esc,
            '↓' => KeyCode::Down,
            '⇥' => KeyCode::Tab,
            '⌫' => KeyCode::Backspace,
            letter => KeyCode::Char(letter),
        };
        assert_eq!(press(view, KeyEvent::new(code, KeyModifiers::NONE)), Wish::Nothing);
    }
}

/// The statements in order, by their first words of interest.
fn order(view: &View) -> Vec<&str> {
    let rows = shown(&view.picture.as_ref().unwrap().statements, STATEMENTS, &view.statements, &view.filter);
    let name = |text: &str| match text {
        POINT => "point",
        REPORT => "report",
        LINES => "lines",
        AVATAR => "avatar",
        _ => "other",
    };
    rows.into_iter().map(|row| name(&row.statement.text)).collect()
}

#[test]
fn statements_are_sorted_by_any_column() {
    let mut view = view(vec![shop(), shop_later()]);
    assert_eq!(order(&view), ["report", "point", "lines", "avatar"], "by time");
    typed(&mut view, "<");
    assert_eq!(order(&view)[0], "point", "by calls");
    typed(&mut view, "r");
    assert_eq!(order(&view)[0], "report", "the fewest calls");
    typed(&mut view, "<");
    assert_eq!(order(&view)[..2], ["point", "report"], "by calls a second, and not reversed any more");
    typed(&mut view, "<");
    assert_eq!(order(&view), ["report", "lines", "avatar", "point"], "by flags");
    typed(&mut view, "<");
    assert_eq!(order(&view)[3], "report", "by text, around the corner");
}

#[test]
fn a_filter_is_typed_kept_and_dropped() {
    let mut view = view(vec![shop()]);
    typed(&mut view, "/order-pagex⌫");
    assert_eq!((view.focus, view.typed.as_str()), (Focus::Filter, "order-page"));
    assert_eq!(order(&view), ["lines"], "it holds while it is typed");
    typed(&mut view, "⏎q");
    assert!(view.has_ended, "keys mean what they meant before");
    typed(&mut view, "/ flag:n+1⏎");
    assert_eq!(order(&view), ["lines"]);
    typed(&mut view, "⎋");
    assert_eq!(order(&view).len(), 4);
    typed(&mut view, "/errors⎋");
    assert_eq!((view.focus, order(&view).len()), (Focus::Table, 4));
    for _ in 0..3 * FILTER_MAX {
        view.type_filter('x');
    }
    assert_eq!(view.typed.len(), FILTER_MAX);
}

#[test]
fn a_paused_view_keeps_what_it_shows() {
    let mut view = view(vec![shop()]);
    typed(&mut view, " ");
    view.learn(Ok(shop_later()), Instant::now());
    assert_eq!(view.picture.as_ref().unwrap().look.at_us, shop().at_us);
    typed(&mut view, " ");
    assert!(view.is_hasty, "it asks at once when it goes on");
    view.learn(Ok(shop_later()), Instant::now());
    assert_eq!(view.picture.as_ref().unwrap().look.at_us, shop_later().at_us);
}

#[test]
fn the_chosen_row_opens_and_an_error_leads_to_its_statements() {
    let mut view = view(vec![shop()]);
    typed(&mut view, "↓↓⏎");
    assert_eq!(
        (view.focus, view.chosen_statement().unwrap().statement.text.as_str()),
        (Focus::Detail, LINES)
    );
    typed(&mut view, "⎋3⏎");
    assert_eq!((view.tab, view.typed.as_str()), (Tab::Statements, "error:42703"));
    assert_eq!(order(&view), ["avatar"]);
    typed(&mut view, "⎋2⏎");
    assert_eq!(
        (view.focus, view.chosen_session().unwrap().application.as_str()),
        (Focus::Detail, "reporting")
    );
    typed(&mut view, "⇥");
    assert_eq!((view.tab, view.focus), (Tab::Errors, Focus::Table));
    typed(&mut view, "⇥⇥?");
    assert_eq!((view.tab, view.focus), (Tab::Statements, Focus::Help));
}

#[test]
fn figures_of_the_last_interval_are_those_of_what_ran_in_it() {
    let mut view = view(vec![shop(), shop_later()]);
    let calls = |view: &View| {
        let rows = &view.picture.as_ref().unwrap().statements;
        rows.iter().map(|row| (row.figures.calls.unwrap(), row.figures.per_second)).collect::<Vec<_>>()
    };
    assert_eq!(calls(&view), [(470, Some(10.0)), (12, Some(1.0)), (360, Some(0.0)), (12, Some(0.0))]);
    typed(&mut view, "w");
    assert_eq!(calls(&view), [(20, Some(10.0)), (2, Some(1.0))]);
    let summary = &view.picture.as_ref().unwrap().summary;
    assert_eq!(summary.statements_per_second, Some(11.0));
    assert_eq!(summary.records_per_second, Some(22.0));
    assert_eq!((summary.latency.count(), summary.latency.quantile(0.5)), (22, Some(350)));
    assert_eq!(view.history, [11.0]);
}

#[test]
fn what_was_not_shown_before_has_no_rate_and_what_is_new_is_flagged() {
    let mut later = shop_later();
    let hidden = statement("SELECT hidden FROM before", "storefront", 500, 100);
    let mut new = statement("SELECT new FROM now", "storefront", 4, 100);
    new.first_seen_us = later.at_us - 1_000_000;
    later.statements.extend([hidden, new]);
    let view = view(vec![shop(), later]);
    let rows = &view.picture.as_ref().unwrap().statements;
    assert_eq!((rows[4].figures.per_second, rows[4].flags.new), (None, false));
    assert_eq!((rows[5].figures.per_second, rows[5].flags.new), (Some(2.0), true));
}

#[test]
fn another_gateway_at_the_same_place_begins_anew() {
    let mut view = view(vec![shop(), shop_later()]);
    let mut restarted = idle();
    restarted.started_us += 90_000_000;
    restarted.at_us += 90_000_000;
    view.learn(Ok(restarted), Instant::now());
    let picture = view.picture.as_ref().unwrap();
    assert_eq!((picture.seconds, picture.summary.statements_per_second), (None, None));
    assert!(view.history.is_empty());
}

#[test]
fn trouble_is_told_beside_the_last_figures_and_goes_with_the_next_answer() {
    let mut view = view(vec![shop()]);
    view.learn(Err("no gateway answers".to_owned()), Instant::now());
    assert_eq!(view.trouble.as_deref(), Some("no gateway answers"));
    assert!(view.picture.is_some());
    view.learn(Ok(shop_later()), Instant::now());
    assert_eq!(view.trouble, None);
}

#[test]
fn the_gateway_is_asked_for_the_first_ones_of_the_order_that_is_shown() {
    let mut view = view(vec![shop()]);
    assert_eq!((view.request().sort, view.request().active_since_us), (Sort::Time, Some(shop().at_us)));
    typed(&mut view, "s");
    assert_eq!(view.request().sort, Sort::Mean);
    assert!(!view.is_hasty, "all there are were shown");
    let mut many = shop_later();
    many.statements_kept = 5_000;
    view.learn(Ok(many), Instant::now());
    typed(&mut view, "s");
    assert_eq!((view.request().sort, view.is_hasty), (Sort::P50, true));
}

#[test]
fn the_interval_goes_up_and_down_within_bounds() {
    let mut view = view(vec![]);
    assert_eq!(view.interval_ms, 2_000);
    typed(&mut view, "+-----");
    assert_eq!(view.interval_ms, INTERVALS_MS[0]);
    typed(&mut view, "++++++++++");
    assert_eq!(view.interval_ms, INTERVALS_MS[7]);
    let mut own = View::new(Start { interval_ms: Some(3_000), ..Start::default() });
    own.change_interval(false);
    assert_eq!(own.interval_ms, 2_000);
}

#[test]
fn keys_of_the_terminal_end_redraw_and_suspend() {
    let mut view = view(vec![]);
    let control =
        |view: &mut View, letter| press(view, KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL));
    assert_eq!(control(&mut view, 'l'), Wish::Redraw);
    assert_eq!(control(&mut view, 'z'), Wish::Suspend);
    assert!(!view.has_ended);
    typed(&mut view, "/");
    control(&mut view, 'c');
    assert!(view.has_ended, "also while a filter is typed");
}
