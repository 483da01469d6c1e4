use std::time::Duration;

use dockline_docker::{Condition, HealthSaid};

use super::Pace;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Open,
    Bad(String),
}

/// Whether the new one is well, after it was watched for so long.
pub(super) fn judge(is: &Condition, watched: Duration, pace: Pace) -> Verdict {
    if is.restarting || is.restarts > 0 {
        return Verdict::Bad(format!(
            "the new container ended and is started again and again (exit code {})",
            is.exit_code
        ));
    }
    if !is.running {
        let error = if is.error.is_empty() { String::new() } else { format!(": {}", is.error) };
        return Verdict::Bad(format!("the new container ended with exit code {}{error}", is.exit_code));
    }
    match is.health {
        Some(HealthSaid::Healthy) => Verdict::Good,
        Some(HealthSaid::Unhealthy) => Verdict::Bad("the new container is not healthy".to_owned()),
        Some(HealthSaid::Starting) if watched > is.health_within + pace.grace => {
            Verdict::Bad(format!("the new container was not healthy after {} s", watched.as_secs()))
        }
        None if watched >= pace.settled => Verdict::Good,
        Some(HealthSaid::Starting) | None => Verdict::Open,
    }
}
