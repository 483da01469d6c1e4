use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

/// When a schedule runs: a cron expression of five fields, in a time zone.
///
/// A time that the begin of daylight saving skips is as soon as the skipped hour is over; one that its end repeats is once,
/// the first time.
#[derive(Debug, Clone)]
pub struct Timing {
    cron: Cron,
    zone: TimeZone,
}

/// Why a text is no timing; says which part, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTiming {
    /// The cron expression.
    #[error(
        "no cron expression ({0}): write minute, hour, day of month, month and day of week, as in `30 3 * * mon`"
    )]
    Cron(String),
    /// The time zone.
    #[error("there is no time zone {0}; write UTC, or a name as in Europe/Berlin")]
    Zone(String),
    /// It matches no time.
    #[error("this time never comes")]
    Never,
}

impl Timing {
    /// Reads an expression and the name of a time zone.
    ///
    /// # Errors
    /// [`InvalidTiming`], also for one that never comes, as on a 30th of February.
    pub fn new(cron: &str, zone: &str) -> Result<Self, InvalidTiming> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let parsed = parser.parse(cron).map_err(|error| InvalidTiming::Cron(error.to_string()))?;
        // Brought along: an image may have none, and all processes must have the same.
        let zones = TimeZoneDatabase::bundled();
        let zone = zones.get(zone).map_err(|_| InvalidTiming::Zone(zone.to_owned()))?;
        let timing = Self { cron: parsed, zone };
        if timing.after(0).is_none() { Err(InvalidTiming::Never) } else { Ok(timing) }
    }

    /// The first time after this one, both in microseconds since the Unix epoch; `None` when there is none any more.
    #[must_use]
    pub fn after(&self, micros: i64) -> Option<i64> {
        let from = Timestamp::from_microsecond(micros).ok()?.to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&from, false).ok()?;
        Some(next.timestamp().as_microsecond())
    }

    /// The next times after this one, at most so many.
    pub fn next(&self, after: i64, count: usize) -> Vec<i64> {
        std::iter::successors(self.after(after), |last| self.after(*last)).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let after: Timestamp = after.parse().expect("a time");
        let timing = Timing::new(cron, zone).expect("a timing");
        let times = timing.next(after.as_microsecond(), count).into_iter();
        times.map(|time| Timestamp::from_microsecond(time).expect("a time").to_string()).collect()
    }

    #[test]
    fn times_are_those_of_the_zone() {
        assert_eq!(
            times("30 3 * * mon", "UTC", "2026-11-29T10:00:00Z", 2),
            ["2026-11-30T03:30:00Z", "2026-12-07T03:30:00Z"]
        );
        assert_eq!(times("0 3 * * *", "Europe/Berlin", "2026-11-29T10:00:00Z", 1), ["2026-11-30T02:00:00Z"]);
        // The time itself is not after itself.
        assert_eq!(times("0 * * * *", "UTC", "2026-11-29T10:00:00Z", 1), ["2026-11-29T11:00:00Z"]);
    }

    #[test]
    fn daylight_saving_skips_nothing_and_repeats_nothing() {
        // In Berlin 02:00 becomes 03:00 on this day.
        let spring = times("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
        assert_eq!(spring, ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
        // And 03:00 becomes 02:00 on this one.
        let autumn = times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(autumn, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn what_is_no_timing_is_named() {
        for cron in ["", "* * * *", "* * * * * *", "61 * * * *", "x * * * *", "@sometimes"] {
            assert!(matches!(Timing::new(cron, "UTC"), Err(InvalidTiming::Cron(_))), "{cron:?}");
        }
        for zone in ["", "Mars/Phobos", "../UTC"] {
            assert!(matches!(Timing::new("* * * * *", zone), Err(InvalidTiming::Zone(_))), "{zone:?}");
        }
        assert_eq!(Timing::new("0 0 30 2 *", "UTC").err(), Some(InvalidTiming::Never));
    }
}
