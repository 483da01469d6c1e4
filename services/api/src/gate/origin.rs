use std::net::SocketAddr;

use actix_web::http::header::{self, HeaderMap};

use crate::{ApiError, PublicUrl};

/// The web origins from which the product's own pages come.
#[derive(Debug, Clone)]
pub(crate) struct Origins(Vec<String>);

impl Origins {
    /// The public URL's origin; where only this machine can connect, the names that people use for it
    /// as well.
    pub(crate) fn new(public_url: &PublicUrl, listening: SocketAddr) -> Self {
        let mut origins = vec![public_url.origin()];
        if listening.ip().is_loopback() {
            let port = listening.port();
            let suffix = if port == 80 { String::new() } else { format!(":{port}") };
            origins.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("http://{host}{suffix}")));
        }
        Self(origins)
    }

    /// Refuses a request that another site's page makes. One without `Origin` comes from a program or
    /// from our own page's plain fetch, and then browsers say where it came from in `Sec-Fetch-Site`.
    ///
    /// Browsers send `Origin` with every upgrade, so one is `required` with a ticket, which only a page
    /// of ours can have; programs send a bearer token instead.
    pub(crate) fn check(&self, headers: &HeaderMap, required: bool) -> Result<(), ApiError> {
        match headers.get(header::ORIGIN) {
            Some(origin) => {
                let allowed = |origin: &str| self.0.iter().any(|allowed| allowed == origin);
                if origin.to_str().is_ok_and(allowed) { Ok(()) } else { Err(ApiError::ForeignOrigin) }
            }
            None if required => Err(ApiError::ForeignOrigin),
            None => match headers.get("sec-fetch-site").map(header::HeaderValue::as_bytes) {
                None | Some(b"same-origin" | b"none") => Ok(()),
                Some(_) => Err(ApiError::ForeignOrigin),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn origins() -> Origins {
        let url = "https://docker.example.org".parse().expect("valid");
        Origins::new(&url, "127.0.0.1:8080".parse().expect("an address"))
    }

    fn checked(pairs: &[(&'static str, &'static str)], required: bool) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        origins().check(&headers, required).is_ok()
    }

    #[test]
    fn only_exact_origins_pass() {
        for good in ["https://docker.example.org", "http://localhost:8080", "http://127.0.0.1:8080"] {
            assert!(checked(&[("origin", good)], true), "{good}");
        }
        for bad in [
            "null",
            "",
            "https://docker.example.org.evil.example",
            "https://docker.example.org:8443",
            "http://docker.example.org",
            "http://localhost",
            "http://localhost:80800",
        ] {
            assert!(!checked(&[("origin", bad)], true), "{bad}");
            assert!(!checked(&[("origin", bad)], false), "{bad}");
        }
    }

    #[test]
    fn without_an_origin_programs_pass_and_other_sites_do_not() {
        assert!(!checked(&[], true));
        assert!(checked(&[], false));
        assert!(checked(&[("sec-fetch-site", "same-origin")], false));
        assert!(!checked(&[("sec-fetch-site", "cross-site")], false));
        assert!(!checked(&[("sec-fetch-site", "same-site")], false));
    }

    #[test]
    fn a_public_listener_allows_no_loopback_names() {
        let url = "https://docker.example.org".parse().expect("valid");
        let origins = Origins::new(&url, "0.0.0.0:8080".parse().expect("an address"));
        assert_eq!(origins.0, ["https://docker.example.org"]);
    }
}
