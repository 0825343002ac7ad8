//! How are numbers written so that a column of them is read at a glance?
//!
//! Three digits that count, and a unit; nothing is wider than seven cells.

/// A time in microseconds: `420µs`, `4.21ms`, `42.1s`, `3m07s`.
pub(super) fn time(us: f64) -> String {
    // The limits are where rounding to three digits would make four.
    if us < 999.5 {
        format!("{us:.0}µs")
    } else if us < 999_500.0 {
        format!("{}ms", three_digits(us / 1e3))
    } else if us < 99_950_000.0 {
        format!("{}s", three_digits(us / 1e6))
    } else {
        long_time(us)
    }
}

/// A time in microseconds of which seconds are enough: `7s`, `3m07s`, `5h02m`, `12d03h`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn long_time(us: f64) -> String {
    let seconds = (us / 1e6).round() as u64;
    let two = |large: u64, small: u64, names: [char; 2]| format!("{large}{}{small:02}{}", names[0], names[1]);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => two(seconds / 60, seconds % 60, ['m', 's']),
        3_600..86_400 => two(seconds / 3_600, seconds % 3_600 / 60, ['h', 'm']),
        _ => two(seconds / 86_400, seconds % 86_400 / 3_600, ['d', 'h']),
    }
}

/// A number of things: `12345`, `123k`, `1.23M`.
pub(super) fn count(number: u64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let large = number as f64;
    match number {
        0..100_000 => number.to_string(),
        100_000..999_500 => format!("{}k", three_digits(large / 1e3)),
        999_500..999_500_000 => format!("{}M", three_digits(large / 1e6)),
        999_500_000..999_500_000_000 => format!("{}G", three_digits(large / 1e9)),
        _ => format!("{}T", three_digits(large / 1e12)),
    }
}

/// Something that need not be whole, such as a rate: `0.04`, `4.21`, `421`, `4.21k`.
pub(super) fn rate(number: f64) -> String {
    if number == 0.0 {
        "0".to_owned()
    } else if number < 0.005 {
        "<0.01".to_owned()
    } else if number < 999.5 {
        three_digits(number)
    } else if number < 999_500.0 {
        format!("{}k", three_digits(number / 1e3))
    } else {
        format!("{}M", three_digits(number / 1e6))
    }
}

/// Bytes, by 1,024: `812B`, `8.11K`, `81.1M`.
pub(super) fn bytes(number: f64) -> String {
    let mut number = number;
    for unit in ["B", "K", "M", "G"] {
        if number < 999.5 {
            return if unit == "B" {
                format!("{number:.0}B")
            } else {
                format!("{}{unit}", three_digits(number))
            };
        }
        number /= 1024.0;
    }
    format!("{}T", three_digits(number))
}

/// A part of a whole, 0 to 1: `0%`, `6.2%`, `62%`.
pub(super) fn share(part: f64) -> String {
    let percent = part * 100.0;
    if percent == 0.0 || percent >= 9.95 { format!("{percent:.0}%") } else { format!("{percent:.1}%") }
}

fn three_digits(number: f64) -> String {
    if number < 9.995 {
        format!("{number:.2}")
    } else if number < 99.95 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}

/// Text of a client or a server, on one line and harmless to a terminal: what would move the cursor
/// or turn the direction of writing is shown as `?`.
pub(super) fn harmless(text: &str) -> String {
    let turns = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let one = |letter: char| match letter {
        '\n' | '\r' | '\t' => ' ',
        letter if letter.is_control() || turns(letter) => '?',
        letter => letter,
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        for (us, expected) in [
            (0.0, "0µs"),
            (420.4, "420µs"),
            (999.4, "999µs"),
            (999.6, "1.00ms"),
            (4_212.0, "4.21ms"),
            (42_120.0, "42.1ms"),
            (421_200.0, "421ms"),
            (999_600.0, "1.00s"),
            (59_990_000.0, "60.0s"),
            (187_000_000.0, "3m07s"),
            (18_120_000_000.0, "5h02m"),
            (1_047_600_000_000.0, "12d03h"),
        ] {
            assert_eq!(time(us), expected, "{us}");
        }
        assert_eq!(long_time(7_400_000.0), "7s");
    }

    #[test]
    fn counts_rates_bytes_and_shares_fit_their_columns() {
        for (number, expected) in
            [(0, "0"), (99_999, "99999"), (123_456, "123k"), (999_700, "1.00M"), (5_000_000_000, "5.00G")]
        {
            assert_eq!(count(number), expected, "{number}");
        }
        for (number, expected) in
            [(0.0, "0"), (0.001, "<0.01"), (0.04, "0.04"), (29.96, "30.0"), (4_210.0, "4.21k")]
        {
            assert_eq!(rate(number), expected, "{number}");
        }
        for (number, expected) in
            [(0.0, "0B"), (812.0, "812B"), (1_023.0, "1.00K"), (8_304.0, "8.11K"), (5e12, "4.55T")]
        {
            assert_eq!(bytes(number), expected, "{number}");
        }
        for (part, expected) in [(0.0, "0%"), (0.0004, "0.0%"), (0.062, "6.2%"), (0.62, "62%"), (1.0, "100%")]
        {
            assert_eq!(share(part), expected, "{part}");
        }
    }

    #[test]
    fn text_cannot_move_the_cursor() {
        assert_eq!(harmless("a\nb\x1b[2Jc\u{202e}d\u{7}é"), "a b?[2Jc?d?é");
    }
}
