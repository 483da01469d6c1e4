use std::{net::SocketAddr, num::NonZeroU32, str::FromStr, time::Duration};

use dockline_persistence::BackupFolder;
use ipnet::IpNet;
use url::Url;

use crate::RecordingPolicy;

/// What the composition root decides about the API.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// Where people reach the product: decides allowed origins, cookie flags and links.
    pub public_url: PublicUrl,
    /// Proxies whose `X-Forwarded-For` is believed; nobody's by default.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that serve requests; as many as there are cores by default.
    pub workers: Option<usize>,
    /// The largest JSON body, in bytes.
    pub json_limit: usize,
    /// The largest tar of images that is imported, in bytes.
    pub image_import_limit: u64,
    /// The largest context of a build, in bytes.
    pub build_context_limit: u64,
    /// How much disk archives may take that are being checked, all together, in MiB.
    pub upload_disk_mib: u32,
    /// Where backups of volumes are; none without.
    pub backup_folder: Option<BackupFolder>,
    /// The most sockets of one user, in the whole cluster.
    pub sockets_per_user: u32,
    /// The most viewers of one container, in the whole cluster.
    pub viewers_per_container: u32,
    /// How long a list waits for one host.
    pub host_deadline: Duration,
    /// How long a list waits for a host whose engine did not answer its last ping.
    pub unresponsive_deadline: Duration,
    /// How often somebody may try to sign in.
    pub sign_in: SignInLimits,
    /// Which terminals are recorded.
    pub recording: RecordingPolicy,
    /// How long to go on accepting after `/readyz` has turned to 503, so that a load balancer notices.
    pub drain_delay: Duration,
    /// How long what is under way may take when the server stops.
    pub stop_deadline: Duration,
}

impl ApiConfig {
    /// The defaults, for a public address.
    #[must_use]
    pub fn new(public_url: PublicUrl) -> Self {
        Self {
            public_url,
            trusted_proxies: Vec::new(),
            workers: None,
            json_limit: 64 << 10,
            image_import_limit: 32 << 30,
            build_context_limit: 256 << 20,
            upload_disk_mib: 16 << 10,
            backup_folder: None,
            sockets_per_user: 10,
            viewers_per_container: 50,
            host_deadline: Duration::from_secs(3),
            unresponsive_deadline: Duration::from_millis(150),
            sign_in: SignInLimits::default(),
            recording: RecordingPolicy::default(),
            drain_delay: Duration::ZERO,
            stop_deadline: Duration::from_secs(10),
        }
    }
}

/// How often somebody may try to sign in: a burst, then one more each time that `refill` has passed.
#[derive(Debug, Clone, Copy)]
pub struct SignInLimits {
    /// Attempts at once for one account.
    pub account_burst: NonZeroU32,
    /// Time after which an account gets one more.
    pub account_refill: Duration,
    /// Attempts at once from one address.
    pub address_burst: NonZeroU32,
    /// Time after which an address gets one more.
    pub address_refill: Duration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            account_burst: const { NonZeroU32::new(10).unwrap() },
            account_refill: Duration::from_secs(30),
            address_burst: const { NonZeroU32::new(30).unwrap() },
            address_refill: Duration::from_secs(2),
        }
    }
}

/// The address under which people reach the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// The text is no such address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the public URL must be http:// or https:// with a host and no path, user or query, for example https://docker.example.org"
)]
pub struct InvalidPublicUrl;

impl PublicUrl {
    /// The address of a listener, for when none is configured.
    #[must_use]
    pub fn of_listener(address: SocketAddr) -> Self {
        let host = if address.ip().is_unspecified() { "localhost".to_owned() } else { host_text(address) };
        #[expect(clippy::expect_used, reason = "a socket address is always a valid authority")]
        Self(Url::parse(&format!("http://{host}:{}", address.port())).expect("a valid URL"))
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The origin as browsers send it.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let url = Url::parse(text).map_err(|_| InvalidPublicUrl)?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if plain { Ok(Self(url)) } else { Err(InvalidPublicUrl) }
    }
}

impl std::fmt::Display for PublicUrl {
    /// Without a slash at the end, so that a path can follow.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// The address of a listener as it stands in a URL.
fn host_text(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls() {
        let url: PublicUrl = "https://Docker.example.org:443".parse().expect("valid");
        assert_eq!(url.origin(), "https://docker.example.org");
        assert_eq!(url.to_string(), "https://docker.example.org");
        assert!(url.is_https());
        for bad in
            ["", "docker.example.org", "ftp://x", "https://u:p@x", "https://x/path", "https://x/?a", "null"]
        {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad:?}");
        }
        let listener = PublicUrl::of_listener("0.0.0.0:8080".parse().expect("an address"));
        assert_eq!(listener.to_string(), "http://localhost:8080");
        let listener = PublicUrl::of_listener("[::1]:80".parse().expect("an address"));
        assert_eq!(listener.origin(), "http://[::1]");
    }
}
