//! TMX dates, `YYYYMMDDTHHMMSSZ`. Readers silently ignore dates in any other form.

use crate::model::DateTime;

/// Appends a date and time in UTC.
pub fn push(out: &mut Vec<u8>, date: DateTime) {
    let mut digits = |number: i16, width: u32| {
        for place in (0..width).rev() {
            out.push(b'0' + (number / 10i16.pow(place) % 10) as u8);
        }
    };
    digits(date.year().max(0), 4);
    digits(date.month().into(), 2);
    digits(date.day().into(), 2);
    out.push(b'T');
    let mut digits = |number: i8| out.extend([b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]);
    digits(date.hour());
    digits(date.minute());
    digits(date.second());
    out.push(b'Z');
}

/// Parses that form, also without `Z`, without seconds or without a time. `None` for any other form.
pub fn parse(text: &str) -> Option<DateTime> {
    let text = text.trim().trim_end_matches('Z');
    let number = |from: usize, length: usize| -> Option<i16> {
        let digits = text.get(from..from + length)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (has_minutes, has_seconds) = match text.len() {
        8 => (false, false),
        13 => (true, false),
        15 => (true, true),
        _ => return None,
    };
    if has_minutes && text.as_bytes()[8] != b'T' {
        return None;
    }
    let clock = |present: bool, at: usize| if present { number(at, 2) } else { Some(0) };
    DateTime::new(
        number(0, 4)?,
        number(4, 2)? as i8,
        number(6, 2)? as i8,
        clock(has_minutes, 9)? as i8,
        clock(has_minutes, 11)? as i8,
        clock(has_seconds, 13)? as i8,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_it_was_written() {
        for text in ["20190315T000000Z", "19991231T235959Z", "00010101T000000Z"] {
            let mut out = Vec::new();
            push(&mut out, parse(text).unwrap());
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn shorter_forms_are_read_and_others_are_not() {
        assert_eq!(parse("20190315"), parse("20190315T000000Z"));
        assert_eq!(parse("20190315T1201"), parse("20190315T120100Z"));
        for text in [
            "",
            "2019-03-15",
            "20191315T000000Z",
            "20190315T250000Z",
            "20190315 000000",
            "é0190315",
            "2019031é",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
