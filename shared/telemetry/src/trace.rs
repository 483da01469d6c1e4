//! Traces that go from one process to the next, as the `traceparent` of W3C's Trace Context.
//!
//! Everything here is nothing while traces are not exported.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use opentelemetry::{propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The name of the header.
pub const TRACEPARENT: &str = "traceparent";

static IS_EXPORTING: AtomicBool = AtomicBool::new(false);

pub(crate) fn exporting() {
    IS_EXPORTING.store(true, Ordering::Relaxed);
}

/// Whether this process exports traces: otherwise nobody needs to prepare what only they need.
#[must_use]
pub fn is_exporting() -> bool {
    IS_EXPORTING.load(Ordering::Relaxed)
}

/// What the next process needs to go on with a span's trace; `None` when the trace is not exported.
#[must_use]
pub fn parent_of(span: &Span) -> Option<String> {
    if !is_exporting() {
        return None;
    }
    let context = span.context();
    if !context.span().span_context().is_sampled() {
        return None;
    }
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Whether this `traceparent` is of a trace that is exported.
#[must_use]
pub fn is_sampled(trace_parent: &str) -> bool {
    context_of(trace_parent).span().span_context().is_sampled()
}

/// Makes a new span go on with the trace that another process began. What is no `traceparent` changes nothing.
pub fn go_on(span: &Span, trace_parent: &str) {
    if !is_exporting() {
        return;
    }
    let context = context_of(trace_parent);
    if context.span().span_context().is_valid() {
        // Fails for a span that nobody exports.
        let _exported = span.set_parent(context);
    }
}

fn context_of(trace_parent: &str) -> opentelemetry::Context {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), trace_parent.to_owned())]);
    TraceContextPropagator::new().extract_with_context(&opentelemetry::Context::new(), &carrier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_well_formed_and_sampled_counts() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        assert!(is_sampled(&format!("00-{id}-b7ad6b7169203331-01")));
        for not in [
            String::new(),
            "x".repeat(10_000),
            format!("00-{id}-b7ad6b7169203331-00"),
            format!("00-{id}-0000000000000000-01"),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01".to_owned(),
            format!("ff-{id}-b7ad6b7169203331-01"),
        ] {
            assert!(!is_sampled(&not), "{not:.60}");
        }
    }

    #[test]
    fn without_export_there_is_no_parent() {
        assert_eq!(parent_of(&tracing::info_span!("a span")), None);
    }
}
