use std::{fmt, str::FromStr};

use rdkafka::ClientConfig;
use secrecy::{ExposeSecret, SecretString};

/// Some brokers of a Kafka cluster, by which the others are found, and how to sign in there.
#[derive(Clone)]
pub struct KafkaAddress {
    brokers: Vec<String>,
    tls: Option<Tls>,
    sign_in: Option<SignIn>,
}

#[derive(Clone)]
struct Tls {
    /// In PEM; `None` for the authorities that the system trusts.
    authority: Option<String>,
}

#[derive(Clone)]
struct SignIn {
    user: String,
    password: SecretString,
}

/// What is wrong with a list of brokers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write host:9092 of some brokers, separated by commas, as in kafka-1:9092,kafka-2:9092,kafka-3:9092")]
pub struct InvalidKafkaAddress;

const USUAL_PORT: u16 = 9_092;

impl FromStr for KafkaAddress {
    type Err = InvalidKafkaAddress;

    fn from_str(text: &str) -> Result<Self, InvalidKafkaAddress> {
        let broker = |part: &str| {
            let part = part.trim();
            let (host, port) = match part.rsplit_once(':') {
                // The last colon of an IPv6 address is none of a port.
                Some((host, port)) if !port.contains(']') => {
                    (host, port.parse().map_err(|_| InvalidKafkaAddress)?)
                }
                _ => (part, USUAL_PORT),
            };
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let is_ipv6 = host.starts_with('[') && host.ends_with(']');
            let is_fine = !host.is_empty() && port > 0 && (is_ipv6 || host.chars().all(is_name));
            if is_fine { Ok(format!("{host}:{port}")) } else { Err(InvalidKafkaAddress) }
        };
        Ok(Self { brokers: text.split(',').map(broker).collect::<Result<_, _>>()?, tls: None, sign_in: None })
    }
}

impl KafkaAddress {
    /// Encrypts, and trusts the authority of this certificate (PEM), or those that the system trusts.
    #[must_use]
    pub fn encrypted(self, authority: Option<&str>) -> Self {
        Self { tls: Some(Tls { authority: authority.map(str::to_owned) }), ..self }
    }

    /// Signs in with a password, by SCRAM-SHA-512, which does not show it.
    #[must_use]
    pub fn signed_in(self, user: &str, password: SecretString) -> Self {
        Self { sign_in: Some(SignIn { user: user.to_owned(), password }), ..self }
    }

    /// How many brokers are named.
    pub(super) fn named(&self) -> usize {
        self.brokers.len()
    }

    /// What every client of ours has in common.
    pub(super) fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.brokers.join(","));
        config.set("client.id", "dockline");
        // A broker that is back is used soon.
        config.set("reconnect.backoff.max.ms", "1000");
        config.set("socket.connection.setup.timeout.ms", "5000");
        config.set("socket.keepalive.enable", "true");
        let protocol = match (&self.tls, &self.sign_in) {
            (None, None) => "plaintext",
            (Some(_), None) => "ssl",
            (None, Some(_)) => "sasl_plaintext",
            (Some(_), Some(_)) => "sasl_ssl",
        };
        config.set("security.protocol", protocol);
        if let Some(Tls { authority: Some(authority) }) = &self.tls {
            config.set("ssl.ca.pem", authority);
        }
        if let Some(sign_in) = &self.sign_in {
            config.set("sasl.mechanisms", "SCRAM-SHA-512");
            config.set("sasl.username", &sign_in.user);
            config.set("sasl.password", sign_in.password.expose_secret());
        }
        config
    }
}

impl fmt::Display for KafkaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.brokers.join(","))
    }
}

impl fmt::Debug for KafkaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KafkaAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_brokers_are_parsed_and_shown_without_secrets() {
        let address: KafkaAddress = "a:1, kafka-2.example ,[::1]:3,[::1]".parse().expect("valid");
        assert_eq!(address.to_string(), "a:1,kafka-2.example:9092,[::1]:3,[::1]:9092");
        let secret = address.signed_in("dockline", "hunter2".to_owned().into()).encrypted(None);
        assert!(!format!("{secret:?} {secret}").contains("hunter2"));
        for bad in ["", "a,", "a:b", "a:0", "a:70000", "kafka://a:1", "a b:1", ":9092"] {
            assert_eq!(bad.parse::<KafkaAddress>().map(drop), Err(InvalidKafkaAddress), "{bad}");
        }
    }
}
