//! What the queries of one log and of several have in common.

use dockline_domain::Timestamp;
use dockline_fanout::StartAt;

use crate::extract::Fields;

/// Lines to begin with when nothing else is said.
const DEFAULT_TAIL: u64 = 100;

/// Where a log begins for whoever has seen nothing of it; `None` when a field is wrong.
pub(super) fn begin(fields: &mut Fields, tail: Option<&str>, since: Option<&str>) -> Option<StartAt> {
    if let Some(since) = since {
        let time =
            parse_since(since).ok_or("must be a time as in 2026-11-24T10:00:00Z, or seconds since 1970");
        return fields.check("since", time).map(StartAt::Since);
    }
    match tail {
        None => Some(StartAt::Tail(DEFAULT_TAIL)),
        Some("all") => Some(StartAt::Oldest),
        Some(text) => {
            let lines = text.parse().map_err(|_| "must be a number of lines, or all");
            fields.check("tail", lines).map(StartAt::Tail)
        }
    }
}

fn parse_since(text: &str) -> Option<Timestamp> {
    if let Some(time) = Timestamp::parse(text.as_bytes()) {
        return Some(time);
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos).map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_both_of_dockers_forms() {
        assert_eq!(parse_since("2026-11-24T10:00:00Z"), parse_since("1795514400"));
        assert_eq!(parse_since("1795514400.5"), Some(Timestamp(1_795_514_400_500_000_000)));
        for bad in ["", "yesterday", "1.2.3", "1795514400.1234567890", "99999999999999999999"] {
            assert_eq!(parse_since(bad), None, "{bad:?}");
        }
    }
}
