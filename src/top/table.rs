//! Which rows and columns of a table are shown, and in what order?

use super::columns::Column;
use super::filter::Filter;
use super::picture::Row;

/// Cells between two columns.
pub(super) const GAP: u16 = 1;

/// How somebody looks at one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stand {
    /// By which column rows are in order.
    pub(super) sort: usize,
    /// Whether the order is turned around.
    pub(super) reversed: bool,
    /// The row that is chosen, by its identity: it keeps being chosen when it moves. `None` is the
    /// first one, whichever it is.
    pub(super) chosen: Option<String>,
    /// The first row that is shown.
    pub(super) top: usize,
}

impl Stand {
    /// In order of the column of this name.
    pub(super) fn by<R>(columns: &[Column<R>], name: &str) -> Stand {
        let sort = columns.iter().position(|column| column.name == name).unwrap_or(0);
        Stand { sort, ..Stand::default() }
    }

    /// The place of the chosen row among `rows`. One that is gone gives its place to the first.
    pub(super) fn position<R: Row>(&self, rows: &[&R]) -> usize {
        let chosen = self.chosen.as_ref();
        chosen.and_then(|chosen| rows.iter().position(|row| row.identity() == *chosen)).unwrap_or(0)
    }

    /// Chooses the row that is `steps` further, as far as there are any.
    pub(super) fn step<R: Row>(&mut self, rows: &[&R], steps: isize) {
        let last = rows.len().saturating_sub(1);
        let position = self.position(rows).saturating_add_signed(steps).min(last);
        self.chosen = rows.get(position).map(|row| row.identity()).filter(|_| position > 0);
    }

    /// Moves the rows that are shown so that the chosen one is among them.
    pub(super) fn follow(&mut self, position: usize, rows: usize, room: usize) {
        self.top = self.top.min(rows.saturating_sub(room)).min(position);
        if position >= self.top + room {
            self.top = (position + 1).saturating_sub(room);
        }
    }
}

/// The rows a filter finds, in order.
pub(super) fn shown<'a, R: Row>(
    rows: &'a [R],
    columns: &[Column<R>],
    stand: &Stand,
    filter: &Filter,
) -> Vec<&'a R> {
    let found = rows.iter().filter(|row| row.is_found(filter));
    let Some(column) = columns.get(stand.sort) else { return found.collect() };
    let mut keyed: Vec<_> = found.map(|row| ((column.key)(row), row.identity(), row)).collect();
    // The identity decides between equals, so that rows do not change places for nothing.
    keyed.sort_by(|(one, first, _), (other, second, _)| {
        one.order(other, stand.reversed).then_with(|| first.cmp(second))
    });
    keyed.into_iter().map(|(_, _, row)| row).collect()
}

