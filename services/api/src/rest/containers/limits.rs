use dockline_contract::rest::{RestartName, RestartRule};
use dockline_docker::Limits;

use crate::extract::Fields;

/// The least memory that an engine gives to a container, in bytes.
const LEAST_MEMORY: u64 = 6 << 20;
/// Billionths of a CPU.
const NANOS: f64 = 1e9;
/// The most CPUs that are believed.
const MOST_CPUS: f64 = 65_536.0;

/// What a container may use. Whether 0 processes stand for no limit is `unlimited_pids`.
pub(super) fn limits(
    fields: &mut Fields,
    memory_bytes: Option<u64>,
    cpus: Option<f64>,
    pids: Option<u64>,
    unlimited_pids: bool,
) -> Limits {
    let memory = memory_bytes.map(|bytes| match bytes {
        LEAST_MEMORY.. => Ok(bytes),
        _ => Err("must be 6 MiB (6291456 bytes) or more"),
    });
    let cpus = cpus.map(|cpus| match cpus {
        cpus if (0.001..=MOST_CPUS).contains(&cpus) =>
        {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
            Ok((cpus * NANOS).round() as u64)
        }
        _ => Err("must be 0.001 or more, and a number of CPUs that a host may have"),
    });
    let pids = pids.map(|pids| if pids > 0 || unlimited_pids { Ok(pids) } else { Err("must be 1 or more") });
    Limits {
        memory_bytes: fields.check_optional("memory_bytes", memory),
        nano_cpus: fields.check_optional("cpus", cpus),
        pids: fields.check_optional("pids_limit", pids),
    }
}

/// When it is started again.
pub(super) fn restart(fields: &mut Fields, rule: RestartRule) -> Option<RestartRule> {
    let counts = rule.name == RestartName::OnFailure || rule.maximum_retry_count == 0;
    let checked = if counts { Ok(rule) } else { Err("is for on-failure only") };
    fields.check("restart_policy.maximum_retry_count", checked)
}
