//! From what somebody wants to what is stored.

use dockline_contract::rest::ScheduledTask;
use dockline_domain::{HostId, VolumeName};
use dockline_jobs::{InvalidTiming, Task, Timing};

use crate::{ApiError, extract::Fields, rest::system::require_kind};

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// A schedule's name.
pub(super) fn name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err("write 1 to 100 characters") }
}

/// When a schedule runs; what is wrong is noted at its field.
pub(super) fn timing(fields: &mut Fields, cron: &str, zone: &str) -> Option<Timing> {
    let parsed = Timing::new(cron, zone);
    let field = match &parsed {
        Err(InvalidTiming::Zone(_)) => "timezone",
        _ => "cron",
    };
    fields.check(field, parsed)
}

/// What a schedule has done; what is wrong is noted at its field.
pub(super) fn task(fields: &mut Fields, wanted: &ScheduledTask) -> Option<Task> {
    match wanted {
        ScheduledTask::SystemPrune(wanted) => {
            let host = fields.check("task.host", wanted.host.parse::<HostId>());
            let what = match require_kind(wanted.what) {
                Ok(()) => Some(wanted.what),
                Err(ApiError::InvalidFields(wrong)) => {
                    for one in wrong {
                        fields.check::<(), _>(&format!("task.{}", one.field), Err(one.message));
                    }
                    None
                }
                Err(error) => fields.check("task", Err(error)),
            };
            Some(Task::SystemPrune { host: host?, what: what? })
        }
        ScheduledTask::VolumeBackup(wanted) => {
            let host = fields.check("task.host", wanted.host.parse::<HostId>());
            let volume = fields.check("task.volume", wanted.volume.parse::<VolumeName>());
            let keep = match wanted.keep {
                keep @ 1..=1_000 => Ok(keep),
                _ => Err("write a number from 1 to 1,000"),
            };
            let keep = fields.check("task.keep", keep);
            Some(Task::VolumeBackup { host: host?, volume: volume?, keep: keep? })
        }
        ScheduledTask::ImageUpdateCheck(wanted) => {
            let host = wanted.host.as_deref().map(str::parse::<HostId>);
            let is_wrong = matches!(host, Some(Err(_)));
            let host = fields.check_optional("task.host", host);
            (!is_wrong).then_some(Task::ImageUpdateCheck { host })
        }
    }
}
