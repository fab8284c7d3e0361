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

/// The date and time of seconds since 1970; `None` beyond the years -9999 to 9999.
pub fn date_time(seconds: i64) -> Option<DateTime> {
    EPOCH.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
}
