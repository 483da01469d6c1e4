use std::{fmt, str::FromStr};

use redis::{Client, RedisResult, TlsCertificates};

use crate::ConnectError;

/// Where Redis is: one server, or some nodes of a cluster separated by commas.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress {
    urls: Vec<url::Url>,
    /// In PEM; `None` for the authorities that the system trusts.
    authority: Option<Vec<u8>>,
}

/// What is wrong with an address; without the address, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write redis://host:6379, or rediss://host:6379 for TLS, with user and password as in redis://user:password@host:6379; nodes of a cluster are separated by commas and all of one kind"
)]
pub struct InvalidRedisAddress;

impl FromStr for RedisAddress {
    type Err = InvalidRedisAddress;

    fn from_str(text: &str) -> Result<Self, InvalidRedisAddress> {
        let parse = |part: &str| {
            let url: url::Url = part.trim().parse().map_err(|_| InvalidRedisAddress)?;
            let is_fine = matches!(url.scheme(), "redis" | "rediss") && url.has_host();
            if is_fine { Ok(url) } else { Err(InvalidRedisAddress) }
        };
        let urls = text.split(',').map(parse).collect::<Result<Vec<_>, _>>()?;
        if urls.iter().any(|url| url.scheme() != urls[0].scheme()) {
            return Err(InvalidRedisAddress);
        }
        Ok(Self { urls, authority: None })
    }
}

impl RedisAddress {
    /// Trusts the authority of this certificate (PEM) instead of those that the system trusts.
    #[must_use]
    pub fn trusting(self, authority: Option<&str>) -> Self {
        Self { authority: authority.map(|pem| pem.as_bytes().to_vec()), ..self }
    }

    /// Whether connections are encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.urls[0].scheme() == "rediss"
    }

    /// As it was written, but for user, password and database.
    #[must_use]
    pub fn without_password(&self) -> String {
        format!("{}://{self}", self.urls[0].scheme())
    }

    /// Each node's URL, with its password.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        self.urls.iter().map(url::Url::as_str)
    }

    /// What servers must prove; `None` without TLS.
    pub(crate) fn certificates(&self) -> Option<TlsCertificates> {
        self.is_tls().then(|| TlsCertificates { client_tls: None, root_cert: self.authority.clone() })
    }

    pub(crate) fn client(&self, url: &str) -> RedisResult<Client> {
        match self.certificates() {
            Some(certificates) => {
                // The redis crate takes the process's provider of cryptography; an error means that there is one.
                let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
                Client::build_with_tls(url, certificates)
            }
            None => Client::open(url),
        }
    }

    pub(crate) fn first_client(&self) -> Result<Client, ConnectError> {
        self.client(self.urls[0].as_str()).map_err(|error| ConnectError::of(self, &error))
    }
}

/// Hosts and ports only: a password stays out of messages and logs.
impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, url) in self.urls.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator}{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(6379))?;
        }
        Ok(())
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed_and_shown_without_their_passwords() {
        let one: RedisAddress = "redis://u:hunter2@r.example:7000/2".parse().expect("valid");
        assert_eq!(one.to_string(), "r.example:7000");
        assert!(!format!("{one:?}").contains("hunter2"));
        let three: RedisAddress = "redis://a,redis://b:1, redis://[::1]:2".parse().expect("valid");
        assert_eq!(three.to_string(), "a:6379,b:1,[::1]:2");
        let encrypted: RedisAddress = "rediss://a,rediss://b:1".parse().expect("valid");
        assert!(encrypted.is_tls() && !three.is_tls());
        for bad in ["", "localhost:6379", "http://x", "redis://", "redis://a,", "rediss://a,redis://b"] {
            assert_eq!(bad.parse::<RedisAddress>(), Err(InvalidRedisAddress), "{bad}");
        }
    }
}
