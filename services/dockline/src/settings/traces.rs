//! Where traces are sent, and how many of them.

use dockline_telemetry::OtlpEndpoint;

use super::{Invalid, lookup::Lookup};

/// Traces and log records for a receiver.
#[derive(Debug, Clone)]
pub(crate) struct Traces {
    pub(crate) endpoint: OtlpEndpoint,
    /// From 0 to 1.
    pub(crate) sample_ratio: f64,
}

pub(super) fn load(lookup: &Lookup) -> Result<Option<Traces>, Invalid> {
    let sample_ratio = lookup.parse_with("trace_sample_ratio", "1", |text| match text.parse::<f64>() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err("write a share from 0 to 1, as in 0.1".to_owned()),
    })?;
    let endpoint = lookup.parse_optional("otlp_endpoint")?;
    if endpoint.is_none()
        && let Some(found) = lookup.find("trace_sample_ratio")?
    {
        return Err(Invalid(format!("{} is set, but DOCKLINE_OTLP_ENDPOINT is not", found.origin)));
    }
    Ok(endpoint.map(|endpoint| Traces { endpoint, sample_ratio }))
}