/// The places of the columns that fit into `width`, in the order of the table. The one that rows
/// are in order of stays before all others but the last, which has a quarter of the screen at least.
pub(super) fn fitting<R>(columns: &[Column<R>], sort: usize, width: u16) -> Vec<usize> {
    let mut places: Vec<_> = (0..columns.len()).collect();
    let rank = |place: usize| match columns.get(place) {
        Some(column) if place != sort => column.rank,
        _ => 0,
    };
    let needed = |places: &[usize]| {
        let widths = places.iter().filter_map(|place| {
            let least = if place + 1 == columns.len() { width / 4 } else { 0 };
            Some(columns.get(*place)?.width.max(least) + GAP)
        });
        widths.sum::<u16>().saturating_sub(GAP)
    };
    while needed(&places) > width && places.len() > 1 {
        // Of equal rank the last goes first.
        let Some(least) = places.iter().copied().max_by_key(|place| rank(*place)) else { break };
        if rank(least) == 0 {
            break;
        }
        places.retain(|place| *place != least);
    }
    places
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::columns::{Entry, Key, STATEMENTS, dropped};
    use super::*;
    use proxy::live::wire::Sort;

    #[derive(Debug, PartialEq)]
    struct Fruit(&'static str, f64);

    impl Row for Fruit {
        fn identity(&self) -> String {
            self.0.to_owned()
        }

        fn is_found(&self, filter: &Filter) -> bool {
            filter.finds(&[("text", self.0)])
        }
    }

    const COLUMNS: &[Column<Fruit>] = &[
        Column {
            name: "weight",
            title: "weight",
            width: 6,
            right: true,
            rank: 1,
            asked: Sort::Time,
            entry: |fruit| Entry { text: fruit.1.to_string(), ..Entry::default() },
            key: |fruit| if fruit.1 < 0.0 { Key::Unknown } else { Key::Number(fruit.1) },
        },
        Column {
            name: "name",
            title: "name",
            width: 8,
            right: false,
            rank: 0,
            asked: Sort::Time,
            entry: |fruit| Entry { text: fruit.0.to_owned(), ..Entry::default() },
            key: |fruit| Key::Word(fruit.0.to_owned()),
        },
    ];

    const FRUITS: [Fruit; 4] =
        [Fruit("pear", 2.0), Fruit("plum", 1.0), Fruit("fig", -1.0), Fruit("apple", 2.0)];

    fn names(stand: &Stand, typed: &str) -> String {
        let rows = shown(&FRUITS, COLUMNS, stand, &Filter::new(typed));
        rows.iter().map(|fruit| fruit.0).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_found_and_put_in_order() {
        let mut stand = Stand::by(COLUMNS, "weight");
        assert_eq!(names(&stand, ""), "apple pear plum fig");
        stand.reversed = true;
        assert_eq!(names(&stand, ""), "plum apple pear fig");
        assert_eq!(names(&Stand::by(COLUMNS, "name"), "p"), "apple pear plum");
        assert_eq!(names(&stand, "nothing"), "");
    }

    #[test]
    fn the_chosen_row_stays_chosen_when_it_moves() {
        let mut stand = Stand::by(COLUMNS, "weight");
        let rows = shown(&FRUITS, COLUMNS, &stand, &Filter::default());
        stand.step(&rows, 2);
        assert_eq!((stand.chosen.as_deref(), stand.position(&rows)), (Some("plum"), 2));
        stand.reversed = true;
        let turned = shown(&FRUITS, COLUMNS, &stand, &Filter::default());
        assert_eq!(stand.position(&turned), 0);
        stand.step(&turned, 99);
        assert_eq!(stand.chosen.as_deref(), Some("fig"));
        stand.step(&turned, -99);
        assert_eq!(stand.chosen, None, "the first, whichever it is");
        assert_eq!(stand.position::<Fruit>(&[]), 0);
    }

    #[test]
    fn the_chosen_row_is_always_in_sight() {
        let mut stand = Stand::default();
        for (position, rows, room, top) in [(0, 50, 10, 0), (9, 50, 10, 0), (10, 50, 10, 1), (49, 50, 10, 40)]
        {
            stand.follow(position, rows, room);
            assert_eq!(stand.top, top, "{position}");
        }
        stand.follow(45, 46, 10);
        assert_eq!(stand.top, 36, "no empty lines below while there are rows above");
        stand.follow(3, 46, 10);
        assert_eq!(stand.top, 3);
        stand.follow(0, 2, 10);
        assert_eq!(stand.top, 0);
    }

    #[test]
    fn a_narrow_screen_drops_columns_in_the_stated_order_and_never_the_one_sorted_by() {
        let place = |name: &str| STATEMENTS.iter().position(|column| column.name == name).unwrap();
        let names = |sort: &str, width: u16| {
            let places = fitting(STATEMENTS, place(sort), width);
            places.iter().map(|place| STATEMENTS[*place].name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("time", 80), "flags rate time mean p95 errors text");
        assert_eq!(names("fingerprint", 80), "rate time p95 fingerprint text");
        assert_eq!(names("time", 10), "time text");
        let all = names("time", 400);
        assert_eq!(all.split(' ').count(), STATEMENTS.len());
        let mut left: Vec<_> = all.split(' ').collect();
        let mut width = 400;
        for gone in dropped() {
            while names("time", width).split(' ').count() == left.len() {
                width -= 1;
            }
            left.retain(|name| *name != gone);
            assert_eq!(names("time", width), left.join(" "), "{gone} goes at {width}");
        }
    }

    #[test]
    fn the_documentation_tells_every_column_and_which_go_first() {
        let page = include_str!("../../docs/top.md").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(&format!("in this order: {}.", dropped().join(", "))), "{:?}", dropped());
        for column in STATEMENTS {
            let (by_name, by_title) = (format!("| `{}` |", column.name), column.title);
            assert!(page.contains(&by_name) || page.contains(by_title), "{}", column.name);
        }
    }
}
