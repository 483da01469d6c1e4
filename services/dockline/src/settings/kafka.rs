//! How Kafka is reached. Without brokers there is none, and then the other settings must not be there either.

use dockline_eventlog::kafka::KafkaAddress;

use super::{Invalid, lookup::Lookup};

/// What makes no sense without brokers.
const FURTHER: [&str; 4] = ["kafka_tls", "kafka_ca", "kafka_user", "kafka_password"];

pub(super) fn load(lookup: &Lookup) -> Result<Option<KafkaAddress>, Invalid> {
    let Some(brokers) = lookup.find("kafka_brokers")? else {
        for key in FURTHER {
            if let Some(found) = lookup.find(key)? {
                return Err(Invalid(format!(
                    "{} is set, but DOCKLINE_KAFKA_BROKERS is not: set it too, as in kafka-1:9092,kafka-2:9092",
                    found.origin
                )));
            }
        }
        return Ok(None);
    };
    let mut address: KafkaAddress = brokers
        .value
        .parse()
        .map_err(|error: dockline_eventlog::kafka::InvalidKafkaAddress| brokers.wrong(&error.to_string()))?;
    let authority = lookup.find("kafka_ca")?;
    let is_encrypted =
        lookup.parse_with("kafka_tls", if authority.is_some() { "on" } else { "off" }, switch)?;
    match (&authority, is_encrypted) {
        (Some(authority), false) => {
            return Err(Invalid(format!(
                "{} is set, but DOCKLINE_KAFKA_TLS is `off`: unset one of them",
                authority.origin
            )));
        }
        (_, true) => address = address.encrypted(authority.as_ref().map(|found| found.value.as_str())),
        (None, false) => {}
    }
    match (lookup.find("kafka_user")?, lookup.find("kafka_password")?) {
        (Some(user), Some(password)) => Ok(Some(address.signed_in(&user.value, password.value.into()))),
        (None, None) => Ok(Some(address)),
        // The password is a secret: it is not part of the message.
        (Some(found), None) | (None, Some(found)) => Err(Invalid(format!(
            "{} is set: DOCKLINE_KAFKA_USER and DOCKLINE_KAFKA_PASSWORD go together",
            found.origin
        ))),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}
