//! Our own clock, in the engine's units.

use std::time::{SystemTime, UNIX_EPOCH};

use dockline_domain::Timestamp;

/// This machine's time. An engine elsewhere may count differently: only for what is compared with itself, or where the
/// engine's clock is known to be the same.
pub(crate) fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(now.as_nanos()).unwrap_or(i64::MAX))
}
