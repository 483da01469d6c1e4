//! Nanosecond time stamps, as Docker's engines write them.

use std::fmt;

use time::{Date, Month, OffsetDateTime, format_description::well_known::Rfc3339};

/// Nanoseconds since the Unix epoch, UTC. Always the engine's clock, never ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

const NANOS: i64 = 1_000_000_000;

impl Timestamp {
    /// Reads an RFC 3339 time with up to nine fractional digits, as the engine's log API prints it.
    ///
    /// The engine's fixed form (`2006-01-02T15:04:05.000000000Z`) takes a short path: it is parsed
    /// once per log line.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() == 30 && text[29] == b'Z' && text[19] == b'.' {
            return parse_fixed(text);
        }
        let time = OffsetDateTime::parse(std::str::from_utf8(text).ok()?, &Rfc3339).ok()?;
        i64::try_from(time.unix_timestamp_nanos()).ok().map(Self)
    }

    /// Seconds and nanoseconds in the form that the engine's `since` parameter takes.
    #[must_use]
    pub fn as_since(self) -> String {
        format!("{}.{:09}", self.0.div_euclid(NANOS), self.0.rem_euclid(NANOS))
    }

    /// This time and `seconds` more.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(NANOS)))
    }

    /// This time less `seconds`.
    #[must_use]
    pub const fn minus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds.saturating_mul(NANOS)))
    }
}

fn parse_fixed(text: &[u8]) -> Option<Timestamp> {
    let digits = |range: std::ops::Range<usize>| -> Option<u32> {
        text[range]
            .iter()
            .try_fold(0_u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    };
    if text[4] != b'-' || text[7] != b'-' || text[10] != b'T' || text[13] != b':' || text[16] != b':' {
        return None;
    }
    let month = Month::try_from(u8::try_from(digits(5..7)?).ok()?).ok()?;
    let date = Date::from_calendar_date(
        i32::try_from(digits(0..4)?).ok()?,
        month,
        u8::try_from(digits(8..10)?).ok()?,
    )
    .ok()?;
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = i64::from(date.to_julian_day() - UNIX_EPOCH_JULIAN_DAY);
    let seconds = days * 86_400 + i64::from(hour * 3_600 + minute * 60 + second);
    seconds.checked_mul(NANOS)?.checked_add(i64::from(digits(20..29)?)).map(Timestamp)
}

/// 1970-01-01 as a Julian day, the day count that the `time` crate uses.
const UNIX_EPOCH_JULIAN_DAY: i32 = 2_440_588;

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, always nine fractional digits: the form that the engine prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(time) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0)) else {
            return f.write_str("1970-01-01T00:00:00.000000000Z");
        };
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z",
            time.year(),
            u8::from(time.month()),
            time.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.nanosecond()
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_forms_that_engines_print() {
        let fixed = Timestamp::parse(b"2026-11-24T10:00:00.123456789Z").expect("fixed form");
        assert_eq!(fixed.to_string(), "2026-11-24T10:00:00.123456789Z");
        assert_eq!(fixed.as_since(), "1795514400.123456789");
        assert_eq!(
            Timestamp::parse(b"2026-11-24T12:00:00.5+02:00").expect("offset").to_string(),
            "2026-11-24T10:00:00.500000000Z"
        );
        for bad in ["", "now", "2026-13-24T10:00:00.123456789Z", "2026-11-24T25:00:00.123456789Z"] {
            assert_eq!(Timestamp::parse(bad.as_bytes()), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_are_inverse(nanos in 0_i64..4_000_000_000_000_000_000) {
            let time = Timestamp(nanos);
            prop_assert_eq!(Timestamp::parse(time.to_string().as_bytes()), Some(time));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _unused = Timestamp::parse(&bytes);
        }
    }
}
