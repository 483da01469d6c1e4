//! Which terminals are recorded, and for how long.

use std::{io, time::Duration};

use dockline_api::{RecordedTerminals, RecordingPolicy};

use super::{Invalid, lookup::Lookup};

/// Ten years.
const MOST_DAYS: u32 = 3_650;
/// 64 GiB.
const MOST_MIB: u32 = 64 << 10;
const DAY: u64 = 24 * 3_600;

pub(super) fn load(lookup: &Lookup) -> Result<RecordingPolicy, Invalid> {
    Ok(RecordingPolicy {
        terminals: lookup.parse_with("record_terminals", "off", |text| {
            [RecordedTerminals::Off, RecordedTerminals::Labelled, RecordedTerminals::All]
                .into_iter()
                .find(|which| which.as_str() == text)
                .ok_or_else(|| "write off, labelled or all".to_owned())
        })?,
        input: lookup.parse_with("record_input", "off", |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err("write on or off".to_owned()),
        })?,
        limit: lookup.parse_with("recording_mib", "64", |text| match text.parse() {
            Ok(mib @ 1..=MOST_MIB) => Ok(u64::from(mib) << 20),
            _ => Err(format!("write a number of MiB from 1 to {MOST_MIB}")),
        })?,
        kept: lookup.parse_with("recordings_days", "30", |text| match text.parse() {
            Ok(days @ 1..=MOST_DAYS) => Ok(Duration::from_secs(u64::from(days) * DAY)),
            _ => Err(format!("write a number of days from 1 to {MOST_DAYS}")),
        })?,
    })
}

pub(super) fn print(out: &mut impl io::Write, policy: &RecordingPolicy) -> io::Result<()> {
    let RecordingPolicy { terminals, input, limit, kept } = policy;
    writeln!(out, "record_terminals = {}", terminals.as_str())?;
    writeln!(out, "record_input = {}", if *input { "on" } else { "off" })?;
    writeln!(out, "recording_mib = {}", limit >> 20)?;
    writeln!(out, "recordings_days = {}", kept.as_secs() / DAY)
}
