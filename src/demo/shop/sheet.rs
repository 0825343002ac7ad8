//! How are rows written so that COPY ... FROM STDIN reads them?

/// Rows in PostgreSQL's COPY text format: columns parted by tabs, `\N` for null.
#[derive(Debug, Default)]
pub struct Sheet {
    bytes: Vec<u8>,
    rows: u64,
    in_row: bool,
}

impl Sheet {
    /// How many rows are finished.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows' bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A number.
    pub fn integer(&mut self, value: i64) -> &mut Sheet {
        self.part();
        self.digits(value, 1);
        self
    }

    /// A position as the number of the row it makes: 0 becomes 1.
    pub fn id(&mut self, position: usize) -> &mut Sheet {
        self.integer(position as i64 + 1)
    }

    /// A number or null.
    pub fn integer_or_null(&mut self, value: Option<i64>) -> &mut Sheet {
        match value {
            Some(value) => self.integer(value),
            None => self.null(),
        }
    }

    /// An amount in hundredths: 1999 is written 19.99.
    pub fn amount(&mut self, hundredths: i64) -> &mut Sheet {
        self.part();
        if hundredths < 0 {
            self.bytes.push(b'-');
        }
        self.digits(hundredths.abs() / 100, 1);
        self.bytes.push(b'.');
        self.digits(hundredths.abs() % 100, 2);
        self
    }

    /// Text, escaped.
    pub fn text(&mut self, value: &str) -> &mut Sheet {
        self.part();
        for byte in value.bytes() {
            match byte {
                b'\\' => self.bytes.extend_from_slice(b"\\\\"),
                b'\t' => self.bytes.extend_from_slice(b"\\t"),
                b'\n' => self.bytes.extend_from_slice(b"\\n"),
                b'\r' => self.bytes.extend_from_slice(b"\\r"),
                other => self.bytes.push(other),
            }
        }
        self
    }

    /// True or false.
    pub fn boolean(&mut self, value: bool) -> &mut Sheet {
        self.text(if value { "t" } else { "f" })
    }

    /// Null.
    pub fn null(&mut self) -> &mut Sheet {
        self.part();
        self.bytes.extend_from_slice(b"\\N");
        self
    }

    /// A moment, in seconds since 1970-01-01 UTC.
    pub fn moment(&mut self, seconds: i64) -> &mut Sheet {
        self.date(seconds.div_euclid(86_400));
        let second = seconds.rem_euclid(86_400);
        for (separator, value) in [(b' ', second / 3600), (b':', second / 60 % 60), (b':', second % 60)] {
            self.bytes.push(separator);
            self.digits(value, 2);
        }
        self.bytes.extend_from_slice(b"+00");
        self
    }

    /// A moment or null.
    pub fn moment_or_null(&mut self, seconds: Option<i64>) -> &mut Sheet {
        match seconds {
            Some(seconds) => self.moment(seconds),
            None => self.null(),
        }
    }

    /// A date, in days since 1970-01-01.
    pub fn date(&mut self, days: i64) -> &mut Sheet {
        self.part();
        let (year, month, day) = civil(days);
        self.digits(year, 4);
        self.bytes.push(b'-');
        self.digits(month, 2);
        self.bytes.push(b'-');
        self.digits(day, 2);
        self
    }

    /// The row is finished.
    pub fn end(&mut self) {
        self.bytes.push(b'\n');
        self.rows += 1;
        self.in_row = false;
    }

    fn part(&mut self) {
        if self.in_row {
            self.bytes.push(b'\t');
        }
        self.in_row = true;
    }

    fn digits(&mut self, value: i64, width: usize) {
        let mut reversed = [b'0'; 20];
        let mut rest = value.unsigned_abs();
        let mut length = 0;
        while rest > 0 || length < width.max(1) {
            reversed[length] = b'0' + (rest % 10) as u8;
            rest /= 10;
            length += 1;
        }
        if value < 0 {
            self.bytes.push(b'-');
        }
        self.bytes.extend(reversed[..length].iter().rev());
    }
}

/// Year, month and day of a day counted from 1970-01-01 in the Gregorian calendar (Howard Hinnant,
/// "chrono-compatible low-level date algorithms", `civil_from_days`).
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_row_is_written_as_copy_reads_it() {
        let mut sheet = Sheet::default();
        sheet.id(0).integer(-7).amount(1_905).amount(-5).text("a\tb\\c\nd").null().boolean(true).end();
        sheet.integer_or_null(None).date(0).moment(951_782_399).moment_or_null(None).end();
        assert_eq!(sheet.rows(), 2);
        let expected = "1\t-7\t19.05\t-0.05\ta\\tb\\\\c\\nd\t\\N\tt\n\
                        \\N\t1970-01-01\t2000-02-28 23:59:59+00\t\\N\n";
        assert_eq!(String::from_utf8(sheet.into_bytes()).unwrap(), expected);
    }

    #[test]
    fn days_become_dates_over_leap_years() {
        let check = |days: i64, expected: (i64, i64, i64)| assert_eq!(civil(days), expected, "{days}");
        check(0, (1970, 1, 1));
        check(11_016, (2000, 2, 29));
        check(20_513, (2026, 3, 1));
        check(-1, (1969, 12, 31));
    }
}
