use std::{fmt, str::FromStr};

use redis::Client;

use crate::ConnectError;

/// Where Redis is: one server, or some nodes of a cluster separated by commas.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress {
    urls: Vec<url::Url>,
}

/// What is wrong with an address; without the address, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write redis://host:6379, with user and password as in redis://user:password@host:6379; nodes of a cluster are separated by commas"
)]
pub struct InvalidRedisAddress;

impl FromStr for RedisAddress {
    type Err = InvalidRedisAddress;

    fn from_str(text: &str) -> Result<Self, InvalidRedisAddress> {
        let parse = |part: &str| {
            let url: url::Url = part.trim().parse().map_err(|_| InvalidRedisAddress)?;
            let is_fine = url.scheme() == "redis" && url.has_host();
            if is_fine { Ok(url) } else { Err(InvalidRedisAddress) }
        };
        let urls = text.split(',').map(parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { urls })
    }
}

impl RedisAddress {
    /// Each node's URL, with its password.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        self.urls.iter().map(url::Url::as_str)
    }

    pub(crate) fn first_client(&self) -> Result<Client, ConnectError> {
        Client::open(self.urls[0].as_str()).map_err(|error| ConnectError::of(self, &error))
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
        for bad in ["", "localhost:6379", "http://x", "redis://", "redis://a,", "rediss://a"] {
            assert_eq!(bad.parse::<RedisAddress>(), Err(InvalidRedisAddress), "{bad}");
        }
    }
}
