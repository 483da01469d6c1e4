//! Labels that mean something to Dockline.

/// Of containers whose terminals are recorded, where that is set so; its value is `true`.
pub const RECORD_LABEL: &str = "io.dockline.record";

/// Whether a label is one that Dockline gives, and nobody else may: what it marks is treated as its own.
#[must_use]
pub fn is_own_label(key: &str) -> bool {
    key.starts_with("io.dockline.") && key != RECORD_LABEL
}
