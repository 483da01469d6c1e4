use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// What a log level setting may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a log level such as info, or one per module as in info,dockline_streamer=debug")]
pub struct InvalidLevel;

/// Whether [`init_tracing`] would take these directives.
///
/// # Errors
/// [`InvalidLevel`] when they cannot be parsed.
pub fn check_level(directives: &str) -> Result<(), InvalidLevel> {
    EnvFilter::try_new(directives).map(drop).map_err(|_| InvalidLevel)
}

/// Sends log lines to stderr from now on.
///
/// # Errors
/// [`InvalidLevel`] when `directives` cannot be parsed.
pub fn init_tracing(directives: &str, format: LogFormat) -> Result<(), InvalidLevel> {
    let filter = EnvFilter::try_new(directives).map_err(|_| InvalidLevel)?;
    let registry = tracing_subscriber::registry().with(filter);
    // A second call (in tests) keeps the first set-up.
    let _already_set = match format {
        LogFormat::Text => {
            registry.with(fmt::layer().with_writer(std::io::stderr).with_target(false)).try_init()
        }
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
    };
    Ok(())
}
