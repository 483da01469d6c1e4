//! The log on Apache Kafka.

mod address;
mod context;
mod producer;
mod source;
mod topics;

pub use address::{InvalidKafkaAddress, KafkaAddress};
pub use producer::KafkaLog;
pub use source::KafkaSource;
pub use topics::TopicError;
