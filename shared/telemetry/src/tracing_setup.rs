use std::io::IsTerminal;

use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, filter::Targets, fmt, layer::SubscriberExt, registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{
    otlp::{Export, Exporting},
    trace,
};

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

/// Why logging cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TracingError {
    /// The log level is not one.
    #[error(transparent)]
    Level(#[from] InvalidLevel),
    /// Nothing can be sent to the OTLP receiver.
    #[error("traces cannot be exported: {0}")]
    Export(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Whether [`init_tracing`] would take these directives.
///
/// # Errors
/// [`InvalidLevel`] when they cannot be parsed.
pub fn check_level(directives: &str) -> Result<(), InvalidLevel> {
    EnvFilter::try_new(directives).map(drop).map_err(|_| InvalidLevel)
}

/// Sends log lines to stderr from now on, and with `export` also traces and log records to a receiver. Keep what is
/// returned until the end of the process.
///
/// # Errors
/// [`TracingError`] when `directives` cannot be parsed, or nothing can be sent.
pub fn init_tracing(
    directives: &str,
    format: LogFormat,
    export: Option<&Export>,
) -> Result<Option<Exporting>, TracingError> {
    let filter = || EnvFilter::try_new(directives).map_err(|_| InvalidLevel);
    let exporting = export.map(Export::start).transpose()?;
    // A second call (in tests) keeps the first set-up.
    let _already_set = match &exporting {
        // One filter for all is the quickest: what is not logged is not looked at.
        None => tracing_subscriber::registry().with(filter()?).with(lines(format)).try_init(),
        Some(exporting) => {
            // Traces do not get thinner when fewer lines are logged, and what the exporter itself does is not exported.
            let ours = Targets::new().with_target("dockline", LevelFilter::INFO);
            let spans = tracing_opentelemetry::layer()
                .with_location(false)
                .with_threads(false)
                .with_target(false)
                .with_tracer(exporting.tracer())
                .with_filter(ours);
            let records = exporting
                .records()
                .with_filter(filter()?)
                .with_filter(Targets::new().with_target("dockline", LevelFilter::TRACE));
            let set = tracing_subscriber::registry()
                .with(lines(format).with_filter(filter()?))
                .with(spans)
                .with(records)
                .try_init();
            trace::exporting();
            set
        }
    };
    Ok(exporting)
}

fn lines<S: Subscriber + for<'a> LookupSpan<'a>>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync> {
    match format {
        LogFormat::Text => fmt::layer()
            .with_writer(std::io::stderr)
            // A file or a collector shows colours as rubbish.
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => fmt::layer().json().with_writer(std::io::stderr).boxed(),
    }
}
