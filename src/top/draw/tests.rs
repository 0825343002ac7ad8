//! Does the screen show what it should, in every size?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::keys::press;
use super::super::samples::{REPORT, idle, listener, shop, shop_later};
use super::super::view::{Start, Tab};
use super::*;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proxy::live::wire::{Look, SessionCounts};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::time::Duration;

fn view(looks: Vec<Look>) -> View {
    let mut view = View::new(Start { socket: "data/dragoman.sock".into(), ..Start::default() });
    for look in looks {
        view.learn(Ok(look), Instant::now());
    }
    view
}

fn screen(view: &mut View, (width, height): (u16, u16)) -> Buffer {
    drawn(view, (width, height), Palette::Colours, Instant::now())
}

fn drawn(view: &mut View, (width, height): (u16, u16), palette: Palette, now: Instant) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, view, palette, now)).unwrap();
    terminal.backend().buffer().clone()
}

fn lines(buffer: &Buffer) -> Vec<String> {
    let line = |y| {
        let cells = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        cells.trim_end().to_owned()
    };
    (0..buffer.area.height).map(line).collect()
}

fn keys(view: &mut View, keys: &[KeyCode]) {
    for code in keys {
        press(view, KeyEvent::new(*code, KeyModifiers::NONE));
    }
}

const NARROW: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (140, 40);

#[test]
fn statements_on_a_narrow_screen() {
    let mut view = view(vec![shop(), shop_later()]);
    let lines = lines(&screen(&mut view, NARROW));
    assert_eq!(lines.len(), 24);
    assert_eq!(
        lines[..10],
        [
            "Dragoman 0.1.0  up 1m02s  figures since the start                       every 2s",
            "shop postgres 127.0.0.1:6432 observe up",
            "11.0 calls/s  0 errors/s  p50 350µs  p95 412ms  p99 412ms",
            "sessions 3: 1 busy, 1 idle, 1 in transaction  ledger 22.0/s, queue 0B",
            " 1 Statements 4  2 Sessions 3  3 Errors 1  4 Listeners 1                 by time",
            "flags       calls/s time▼   mean    p95 errors statement",
            "slow           1.00   94%  412ms  412ms      0 SELECT p.sku, count(*) AS views …",
            "               10.0  3.1%  350µs  350µs      0 SELECT id, sku, name, price FROM…",
            "N+1               0  2.9%  420µs  420µs      0 SELECT line, product_id, quantit…",
            "errors            0  0.1%  300µs  300µs     12 SELECT id, avatar_url FROM custo…",
        ]
    );
    assert!(lines[10..23].iter().all(String::is_empty), "{lines:#?}");
    assert_eq!(lines[23], "? help  q quit  Enter detail  / filter  < > sort  w window  Space pause");
}

#[test]
fn statements_on_a_wide_screen_have_more_columns_and_say_whose_they_are() {
    let mut view = view(vec![shop(), shop_later()]);
    let buffer = screen(&mut view, WIDE);
    let lines = lines(&buffer);
    let head: Vec<_> = lines[5].split_whitespace().collect();
    let expected = [
        "flags",
        "calls/s",
        "calls",
        "time▼",
        "mean",
        "p50",
        "p95",
        "p99",
        "rows",
        "bytes",
        "errors",
        "applications",
        "seen",
        "statement",
    ];
    assert_eq!(head, expected);
    let report = &lines[6];
    for expected in ["slow", "1.00", "12", "412ms", "reporting", "0s", "SELECT p.sku"] {
        assert!(report.contains(expected), "`{expected}` in {report}");
    }
    assert!(lines[8].starts_with("N+1"), "{lines:#?}");
    // What is slow and takes most of the time is red, what repeats itself is not.
    assert_eq!(buffer[(0, 6)].fg, Color::Red);
    assert_eq!(buffer[(0, 8)].fg, Color::Magenta);
}

