//! Points in time as the memory stores them: seconds since 1970-01-01T00:00:00Z.

use super::{Date, DateTime};

const EPOCH: DateTime = Date::constant(1970, 1, 1).at(0, 0, 0, 0);

/// Seconds since 1970 of a date and time in UTC.
pub fn seconds(time: DateTime) -> i64 {
    time.duration_since(EPOCH).as_secs()
}

/// The first second of a day.
pub fn midnight(day: Date) -> i64 {
    seconds(day.at(0, 0, 0, 0))
}

/// The day that it is, in UTC.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// A date and time in UTC as exports write it: `2019-04-23T10:11:12Z`.
pub fn timestamp(time: DateTime) -> String {
    format!("{time}Z")
}

/// The date and time that [`timestamp`] wrote; `None` for any other text.
pub fn of_timestamp(text: &str) -> Option<DateTime> {
    text.strip_suffix('Z')?.parse().ok()
}

/// The date and time of seconds since 1970; `None` beyond the years -9999 to 9999.
pub fn date_time(seconds: i64) -> Option<DateTime> {
    EPOCH.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
}
