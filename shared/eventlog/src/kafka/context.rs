use std::sync::Arc;

use parking_lot::Mutex;
use rdkafka::{
    ClientContext, config::RDKafkaLogLevel, consumer::ConsumerContext, error::KafkaError,
    types::RDKafkaErrorCode,
};
use tracing::{debug, info, warn};

/// What librdkafka says beside its answers. It repeats itself while a broker is away: only changes are told.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    trouble: Arc<Mutex<Option<String>>>,
}

impl Context {
    /// What is in the way, as it said last.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    /// Something worked.
    pub(super) fn clear(&self) {
        if let Some(trouble) = self.trouble.lock().take() {
            info!(trouble, "Kafka answers again");
        }
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        debug!(?level, facility, message, "librdkafka");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // A single broker that is away is no trouble as long as another answers.
        let is_trouble = matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::AllBrokersDown
                    | RDKafkaErrorCode::Authentication
                    | RDKafkaErrorCode::SaslAuthenticationFailed
                    | RDKafkaErrorCode::SSL
                    | RDKafkaErrorCode::Fatal
            )
        );
        if !is_trouble {
            debug!(%error, reason, "librdkafka");
            return;
        }
        if self.trouble.lock().replace(reason.to_owned()).is_none() {
            warn!(reason, "Kafka does not answer; trying again until it does");
        }
    }
}

impl ConsumerContext for Context {}
