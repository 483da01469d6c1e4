//! Traces and log records by OTLP over HTTP, to whatever receives them.

use std::{str::FromStr, sync::Arc, time::Duration};

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{ExporterBuildError, LogExporter, Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    logs::SdkLoggerProvider,
    trace::{Sampler, SdkTracer, SdkTracerProvider},
};
use url::Url;

/// A receiver that does not answer must not keep a process from ending.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// One request to the receiver.
const REQUEST: Duration = Duration::from_secs(5);

/// Where an OTLP/HTTP receiver listens; `/v1/traces` and `/v1/logs` are under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpEndpoint(Url);

/// The text is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write the address of an OTLP receiver over HTTP, as in http://collector:4318, without user or query"
)]
pub struct InvalidEndpoint;

impl FromStr for OtlpEndpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let url = Url::parse(text).map_err(|_| InvalidEndpoint)?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if plain { Ok(Self(url)) } else { Err(InvalidEndpoint) }
    }
}

impl std::fmt::Display for OtlpEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl OtlpEndpoint {
    fn signal(&self, name: &str) -> String {
        format!("{}/v1/{name}", self.0.as_str().trim_end_matches('/'))
    }
}

/// What is sent, and where.
#[derive(Debug, Clone)]
pub struct Export {
    /// The receiver.
    pub endpoint: OtlpEndpoint,
    /// Which part of the product this process is, as in `api`.
    pub role: &'static str,
    /// The share of traces begun here that is sent, from 0 to 1. Of a trace that came from outside, its begin decided.
    pub sample_ratio: f64,
}

/// Sends until it is dropped, and then what is left.
#[derive(Debug, Clone)]
pub struct Exporting(Arc<Providers>);

#[derive(Debug)]
struct Providers {
    traces: SdkTracerProvider,
    logs: SdkLoggerProvider,
}

impl Export {
    pub(crate) fn start(&self) -> Result<Exporting, ExporterBuildError> {
        let resource = Resource::builder()
            .with_service_name("dockline")
            .with_attributes([
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
                KeyValue::new("dockline.role", self.role),
            ])
            .build();
        let spans = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(self.endpoint.signal("traces"))
            .with_timeout(REQUEST)
            .build()?;
        let records = LogExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(self.endpoint.signal("logs"))
            .with_timeout(REQUEST)
            .build()?;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(self.sample_ratio)));
        Ok(Exporting(Arc::new(Providers {
            traces: SdkTracerProvider::builder()
                .with_batch_exporter(spans)
                .with_sampler(sampler)
                .with_resource(resource.clone())
                .build(),
            logs: SdkLoggerProvider::builder().with_batch_exporter(records).with_resource(resource).build(),
        })))
    }
}

impl Exporting {
    pub(crate) fn tracer(&self) -> SdkTracer {
        self.0.traces.tracer("dockline")
    }

    pub(crate) fn records(
        &self,
    ) -> OpenTelemetryTracingBridge<SdkLoggerProvider, opentelemetry_sdk::logs::SdkLogger> {
        OpenTelemetryTracingBridge::new(&self.0.logs)
    }
}

impl Drop for Providers {
    fn drop(&mut self) {
        // A receiver that is not there has been complained about already.
        let _traces = self.traces.shutdown_with_timeout(LAST_WORDS);
        let _logs = self.logs.shutdown_with_timeout(LAST_WORDS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (text, traces) in [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("http://collector:4318/", "http://collector:4318/v1/traces"),
            ("https://example.org/otlp/", "https://example.org/otlp/v1/traces"),
        ] {
            let endpoint: OtlpEndpoint = text.parse().expect("valid");
            assert_eq!(endpoint.signal("traces"), traces);
        }
        for bad in
            ["", "collector:4318", "grpc://collector:4317", "http://u:p@c", "http://c?token=1", "http://"]
        {
            assert_eq!(bad.parse::<OtlpEndpoint>(), Err(InvalidEndpoint), "{bad:?}");
        }
    }
}