#[test]
fn every_meaning_is_seen_without_colours_too() {
    let mut view = view(vec![shop(), shop_later()]);
    let plain = drawn(&mut view, NARROW, Palette::Plain, Instant::now());
    assert_eq!(lines(&plain), lines(&screen(&mut view, NARROW)));
    assert!(plain.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(plain[(0, 6)].modifier.contains(Modifier::REVERSED), "the chosen row");
}

#[test]
fn sessions_errors_and_listeners_have_their_tables() {
    let mut view = view(vec![shop(), shop_later()]);
    view.show(Tab::Sessions);
    let text = lines(&screen(&mut view, NARROW)).join("\n");
    for expected in [
        "busy           2.31s shop_app",
        "in tx, idle       4s",
        "reporting",
        "SELECT p.sku",
        "idle              1s",
    ] {
        assert!(text.contains(expected), "`{expected}` in\n{text}");
    }
    view.show(Tab::Errors);
    let text = lines(&screen(&mut view, NARROW)).join("\n");
    assert!(text.contains("42703") && text.contains("undefined_column"), "{text}");
    let text = lines(&screen(&mut view, WIDE)).join("\n");
    for expected in ["statement", "42703", "undefined_column", "100%", "SELECT id, avatar_url"] {
        assert!(text.contains(expected), "`{expected}` in\n{text}");
    }
    view.show(Tab::Listeners);
    let text = lines(&screen(&mut view, WIDE)).join("\n");
    for expected in
        ["shop         up", "postgres", "observe", "development", "127.0.0.1:6432", "127.0.0.1:5432"]
    {
        assert!(text.contains(expected), "`{expected}` in\n{text}");
    }
}

#[test]
fn the_detail_has_the_whole_text_and_where_the_time_went() {
    let mut view = view(vec![shop(), shop_later()]);
    keys(&mut view, &[KeyCode::Enter]);
    let drawn = lines(&screen(&mut view, WIDE));
    let text = drawn.join("\n");
    for expected in [
        "flags         slow",
        "  FROM page_views v\n",
        "  WHERE p.category_id BETWEEN $1 AND $1 + ?\n",
        "calls         12, 1.00 a second",
        "time          94% of all, mean 412ms",
        "applications  reporting",
        "  to  500ms      12  100% ███",
    ] {
        assert!(text.contains(expected), "`{expected}` in\n{text}");
    }
    let seen: String = drawn.concat().split_whitespace().collect();
    assert!(seen.contains(&REPORT.split_whitespace().collect::<String>()), "nothing of the text is missing");
    // More than a screen: the end is reached and not passed.
    keys(&mut view, &[KeyCode::End]);
    let end = lines(&screen(&mut view, NARROW));
    assert!(end[22].starts_with("  to  500ms"), "{end:#?}");
    keys(&mut view, &[KeyCode::Esc]);
    assert!(lines(&screen(&mut view, NARROW))[5].starts_with("flags"));
}

#[test]
fn empty_tables_say_why_and_what_to_do() {
    let mut fresh = view(vec![idle()]);
    let text = lines(&screen(&mut fresh, NARROW)).join("\n");
    assert!(text.contains("no statement has passed yet: point a client at 127.0.0.1:6432"), "{text}");
    fresh.show(Tab::Errors);
    assert!(lines(&screen(&mut fresh, NARROW)).join("\n").contains("no errors so far"));
    let mut filtered = view(vec![shop()]);
    filtered.set_filter("nowhere");
    let text = lines(&screen(&mut filtered, NARROW)).join("\n");
    assert!(text.contains("nothing of 4 is found by `nowhere`: Esc drops the filter"), "{text}");
    assert!(text.contains("/nowhere  by time"), "{text}");
    let mut waiting = view(vec![]);
    assert!(
        lines(&screen(&mut waiting, NARROW)).join("\n").contains("asking the gateway at data/dragoman.sock")
    );
    waiting.learn(Err("no gateway answers at `x`\n    hint: start it".to_owned()), Instant::now());
    let text = lines(&screen(&mut waiting, NARROW)).join("\n");
    assert!(text.contains("no gateway answers at `x`\n  hint: start it"), "{text}");
}

#[test]
fn what_is_old_says_how_old_it_is() {
    let mut view = view(vec![shop()]);
    let later = Instant::now() + Duration::from_secs(12);
    keys(&mut view, &[KeyCode::Char(' ')]);
    let text = lines(&drawn(&mut view, NARROW, Palette::Plain, later));
    assert!(text[0].ends_with(" paused, 12s old"), "{text:#?}");
    keys(&mut view, &[KeyCode::Char(' ')]);
    view.learn(Err("no gateway answers at `x`\n    hint: start it".to_owned()), Instant::now());
    let text = lines(&drawn(&mut view, NARROW, Palette::Plain, later));
    assert_eq!(text[1], "no gateway answers at `x` - figures are 12s old, trying again");
    assert!(text[6].starts_with("slow"), "the last figures stay: {text:#?}");
}

#[test]
fn a_listener_without_a_server_is_seen_first() {
    let mut look = shop();
    look.listeners.extend((0..5).map(|number| listener(&format!("extra{number}"), "127.0.0.1:7000")));
    look.listeners[4].up = false;
    look.session_counts = SessionCounts::default();
    let mut view = view(vec![look]);
    let buffer = screen(&mut view, NARROW);
    let line = &lines(&buffer)[1];
    assert_eq!(line, "extra3 postgres 127.0.0.1:7000 observe down  and 5 more");
    assert_eq!(buffer[(39, 1)].fg, Color::Red);
}

#[test]
fn the_help_fits_and_names_every_key() {
    let mut view = view(vec![shop()]);
    keys(&mut view, &[KeyCode::Char('?')]);
    let text = lines(&screen(&mut view, WIDE)).join("\n");
    for (key, _) in super::super::keys::KEYS {
        assert!(text.contains(key), "{key}");
    }
    assert!(text.contains("N+1") && text.contains("fingerprint, listener, users"), "{text}");
}

#[test]
fn a_screen_of_any_size_is_drawn() {
    for width in [1, 10, 29, 30, 45, 79, 200, 400] {
        for height in [1, 7, 8, 24] {
            let mut view = view(vec![shop(), shop_later()]);
            for tab in Tab::ALL {
                view.show(tab);
                screen(&mut view, (width, height));
                keys(&mut view, &[KeyCode::Enter, KeyCode::PageDown]);
                screen(&mut view, (width, height));
            }
        }
    }
    let small = lines(&screen(&mut view(vec![]), (29, 24))).join(" ");
    assert!(small.contains("too small"), "{small}");
}
